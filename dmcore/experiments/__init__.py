"""Tables and figures of the paper as experiments: one module each, a frozen configuration and its results."""
