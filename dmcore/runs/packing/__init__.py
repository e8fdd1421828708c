"""Packed runs: copies of finished runs to look at, small enough to ship, without what continues them."""
