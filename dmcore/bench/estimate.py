"""Estimate of a job before it begins: speeds that are recorded, scaled or measured for a moment."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from dmcore.bench.pieces import measure_pieces, shares_iteration
from dmcore.data.images import DataSet
from dmcore.execution.cost import DataShape, Workload
from dmcore.execution.job_timer import JobTimer
from dmcore.execution.machine import FIRST_SAMPLE, MachineLoad, machine_name, usable_cores
from dmcore.execution.peak_memory import peak_memory
from dmcore.execution.plan import Plan
from dmcore.execution.speed_record import SpeedRecord, operations_of
from dmcore.files.atomic import StorageError

MOST_MEASURED = 8
"""Pieces that are measured for one job; the others are scaled from them."""

MEASURED_FROM = 5.0
"""Seconds, as far as known, from which a job on the command line is worth a measurement before it."""


def complete_speeds(
    workload: Workload,
    speeds: SpeedRecord,
    device: str = "auto",
    threads: int | None = None,
    keep_going: Callable[[], bool] = lambda: True,
) -> Iterator[None]:
    """Give every piece of a job a speed; yields between two measurements.

    A piece is scaled where a similar one was measured, else measured. What is not measured, because the
    machine computes something or there are too many, is scaled from another network.

    Args:
        workload: the job.
        speeds: the record, which is completed.
        device: as for `make_plan`.
        threads: as for `make_plan`.
        keep_going: whether the machine is free for a measurement; where it is not, and nothing of a kind was
            measured before, speeds stay missing.

    Raises:
        ValueError: this machine refuses a piece, or no network fits the images.
    """
    some_possible = any(map(operations_of, workload.pieces))
    for _ in range(MOST_MEASURED):
        missing = []
        for piece in speeds.missing(workload):
            if speeds.has_similar(piece) or (some_possible and not operations_of(piece)):
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
    if speeds.covers(workload):
        for piece in speeds.missing(workload):
            speeds.scale(piece)


def start_timer(
    workload: Workload, plan: Plan, cache: Path, threads: int | None = None, done: float = 0.0
) -> JobTimer:
    """Estimate a job that is about to begin, and start its timer.

    Where nothing similar was measured before, it is if the job is a long one.

    Args:
        workload: all of the job.
        plan: of the job.
        cache: the cache root, which has the record.
        threads: processor cores to use, as the plan was made for; if None, all that this process may use.
        done: share that was done before.
    """
    used = usable_cores(threads) if plan.device == "cpu" else 1
    speeds = known_speeds(workload, plan, cache, threads)
    timer = JobTimer(workload, speeds, MachineLoad(first=FIRST_SAMPLE), used, done=done)
    timer.estimate = replace(timer.estimate, memory=peak_memory(workload, used))
    return timer


def known_speeds(workload: Workload, plan: Plan, cache: Path, threads: int | None = None) -> SpeedRecord:
    """Record of speeds; what a long job has that is like nothing in it is measured, and scaled on failure.

    Arguments as of `start_timer`.
    """
    used = usable_cores(threads) if plan.device == "cpu" else 1
    speeds = SpeedRecord(cache, machine_name(plan.device, used))
    if speeds.expected_seconds(workload) > MEASURED_FROM:
        with suppress(ValueError, RuntimeError, MemoryError):  # what is refused, the job itself says best
            for _ in complete_speeds(workload, speeds, plan.device, threads):
                pass
    return speeds


def data_shape_of(dataset: DataSet) -> DataShape:
    """What the cost depends on of a loaded data set."""
    return DataShape(
        dataset.shape,
        len(dataset.class_names),
        len(dataset.train),
        len(dataset.test),
        min(map(len, dataset.train.by_class)),
        dataset.flip_keeps_label,
    )
