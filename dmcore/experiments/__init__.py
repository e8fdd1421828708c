"""Tables and figures of the paper as experiments: one file each, a frozen configuration and its results."""
