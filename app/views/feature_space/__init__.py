"""The Feature space page: figure 3 of the paper as a live map of real and synthetic features."""
