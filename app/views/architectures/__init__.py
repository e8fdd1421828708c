"""Architectures page: the paper's table 3."""
