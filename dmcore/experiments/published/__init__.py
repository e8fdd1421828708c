"""Published numbers of this method and others, their experiments and how ours differ."""
