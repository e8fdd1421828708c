"""glibc malloc tuning (mallopt): retain freed memory instead of returning it to the system.

An iteration frees and allocates the same megabytes again. By default glibc returns them to the system in
between, and every page that comes back is a page fault: measured on small images, a third of an iteration.
"""

import ctypes
import sys
from functools import cache

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h
RETAINED_BYTES = 512 * 2**20
"""Free memory that the allocator retains, per arena (M_TRIM_THRESHOLD)."""
LARGEST_RETAINED = 32 * 2**20
"""Larger blocks are returned at once (M_MMAP_THRESHOLD): glibc allows no more."""


@cache
def retain_freed_memory() -> bool:
    """Make glibc retain freed memory, once per process; returns whether it does. No effect elsewhere."""
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):  # another C library
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, LARGEST_RETAINED) and mallopt(_M_TRIM_THRESHOLD, RETAINED_BYTES))
