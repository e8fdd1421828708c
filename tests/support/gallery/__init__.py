"""Galleries for tests: one that is computed in seconds, one with made-up results."""
