"""Estimate of a job before it begins: speeds that are recorded, scaled or measured for a moment."""

from collections.abc import Callable, Iterator
from contextlib import suppress

from dmcore.bench.pieces import measure_pieces, shares_iteration
from dmcore.execution.cost import Workload
from dmcore.execution.speed_record import SpeedRecord
from dmcore.files.atomic import StorageError

MOST_MEASURED = 8
"""Pieces that are measured for one job; the others are scaled from them."""


def complete_speeds(
    work: Workload,
    speeds: SpeedRecord,
    device: str = "auto",
    threads: int | None = None,
    keep_going: Callable[[], bool] = lambda: True,
) -> Iterator[None]:
    """Give every piece of a job a speed; yields between two measurements.

    A piece is scaled where a similar one was measured, else measured. What is not measured, because the
    machine computes something or there are too many, is scaled from another network.

    Args:
        work: the job.
        speeds: the record, which is completed.
        device: as for `make_plan`.
        threads: as for `make_plan`.
        keep_going: whether the machine is free for a measurement; where it is not, and nothing of a kind was
            measured before, speeds stay missing.

    Raises:
        ValueError: this machine refuses a piece, or a network does not fit the images.
    """
    for _ in range(MOST_MEASURED):
        missing = []
        for piece in speeds.missing(work):
            if speeds.has_similar(piece):
                speeds.scale(piece)
            else:
                missing.append(piece)
        if not missing or not keep_going():
            break
        first = missing[0]
        together = [first, *(piece for piece in missing if shares_iteration(first, piece))][:2]
        for measured in measure_pieces(together, device, threads, keep_going):
            with suppress(StorageError):  # it is known all the same, until this process ends
                speeds.add(measured)
        yield
    if speeds.covers(work):
        for piece in speeds.missing(work):
            speeds.scale(piece)
