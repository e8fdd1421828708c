"""The Runs page: every run on disk."""
