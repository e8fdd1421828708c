"""Runs page: every run on disk."""
