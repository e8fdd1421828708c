"""Cost of a job on this machine before it is started: what a page says beside the button that starts it.

Speeds that nobody has measured yet are measured while no job is computed: a measurement never delays one, it
is given up when one comes and repeated when that is done.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass

from app.answers.question import Look, Progress, Question
from app.data.dataset_cache import DATASETS
from app.data.folders import data_root, dataset_entry
from app.jobs.manager import get_manager, is_computing
from app.jobs.page_answers import get_page_answers
from app.jobs.speeds import machine_load, record_of, threads_of
from dmcore.execution.cost import DataShape, Estimate, Workload
from dmcore.execution.speed_record import SpeedRecord

MAX_WIDTH = 1024
"""Wider networks are not timed: a mistyped width could take all memory."""

TIMES = {"1 min": 60.0, "5 min": 300.0, "15 min": 900.0, "1 h": 3600.0}
"""Seconds that a person can give instead of sizes, by their label."""


@dataclass(frozen=True)
class Speeds:
    """Speeds of the pieces of a job, which finished jobs keep correcting, and the memory that it takes."""

    record: SpeedRecord
    threads: int
    memory: int
    """Bytes of the whole process at its peak."""

    def estimate(self, workload: Workload, present: int = 0, parts: int = 0, part: str = "cell") -> Estimate:
        """What a job of these pieces costs now, with the load of the machine in the last minutes.

        Args:
            workload: what is still to be done.
            present: parts of the job, such as cells of a table, that are there already.
            parts: all parts.
            part: what a part is called.
        """
        quiet = self.record.scaled_seconds(workload)
        return Estimate(quiet * self.slowdown, quiet, self.memory, self.slowdown, present, parts, part)

    @property
    def slowdown(self) -> float:
        """Factor by which other programs slow a job down, on average over the last minutes."""
        return machine_load().average_slowdown(self.threads)


@dataclass(frozen=True)
class SpeedQuestion(Question[Speeds]):
    """Question for the speeds of the pieces of a job, by what they depend on."""

    workload: Workload
    """Each piece once: more of them need no new measurement."""
    priority = 3
    forget_seconds = math.inf
    retry_seconds = math.inf

    @property
    def after_job(self) -> bool:
        """Whether something has to be measured first, because nothing of its kind ever was."""
        manager = get_manager.existing()
        if manager is None or manager.device is None:
            return True
        return not record_of(manager.device[0]).covers(self.workload)

    def answer(self) -> Generator[Progress, None, Speeds]:
        """Measure what is missing, again if a job came meanwhile.

        Raises:
            ValueError: this machine refuses the job; starting it shows the reason.
        """
        from dmcore.bench.estimate import complete_speeds
        from dmcore.execution.peak_memory import peak_memory
        from dmcore.execution.plan import choose_device

        manager = get_manager()
        device = manager.device[0] if manager.device is not None else str(choose_device()[0])
        speeds = record_of(device)
        try:
            while speeds.missing(self.workload):
                yield Progress("measuring")
                for _ in complete_speeds(self.workload, speeds, device, None, lambda: not is_computing()):
                    yield Progress("measuring")
            threads = threads_of(device)
            return Speeds(speeds, threads, peak_memory(self.workload, threads))
        except (RuntimeError, MemoryError) as error:
            raise ValueError(str(error)) from error

    def answered(self) -> None:
        """Let pages look again."""
        if (manager := get_manager.existing()) is not None:
            manager.notify()


def job_speeds(workload: Workload) -> Look[Speeds]:
    """Look at the speeds of the pieces of a job; what is not known is measured."""
    if not workload.counts or any(piece.network.width > MAX_WIDTH for piece in workload.pieces):
        return Look()
    counts = tuple((piece, 1.0) for piece in workload.pieces)
    return get_page_answers().ask(SpeedQuestion(Workload(counts, workload.data_bytes)))


def job_estimate(workload: Workload, present: int = 0, parts: int = 0, part: str = "cell") -> Look[Estimate]:
    """Look at the cost of a job at full speed; see `Speeds.estimate`."""
    return job_speeds(workload).then(lambda speeds: Look(speeds.estimate(workload, present, parts, part)))


def cost_sentence(look: Look[Estimate]) -> str:
    """What a job costs, in a sentence; empty where nothing can be said, because it is refused or unknown."""
    if look.pending:
        return f"Takes {pending_text()}."
    return "" if look.value is None else f"Takes {look.value.text}."


def cost_suffix(look: Look[Estimate]) -> str:
    """Time of a job behind the label of its button: ', about 4 min'; empty while it is not known."""
    return f", {look.value.time_text}" if look.value is not None else ""


def measured_speeds(look: Look[Speeds]) -> Speeds:
    """Speeds that a choice of sizes rests on.

    Raises:
        ValueError: they could not be measured, or are not measured yet.
    """
    if look.failure is not None:
        raise ValueError(look.failure.sentence)
    if look.value is None:
        raise ValueError("the speed of this machine is being measured: choose the time again in a moment")
    return look.value


def pending_text() -> str:
    """What is said while a cost is being measured."""
    return f"… being measured {'once nothing else is running' if get_manager().busy else 'now'}"


def data_shape(dataset: str) -> DataShape | None:
    """What the cost depends on of a named data set, or of a folder or zip in memory; None for others."""
    entry = dataset_entry(dataset)
    if entry is None:
        known = DATASETS.known(dataset, data_root())
        if known is None:
            return None
        from dmcore.bench.estimate import data_shape_of

        return data_shape_of(known)
    return DataShape(entry.shape, entry.classes, entry.train_count, entry.test_count)


def workers_here() -> int:
    """Networks that are trained side by side on the device of this process."""
    manager = get_manager.existing()
    return threads_of(manager.device[0] if manager is not None and manager.device is not None else "cpu")
