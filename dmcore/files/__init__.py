"""Atomic writes, tensor files with checksums, and the cache folder."""
