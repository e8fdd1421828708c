"""Recomputed updates of a run: all values between the images before a step and those after it."""
