"""Scatter plot of real (cloud) and synthetic (stars) features, figure 3, with its JavaScript."""
