"""Timer of a table: sets of another shape, sets made again, and what is there already."""

from pathlib import Path

import pytest

from dmcore.config import NetworkSpec
from dmcore.execution.cost import DataShape
from dmcore.execution.job_timer import JobTimer
from dmcore.execution.machine import LoadSample, MachineLoad
from dmcore.execution.speed_record import SpeedRecord
from dmcore.experiments.presets import DataFacts
from dmcore.experiments.results import CellResult, NetworkResult, Results
from dmcore.experiments.runner import CellTraining, CellUpdate
from dmcore.experiments.sets import SetProgress
from dmcore.experiments.table import Table
from dmcore.experiments.table1 import Table1Config
from dmcore.experiments.table_cost import TableTimer, table_cost
from dmcore.training.result_cache import TrainingEpoch

FACTS = DataFacts("digits", "Digits", (1, 8, 8), 1437)
DATA = DataShape((1, 8, 8), 10, 1437, 360, smallest=139)
CONFIG = Table1Config(dataset="digits", methods=("random", "herding", "dm"), images_per_class=(1, 10))
QUIET = MachineLoad(lambda: LoadSample(0.0, 0.0, 0.0, 0.0), cores=2)


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def timer_of(results: Results, data: DataShape, speeds: SpeedRecord, clock: Clock) -> TableTimer:
    return TableTimer(results, data, 2, lambda work: JobTimer(work, speeds, QUIET, 2, clock))


def results_of(table: Table, networks: int | None = None) -> dict[int, CellResult]:
    """Results of every cell, of all its networks or of so many."""
    return {
        index: CellResult(
            digest="d",
            run="r",
            images=10,
            network_results=tuple(
                NetworkResult(repeat=repeat, accuracy=50.0) for repeat in range(networks or cell.repeats)
            ),
        )
        for index, cell in enumerate(table.cells)
    }


def learned_cell(table: Table) -> int:
    return next(index for index, cell in enumerate(table.cells) if cell.recipe.method == "dm")


def test_sizes_that_a_class_is_too_small_for_are_not_timed(tmp_path: Path) -> None:
    few = DataShape((1, 8, 8), 10, 100, 50, smallest=5)  # 10 per class are left out of the condensation
    table = CONFIG.table(FACTS)
    timer = timer_of(Results(table=table, cell_results={}), few, SpeedRecord(tmp_path, "here"), Clock())
    learned = learned_cell(table)
    timer.take(SetProgress("condensing", 0.5, cells=(learned,)))
    half = timer.timer.fraction
    timer.take(CellTraining(learned, TrainingEpoch(NetworkSpec(), 0, 0, 10, None)))
    assert 0 < half < timer.timer.fraction < 1


def test_set_whose_run_was_deleted_is_made_again(tmp_path: Path) -> None:
    table = CONFIG.table(FACTS)
    results = Results(table=table, cell_results=results_of(table, networks=1))
    timer = timer_of(results, DATA, SpeedRecord(tmp_path, "here"), Clock())
    timer.take(SetProgress("condensing", 0.5, cells=(learned_cell(table),)))
    assert 0 <= timer.timer.fraction <= 1


def test_steps_after_the_first_of_a_set_take_no_time(tmp_path: Path) -> None:
    table = CONFIG.table(FACTS)
    timer = timer_of(Results(table=table, cell_results={}), DATA, SpeedRecord(tmp_path, "here"), Clock())
    selected = next(index for index, cell in enumerate(table.cells) if cell.recipe.method == "herding")
    timer.take(SetProgress("choosing 1 per class", 0.0, cells=(selected,)))  # its network was trained before
    timer.take(SetProgress("choosing 10 per class", 0.5, cells=(selected,)))
    assert timer.timer.fraction == 0


def test_cached_networks_do_not_make_the_record_faster(tmp_path: Path) -> None:
    config = CONFIG.model_copy(update={"methods": ("random",), "images_per_class": (1,), "seeds": 2})
    table, clock, speeds = config.table(FACTS), Clock(), SpeedRecord(tmp_path, "here")
    empty, results = Results(table=table, cell_results={}), results_of(table)
    workload = table_cost(empty, DATA, 2).workload
    speeds.add(dict.fromkeys(workload.pieces, 0.01))
    timer = timer_of(empty, DATA, speeds, clock)
    cached = Results(table=table, cell_results={index: results[index] for index in list(results)[:-1]})
    timer.take(CellUpdate(0, cached, fresh=False))
    clock.now = timer.timer.seconds_of(workload) / len(table.cells)  # as its networks were predicted
    timer.take(CellUpdate(1, Results(table=table, cell_results=results), fresh=True))
    assert timer.timer.fraction == pytest.approx(1)
    timer.close()
    for piece in workload.pieces:
        assert speeds.piece_seconds(piece) == pytest.approx(0.01, rel=0.15)
