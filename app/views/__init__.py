"""One folder a page: what it chooses, shows and says."""
