"""Schedule of the online evaluation: what is trained next follows from stored images and results."""

from pathlib import Path

from support.small_runs import TINY, record_run

from dmcore.config import EvaluateConfig, SetChange
from dmcore.config.protocols import QUICK, whole_set_protocol
from dmcore.runs.description import ResultKind, StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.training_schedule import (
    EvaluationSchedule,
    ScheduledTraining,
    farthest_point,
    planned_points,
)

REAL_IMAGES = 1437


def recorded(root: Path) -> RunFolder:
    sets = (SetChange(init="real"), SetChange(init="noise"), SetChange(images_per_class=1))
    return record_run(root, TINY.model_copy(update={"sets": sets}))


def result(
    name: str, kind: ResultKind, iteration: int = 0, protocol: EvaluateConfig = QUICK, n: int = 2
) -> StoredResult:
    return StoredResult(
        set=name,
        iteration=iteration,
        network="convnet",
        mean=50.0,
        std=1.0,
        n=n,
        accuracies=(50.0,) * n,
        protocol=protocol,
        kind=kind,
        created="",
    )


def trainings(batch: tuple[ScheduledTraining, ...]) -> list[tuple[str, str, int]]:
    return [(training.set, training.kind, training.iteration) for training in batch]


def test_a_point_then_random_real_images_of_each_size_and_never_the_last_images(tmp_path: Path) -> None:
    run = recorded(tmp_path)
    real, noise, single = run.set_names
    schedule = EvaluationSchedule(run, (), fewest=100, real=REAL_IMAGES)
    first = schedule.next_batch()
    assert trainings(first) == [(name, "condensed", 1) for name in (real, noise, single)]
    for training in first:
        schedule.mark_done(training)
    random = schedule.next_batch()
    assert trainings(random) == [(real, "random_real", 0), (single, "random_real", 0)]
    for training in random:
        schedule.mark_done(training)
    assert schedule.next_batch() == (), "the last images are the end's"
    assert trainings(schedule.end()) == [(name, "condensed", 4) for name in (real, noise, single)]
    assert trainings(schedule.all_real()) == [(real, "all_real", 0)]
    schedule.mark_done(schedule.all_real()[0])
    assert schedule.all_real() == ()
    assert EvaluationSchedule(run, (), fewest=1, real=60_000).all_real() == ()


def test_what_is_stored_is_not_trained_again(tmp_path: Path) -> None:
    run = recorded(tmp_path)
    real, noise, single = run.set_names
    stored = [
        result(real, "condensed", 4),
        result(noise, "random_real"),  # of the size of the first set
        result(single, "condensed", 4, n=1),  # one of two networks
        result(single, "random_real", protocol=EvaluateConfig(epochs=500)),
        result(noise, "all_real", protocol=whole_set_protocol(QUICK)),
    ]
    schedule = EvaluationSchedule(run, stored, fewest=100, real=REAL_IMAGES)
    assert trainings(schedule.end()) == [
        (noise, "condensed", 4),
        (single, "condensed", 4),
        (single, "random_real", 0),
    ]
    assert schedule.all_real() == ()
    too_few = EvaluationSchedule(run, (), fewest=1, real=REAL_IMAGES)
    assert (real, "random_real", 0) not in trainings(too_few.end())


def test_real_images_are_done_at_whichever_iteration_they_were_compared(tmp_path: Path) -> None:
    run = recorded(tmp_path)
    real, _, single = run.set_names
    stored = [result(real, "random_real", 4), result(single, "random_real", 3)]
    schedule = EvaluationSchedule(run, stored, fewest=100, real=REAL_IMAGES)
    assert {training.kind for training in schedule.end()} == {"condensed"}


def test_the_points_of_a_curve_are_planned_by_the_length_of_the_run() -> None:
    every = range(20_001)
    assert planned_points(20_000, every) == (1, 10, 50, 100, 500, 1000, 5000, 10_000)
    assert planned_points(1000, range(1001)) == (1, 10, 50, 100, 500)
    assert planned_points(120, range(121)) == (1, 10, 50), "100 is too near the end"
    assert planned_points(4, range(5)) == (1,)
    assert planned_points(1000, range(60)) == (1, 10, 50), "what is stored by now is the start of the same"
    stored = [0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1000]
    assert planned_points(1000, stored) == (1, 15, 63, 127, 511)
    assert planned_points(1000, ()) == ()


def test_the_next_point_is_the_farthest_from_those_tested_in_log_time() -> None:
    planned = [1, 10, 50, 100, 500]
    assert farthest_point(planned, []) == 500
    assert farthest_point(planned, [500]) == 1
    assert farthest_point(planned, [1, 500]) == 10
    assert farthest_point(planned, planned) is None
    assert farthest_point(planned, [0, 500]) == 10, "a start tested by an older version counts as 1"


def test_a_resumed_run_ends_a_point_that_not_all_sets_have_before_it_begins_another(tmp_path: Path) -> None:
    run = recorded(tmp_path)
    real, noise, single = run.set_names
    schedule = EvaluationSchedule(run, [result(real, "condensed", 1)], fewest=100, real=REAL_IMAGES)
    assert trainings(schedule.next_batch()) == [(noise, "condensed", 1), (single, "condensed", 1)]
