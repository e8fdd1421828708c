"""Files: atomic writes, tensor files with checksums, the cache folder."""
