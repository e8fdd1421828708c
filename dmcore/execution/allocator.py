"""The C library's memory allocator, told to keep what it has.

An iteration frees and asks again for the same megabytes. By default glibc gives them back to the system in
between, and every page that returns is a fault: measured on small images, a third of an iteration.
"""

import ctypes
import sys
from functools import cache

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h
RETAINED_BYTES = 512 * 2**20
"""Free memory that the allocator keeps at hand, per arena."""
LARGEST_RETAINED = 32 * 2**20
"""Larger blocks go back to the system at once: glibc allows no more."""


@cache
def retain_freed_memory() -> bool:
    """Ask glibc, once per process, to keep freed memory; whether it will. Elsewhere nothing happens."""
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):  # another C library
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, LARGEST_RETAINED) and mallopt(_M_TRIM_THRESHOLD, RETAINED_BYTES))
