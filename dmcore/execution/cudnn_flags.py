"""Precision and repeatable kernels on a GPU: flags that torch keeps per process, not per thread.

A run and a look at one of its iterations may compute at the same time in two threads; the one that ends first
must not take the flags away from the other.
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
    """Fixed convolution kernels, until the last of those inside has left; then as it was.

    Args:
        tf32: whether convolutions may round to 10 bits; who comes first decides for all inside.
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
