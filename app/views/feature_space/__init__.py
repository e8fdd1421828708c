"""The Feature space page: figure 3 as a live overlay of real and synthetic features."""
