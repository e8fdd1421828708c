"""Layouts in which other methods' condensed sets are published, and what is done to read them."""
