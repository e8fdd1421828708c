"""Deterministic cuDNN kernels and TF32: flags that torch keeps per process, held by a reference count.

A run and the recomputation of one of its iterations may compute at the same time in two threads; the one that
ends first must not reset the flags of the other.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch

_lock = threading.Lock()
_holders = 0
_flags = ExitStack()


@contextmanager
def deterministic_kernels(tf32: bool = False) -> Iterator[None]:
    """Context manager for deterministic convolution kernels; the last user to leave restores the flags.

    Args:
        tf32: whether convolutions may round to TF32 (10 bits); the first user decides for all inside.
    """
    global _holders
    with _lock:
        _holders += 1
        if _holders == 1:
            _flags.enter_context(
                torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=tf32)
            )
    try:
        yield
    finally:
        with _lock:
            _holders -= 1
            if _holders == 0:
                _flags.close()
