"""The rule that decides which run a table's recipe takes: whole configuration, and the data where known."""

from pathlib import Path

import pytest

from dmcore.config import CondenseConfig
from dmcore.data.load import load_dataset
from dmcore.execution.plan import make_plan
from dmcore.experiments.matching_runs import PlannedRun, find_condensed, is_requested_run
from dmcore.runs.creation import create_run

REQUESTED = CondenseConfig(dataset="digits", images_per_class=1, width=8, real_batch=8, iterations=2)


@pytest.mark.parametrize("changes", [{"width": 16}, {"iterations": 3}, {"seed": 1}])
def test_a_planned_run_of_another_configuration_is_not_the_requested_one(changes: dict[str, int]) -> None:
    assert is_requested_run(REQUESTED, PlannedRun(REQUESTED), "digest")
    assert not is_requested_run(REQUESTED, PlannedRun(REQUESTED.model_copy(update=changes)), "digest")


def test_a_resumed_run_counts_for_its_own_data_only() -> None:
    resumed = PlannedRun(REQUESTED, "digest")
    assert is_requested_run(REQUESTED, resumed, "digest")
    assert is_requested_run(REQUESTED, resumed)  # the table's data are not known
    assert not is_requested_run(REQUESTED, resumed, "other")


def test_a_run_of_the_same_set_up_on_other_data_is_not_the_requested_one(tmp_path: Path) -> None:
    digits = load_dataset("digits")
    plan = make_plan(REQUESTED, digits.shape, len(digits.class_names), "cpu", 1)
    run = create_run(tmp_path, REQUESTED, digits, plan, "")
    assert is_requested_run(REQUESTED, run, digits.train_digest)
    assert is_requested_run(REQUESTED, run)
    assert not is_requested_run(REQUESTED, run, "other")
    assert not is_requested_run(REQUESTED.model_copy(update={"width": 16}), run, digits.train_digest)
    match = find_condensed(REQUESTED, digits.train_digest, tmp_path)
    assert match is not None
    assert match.id == run.id
    assert find_condensed(REQUESTED, "other", tmp_path) is None
