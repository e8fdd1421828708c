"""Files: atomic writes, tensor files with checksums, messages between processes, the cache folder."""
