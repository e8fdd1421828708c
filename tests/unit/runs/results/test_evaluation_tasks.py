"""Tasks of a run's evaluation: each training data once, its share of the cost, and the progress."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.small_runs import TINY, record_run

from dmcore.bench.estimate import data_shape_of, start_timer
from dmcore.config import EvaluateConfig, SetChange
from dmcore.config.protocols import whole_set_protocol
from dmcore.data.load import load_dataset
from dmcore.execution.cost import total_workload
from dmcore.execution.plan import evaluation_plan
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.accuracy_curves import accuracy_curves
from dmcore.runs.results.evaluation_tasks import (
    evaluate_tasks,
    evaluation_tasks,
    missing_tasks,
    planned_evaluation,
    representative_set,
)

SIZES = TINY.model_copy(
    update={
        "iterations": 1,
        "sets": (SetChange(init="real"), SetChange(init="noise"), SetChange(images_per_class=1)),
    }
)
PROTOCOL = EvaluateConfig(repeats=2, epochs=80, networks=("convnet", "mlp"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return record_run(tmp_path_factory.mktemp("runs"), SIZES)


def test_each_training_data_is_trained_on_once(run: RunFolder) -> None:
    real, noise, single = run.set_names
    tasks = evaluation_tasks(run, PROTOCOL)
    assert [(task.set, task.kind) for task in tasks] == [
        (real, "condensed"),
        (noise, "condensed"),
        (single, "condensed"),
        (real, "condensed"),  # the real images that it started from
        (single, "condensed"),
        (real, "random_real"),  # both sets of two images per class are compared with it
        (single, "random_real"),
        (real, "all_real"),
    ]
    assert [task.iteration for task in tasks if task.kind == "condensed"] == [None, None, None, 0, 0]
    assert {task.config for task in tasks[:-1]} == {PROTOCOL}
    assert tasks[-1].config == whole_set_protocol(PROTOCOL) != PROTOCOL
    data = run.description.data.data_shape
    assert [task.images(data) for task in tasks] == [20, 20, 10, 20, 10, 20, 10, data.train]
    assert representative_set(run, "of-another-run", "random_real") == "of-another-run"


def test_the_cost_is_known_before_there_is_a_run(run: RunFolder) -> None:
    data, config = run.description.data.data_shape, run.config
    assert config is not None
    tasks = total_workload(task.workload(data, 2) for task in evaluation_tasks(run, PROTOCOL))
    assert dict(planned_evaluation(config, PROTOCOL, data, 2).counts) == pytest.approx(dict(tasks.counts))
    without = replace(data, smallest=1)
    fewer = planned_evaluation(config, PROTOCOL, without, 2)
    assert sum(count for _, count in fewer.counts) < sum(count for _, count in tasks.counts)


def test_kinds_are_those_that_are_chosen_else_all_real_images_only_where_they_are_few(run: RunFolder) -> None:
    assert {task.kind for task in evaluation_tasks(run, PROTOCOL, ("all_real",))} == {"all_real"}
    many = run.description.model_copy(
        update={"data": run.description.data.model_copy(update={"train_count": 50_000})}
    )
    large = RunFolder(run.path)
    large.__dict__["description"] = many
    assert {task.kind for task in evaluation_tasks(large, PROTOCOL)} == {"condensed", "random_real"}


def test_the_progress_counts_networks_and_epochs_and_ends_with_all_results_stored(
    tmp_path: Path,
) -> None:
    run, dataset, plan = record_run(tmp_path, SIZES), load_dataset("digits"), evaluation_plan("cpu", 1)
    tasks = evaluation_tasks(run, EvaluateConfig(repeats=2, epochs=2), ("condensed", "random_real"))
    workload = total_workload(task.workload(data_shape_of(dataset), plan.workers) for task in tasks)
    progress = list(evaluate_tasks(tasks, dataset, plan, start_timer(workload, plan, tmp_path / "cache", 1)))
    fractions = [each.fraction for each in progress]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)
    assert list(dict.fromkeys((each.set, each.kind, each.of_start) for each in progress)) == [
        (task.set, task.kind, task.of_start) for task in tasks
    ]
    assert {(each.repeat, each.repeats, each.epochs) for each in progress} == {(1, 2, 2), (2, 2, 2)}
    assert {each.epoch for each in progress} == {0, 1, 2}
    assert [result.n for result in run.results()] == [2] * len(tasks)
    assert accuracy_curves(run, run.results()).count == 0  # of another protocol
    results = run.results()
    assert missing_tasks(tasks, results, 1) == ()
    start = next(result for result in results if result.kind == "condensed" and not result.iteration)
    others = [result for result in results if result is not start]
    (missing,) = missing_tasks(tasks, others, 1)
    assert (missing.set, missing.of_start) == (start.set, True)
    random = [result for result in results if result.kind == "random_real"]
    assert [result.draws for result in random] == [2, 2], "each network on a draw of its own"
    one_draw = [result.model_copy(update={"draws": 1}) for result in random]
    assert {task.kind for task in missing_tasks(tasks, [*others, start, *one_draw], 1)} == set()
    older = [result for result in results if result.kind == "condensed"] + one_draw
    assert {task.kind for task in missing_tasks(tasks, older, 1)} == {"random_real"}
