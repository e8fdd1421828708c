"""What NumPy and zipfile raise for a damaged .npz file: there is no common class."""

import struct
import zipfile
import zlib
from tokenize import TokenError

DAMAGED_NPZ = (
    *(ValueError, TypeError, LookupError, AttributeError, EOFError, OverflowError),
    *(RuntimeError, SyntaxError, struct.error, zipfile.BadZipFile, zlib.error, TokenError),
)
"""Exceptions of opening, listing and reading; `RuntimeError`: flags that claim encryption, or a method of
compression that is unknown. A bad offset is an `OSError`, as is a file that cannot be opened."""
