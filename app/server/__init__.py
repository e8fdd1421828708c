"""Server: the `dm-explorer` command that launches it, and the live endpoints that pages poll."""
