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
    middle_of_widest_gap,
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


def test_the_start_and_random_real_images_of_each_size_come_first_then_the_newest(tmp_path: Path) -> None:
    run = recorded(tmp_path)
    real, noise, single = run.set_names
    schedule = EvaluationSchedule(run, (), fewest=100, real=REAL_IMAGES)
    assert trainings(schedule.next_batch()) == [(name, "condensed", 0) for name in run.set_names]
    assert trainings(schedule.next_batch()) == [(real, "random_real", 0), (single, "random_real", 0)]
    newest = schedule.next_batch()
    assert trainings(newest) == [(name, "condensed", 4) for name in (real, noise, single)]
    for training in newest:
        schedule.mark_done(training)
    assert schedule.end() == EvaluationSchedule(run, (), 100, REAL_IMAGES).end()[-2:]
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


def test_the_next_point_but_one_fills_the_widest_gap_in_log_time() -> None:
    stored = [0, 1, 3, 7, 15, 31, 63, 127, 255, 400]
    assert middle_of_widest_gap(stored, [0, 255]) == 15
    assert middle_of_widest_gap(stored, [0, 15, 255]) == 3
    assert middle_of_widest_gap(stored, [255, 400]) is None  # near enough
    assert middle_of_widest_gap([0, 400], [0, 400]) is None
    assert middle_of_widest_gap(stored, []) is None
