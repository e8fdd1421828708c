"""Thread pool for independent parts of an iteration on the CPU, one torch thread each.

Threads inside one operation (intra-op) meet at a barrier after every loop, and a barrier waits for its
slowest thread: with a browser on the same cores that costs a multiple of the work. Parts meet once per
iteration.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import islice
from typing import Any, TypeVar

THREAD_NAME = "dmcore-worker"
"""How the names of the threads begin."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def parallel_map(function: Callable[[Item], Result], items: Iterable[Item], workers: int) -> list[Result]:
    """Map `function` over `items` in parallel threads; results in order, an exception is raised here.

    torch keeps the grad mode per thread, so `function` sets the one it needs. A nested call runs
    sequentially in its worker: in parallel it would deadlock.
    """
    if workers == 1 or getattr(_thread, "is_worker", False):
        return [function(item) for item in items]
    return list(_pool(workers).map(function, items))


def round_robin(generators: Iterable[Iterator[Item]], workers: int) -> Iterator[Item]:
    """Interleave several generators: up to `workers` of them advance in parallel, one value each per round.

    The order of the values does not depend on timing; when a generator ends the next one takes its place.
    """
    waiting = iter(generators)
    active = list(islice(waiting, workers))
    while active:
        values = parallel_map(lambda generator: next(generator, _ENDED), active, workers)
        yield from (value for value in values if value is not _ENDED)
        active = [generator for generator, value in zip(active, values, strict=True) if value is not _ENDED]
        active += islice(waiting, workers - len(active))


_ENDED: Any = object()
_thread = threading.local()


@cache  # a pool in use must not be replaced by one of another size
def _pool(workers: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(workers, THREAD_NAME, initializer=_init_worker)


def _init_worker() -> None:
    """Use one torch thread, whatever the process uses when the pool grows: the workers run in parallel."""
    import torch

    torch.set_num_threads(1)
    _thread.is_worker = True
