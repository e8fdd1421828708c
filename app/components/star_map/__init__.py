"""Scatter plot of real features as a still cloud and synthetic ones as stars (figure 3), with its JavaScript."""
