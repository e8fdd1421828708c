"""Runs and jobs that count for a row of table 3: those of its configuration and data, whatever the title."""

from collections import OrderedDict
from pathlib import Path

import pytest
from support.jobs import resume, start
from support.small_tables import DIGITS

from app.data.dataset_cache import DATASETS
from app.jobs.manager import JobManager
from app.views.architectures.row_runs import RowRun, queue_rows, row_runs
from dmcore.config import CondenseConfig
from dmcore.data.load import load_dataset
from dmcore.execution.plan import make_plan
from dmcore.experiments.presets import condensed_title
from dmcore.experiments.table3 import Table3Config
from dmcore.runs.creation import create_run

TABLE = Table3Config(
    **{"learners": ("convnet",), "testers": ("convnet",), "images_per_class": (1,)},
    **{"seeds": 1, "iterations": 2, "width": 8, "real_batch": 8},
).table(DIGITS)


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> JobManager:
    """A manager whose thread never starts: all its jobs stay queued."""
    monkeypatch.setattr(JobManager, "warm_up", lambda self: None)
    return JobManager(tmp_path / "runs")


def row_config() -> CondenseConfig:
    config = TABLE.cells[0].recipe.condense
    assert config is not None
    return config


def row_run(manager: JobManager) -> RowRun:
    (run,) = row_runs(manager, TABLE, DIGITS.title)["ConvNet"]
    return run


@pytest.mark.parametrize("changes", [{"width": 16}, {"iterations": 3}])
def test_a_queued_job_of_another_configuration_does_not_count(
    manager: JobManager, changes: dict[str, int]
) -> None:
    other = row_config().model_copy(update=changes)
    title = condensed_title(row_config(), DIGITS.title)
    assert condensed_title(other, DIGITS.title) == title  # a title does not tell them apart
    start(manager, other, title, queue=True)
    assert row_run(manager).state == "missing"
    start(manager, row_config(), "named by a person", queue=True)
    assert row_run(manager).state == "queued"


def test_a_run_on_other_data_does_not_count_nor_does_its_resumption(
    manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    digits, config = load_dataset("digits"), row_config()
    plan = make_plan(config, digits.shape, len(digits.class_names), "cpu", 1)
    run = create_run(manager.runs_root, config, digits, plan, "")
    for digest in ("", digits.train_digest):
        monkeypatch.setattr(manager, "data_digest", lambda name, digest=digest: digest)
        match = row_run(manager).run
        assert match is not None
        assert (match.id, row_run(manager).state) == (run.id, "interrupted")
    resume(manager, run.id, queue=True)
    assert row_run(manager).state == "queued"
    monkeypatch.setattr(manager, "data_digest", lambda name: "digest of other images")
    assert (row_run(manager).run, row_run(manager).state) == (None, "missing")


def test_a_row_of_dsa_has_a_run_of_its_own(manager: JobManager) -> None:
    config = Table3Config(learners=("convnet", "dsa"), testers=("convnet",), images_per_class=(1,), seeds=1)
    table = config.table(DIGITS)
    dm, dsa = (run for runs in row_runs(manager, table, DIGITS.title).values() for run in runs)
    assert (dm.config.method, dsa.config.method, dsa.state) == ("dm", "dsa", "missing")
    assert queue_rows(manager, table, DIGITS.title, "ConvNet by DSA") == 1
    states = {row: runs[0].state for row, runs in row_runs(manager, table, DIGITS.title).items()}
    assert states["ConvNet"] == "missing"
    assert states["ConvNet by DSA"] in ("queued", "running")


def test_the_digest_of_a_data_set_is_known_while_it_is_in_memory(
    manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DATASETS, "_opened", OrderedDict())
    assert manager.data_digest("digits") == ""
    manager._context.open("digits")
    assert manager.data_digest("digits") == load_dataset("digits").train_digest
