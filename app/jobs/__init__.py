"""The background thread: its job queue, its work, and the snapshots it publishes."""
