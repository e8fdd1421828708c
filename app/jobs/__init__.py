"""The background thread that computes (worker.py), its job queue, its work, and its published snapshots."""
