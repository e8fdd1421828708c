"""Independent pieces of an iteration side by side on the CPU, one torch thread each.

Threads inside one operation meet at a barrier after every loop, and a barrier waits for its slowest thread:
with a browser on the same cores that costs a multiple of the work. Pieces meet once per iteration.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import islice
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def parallel_map(function: Callable[[Item], Result], items: Iterable[Item], workers: int) -> list[Result]:
    """The results of `function` in the order of `items`; an exception in one of them is raised here.

    torch keeps the grad mode per thread, so `function` sets the one it needs. One of the workers gets no
    further workers: it would wait for threads that wait for it.
    """
    if workers == 1 or getattr(_thread, "is_worker", False):
        return [function(item) for item in items]
    return list(_pool(workers).map(function, items))


def round_robin(generators: Iterable[Iterator[Item]], workers: int) -> Iterator[Item]:
    """The values of several generators, up to `workers` of them advanced side by side, a value each a round.

    The order of the values does not depend on timing; when a generator ends the next one takes its place.
    """
    waiting = iter(generators)
    active = list(islice(waiting, workers))
    while active:
        values = parallel_map(lambda generator: next(generator, _ENDED), active, workers)
        yield from (value for value in values if value is not _ENDED)
        active = [one for one, value in zip(active, values, strict=True) if value is not _ENDED]
        active += islice(waiting, workers - len(active))


_ENDED: Any = object()
_thread = threading.local()


@cache  # a pool in use must not be dropped for one of another size
def _pool(workers: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(workers, "dmcore-piece", initializer=_one_torch_thread)


def _one_torch_thread() -> None:
    """Whatever the process's number is when the pool grows: pieces are what runs side by side."""
    import torch

    torch.set_num_threads(1)
    _thread.is_worker = True
