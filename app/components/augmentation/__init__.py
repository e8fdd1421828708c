"""Augmentation of both sides, alike or each for itself, and the distance of their means, in the browser."""
