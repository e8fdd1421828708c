"""Recording and resuming: a resumed run equals an unbroken one, bit for bit."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
import torch
from support.run_equality import assert_equal_runs, noise_floors

from dmcore.config import CondenseConfig, SetChange
from dmcore.data.images import DataSet
from dmcore.execution.divergence import DivergedError
from dmcore.execution.fused_network import VERSION
from dmcore.execution.plan import Plan
from dmcore.files.atomic import StorageError
from dmcore.runs import recorder
from dmcore.runs.checkpoint import checkpoint_file
from dmcore.runs.creation import create_run, extend_run
from dmcore.runs.description import Status
from dmcore.runs.folder import RunFolder
from dmcore.runs.recorder import record
from dmcore.runs.resume import find_resume_point
from dmcore.runs.snapshots import stored_iterations

SMALL = {
    "dataset": "digits",
    "width": 4,
    "depth": 2,
    "real_batch": 8,
    "images_per_class": 1,
    "iterations": 14,
}
PLAN = Plan(threads=1, channels_last=True, piece=40, classes_at_once=5)
CONFIGS = {
    "per-image norm": CondenseConfig(**SMALL),
    "batch norm": CondenseConfig(**SMALL, norm="batch"),
    "replay": CondenseConfig(**SMALL, replay=True, replay_keep=3, replay_every=3),
    "replay, batch norm": CondenseConfig(**SMALL, norm="batch", replay=True, replay_keep=3, replay_every=3),
    "three sets": CondenseConfig(
        **SMALL, sets=(SetChange(), SetChange(init="noise"), SetChange(images_per_class=2, image_lr=0.1))
    ),
}


def new_run(root: Path, digits: DataSet, config: CondenseConfig = CONFIGS["per-image norm"]) -> RunFolder:
    return create_run(
        root, config, digits, PLAN.model_copy(update={"classes_at_once": 10} if config.norm else {})
    )


def run_to(run: RunFolder, digits: DataSet, iteration: int) -> None:
    """Work on a run until an iteration, then close it as a person's Stop does."""
    steps = record(run, digits)
    for step in steps:
        if step.iteration == iteration:
            break
    steps.close()


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_resumed_run_equals_unbroken_run(tmp_path: Path, digits: DataSet, config: CondenseConfig) -> None:
    unbroken, broken = new_run(tmp_path, digits, config), new_run(tmp_path, digits, config)
    for _ in record(unbroken, digits):
        pass
    for stop in (0, 5, 11):
        run_to(broken, digits, stop)
        assert broken.status() is Status.INTERRUPTED
        assert broken.iteration() == stop
        assert broken.snapshots(broken.set_names[0])[-1] == stop, "the images of a stopped run can be seen"
    for _ in record(broken, digits):
        pass
    assert broken.status() is Status.FINISHED
    assert broken.notes() == []
    assert_equal_runs(unbroken, broken)


def test_steps_are_those_of_condense_and_are_all_recorded(tmp_path: Path, digits: DataSet) -> None:
    run = new_run(tmp_path, digits)
    losses = []
    for step in record(run, digits):
        assert run.status() is Status.RUNNING
        losses += [loss.numpy().copy() for loss in step.loss_by_class.values()]
    recorded = run.losses("real-1")
    assert recorded.iteration.tolist() == list(range(1, 15))
    np.testing.assert_array_equal(recorded.loss, np.stack(losses))
    assert (np.diff(recorded.seconds) >= 0).all()
    floors = noise_floors(run)
    assert list(floors) == [1, 2, 4, 8]
    assert min(min(distances) for distances in floors.values()) > 0
    assert run.snapshots("real-1") == list(range(15))
    assert stored_iterations(run.checkpoint_folder) == [14]
    result = run.result()
    assert result is not None
    assert result.images_per_second == pytest.approx(14 * 10 * 8 / result.seconds, rel=0.01)
    assert not (run.path / "owner.json").exists()


def test_finished_run_yields_nothing_until_more_is_asked_for(tmp_path: Path, digits: DataSet) -> None:
    unbroken = new_run(tmp_path, digits)
    short = new_run(tmp_path, digits, CONFIGS["per-image norm"].model_copy(update={"iterations": 6}))
    for run in (unbroken, short):
        for _ in record(run, digits):
            pass
    assert list(record(short, digits)) == []
    assert short.status() is Status.FINISHED
    longer = extend_run(short, 14)
    assert longer.status() is Status.INTERRUPTED
    assert [step.iteration for step in record(longer, digits)] == list(range(6, 15))
    assert_equal_runs(unbroken, longer)
    with pytest.raises(ValueError, match="ask for more"):
        extend_run(longer, 13)


def test_a_run_closed_at_its_last_step_is_finished(tmp_path: Path, digits: DataSet) -> None:
    run = new_run(tmp_path, digits)
    run_to(run, digits, 14)
    assert run.status() is Status.FINISHED


def test_a_continued_run_keeps_its_film(
    tmp_path: Path, digits: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dmcore.runs.snapshots.MOST_SNAPSHOTS", 8)
    run = new_run(tmp_path, digits)
    for _ in record(run, digits):
        pass
    assert len(run.snapshots("real-1")) == 7
    longer = extend_run(run, 60)
    for _ in itertools.islice(record(longer, digits), 3):
        pass
    assert 0 in longer.snapshots("real-1")
    assert len(longer.snapshots("real-1")) <= 8
    gaps = np.diff(np.log1p(longer.snapshots("real-1")))
    assert gaps.max() < 1.0


def test_not_a_number_stops_the_run_names_the_class_and_keeps_the_images(
    tmp_path: Path, digits: DataSet
) -> None:
    wild = SetChange(name="wild", image_lr=1e30)
    run = new_run(tmp_path, digits, CondenseConfig(**SMALL, sets=(SetChange(name="calm"), wild)))
    with pytest.raises(DivergedError, match=r"class '[0-9]' in set 'wild'"):
        for _ in record(run, digits):
            pass
    error = run.error()
    assert run.status() is Status.FAILED
    assert error is not None
    assert error.kind == "diverged"
    assert "lower image learning rate" in error.remedy
    last = run.snapshot("wild")
    assert f"images of iteration {last.iteration} are stored" in error.sentence
    assert last.iteration < error.iteration
    assert np.isfinite(last.pixels).all()
    assert np.isfinite(run.losses("wild").loss).all()


def test_loss_that_is_not_a_number_is_never_written(
    tmp_path: Path, digits: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = recorder.condense

    def poisoned(*arguments: object, **named: object) -> object:
        for step in steps(*arguments, **named):
            if step.iteration >= 9:
                step.loss_by_class["real-1"][4] = float("nan")
            yield step

    monkeypatch.setattr(recorder, "condense", poisoned)
    run = new_run(tmp_path, digits)
    with pytest.raises(
        DivergedError, match=r"loss of class '4' in set 'real-1' .* iteration 9, .* iteration 8"
    ):
        for _ in record(run, digits):
            pass
    assert run.losses("real-1").iteration.tolist() == list(range(1, 9))
    assert run.snapshots("real-1")[-1] == 8
    monkeypatch.setattr(recorder, "condense", steps)
    for _ in record(run, digits):
        pass
    assert run.status() is Status.FINISHED
    assert run.error() is None


def test_losses_are_fetched_at_display_rate_not_each_iteration(
    tmp_path: Path, digits: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched = []
    original = recorder._to_numpy
    monkeypatch.setattr(
        recorder, "_to_numpy", lambda values: fetched.append(values.shape) or original(values)
    )
    monkeypatch.setattr(recorder, "schedule_snapshots", lambda iterations, _bytes: (0, iterations))
    monkeypatch.setattr(recorder, "FLUSH_SECONDS", 60.0)
    run = new_run(tmp_path, digits)
    for _ in record(run, digits):
        pass
    assert [tuple(shape) for shape in fetched if len(shape) == 2] == [(14, 10)]
    assert len(run.losses("real-1").iteration) == 14


def test_exception_in_an_iteration_is_described_and_the_run_resumes(
    tmp_path: Path, digits: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_memory(*_arguments: object, **_named: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    run, unbroken = new_run(tmp_path, digits), new_run(tmp_path, digits)
    run_to(run, digits, 5)
    with monkeypatch.context() as patch:
        patch.setattr("dmcore.matching.match", out_of_memory)
        with pytest.raises(torch.OutOfMemoryError):
            for _ in record(run, digits):
                pass
    error = run.error()
    assert error is not None
    assert (error.kind, error.iteration, run.status()) == ("memory", 5, Status.FAILED)
    assert "--real-batch" in error.remedy
    for either in (run, unbroken):
        for _ in record(either, digits):
            pass
    assert_equal_runs(unbroken, run)


def test_changed_plan_is_named_on_the_run(tmp_path: Path, digits: DataSet) -> None:
    run = new_run(tmp_path, digits)
    run_to(run, digits, 5)
    for _ in record(run, digits, plan=PLAN.model_copy(update={"piece": 16})):
        pass
    (note,) = run.notes()
    assert note.iteration == 5
    assert "piece 16 instead of 40" in note.sentence
    assert RunFolder(run.path).description.plan == PLAN.model_copy(update={"piece": 16}).model_dump(
        mode="json"
    )


@pytest.mark.parametrize(
    "change",
    [{"device": "cuda:7"}, {"torch_version": "1.0"}, {"quick": 1}, {"later_field": 1}],
)
def test_plan_that_this_machine_cannot_honour_is_replaced_and_named(
    tmp_path: Path, digits: DataSet, change: dict[str, object]
) -> None:
    run = new_run(tmp_path, digits)
    run_to(run, digits, 5)
    stored = run.description.model_copy(update={"plan": {**run.description.plan, **change}})
    (run.path / "run.json").write_text(stored.model_dump_json())
    for _ in record(RunFolder(run.path), digits):
        pass
    assert run.status() is Status.FINISHED
    assert "execution plan changed" in run.notes()[0].sentence


def test_older_roundings_change_nothing_else_of_a_plan(tmp_path: Path, digits: DataSet) -> None:
    run = new_run(tmp_path, digits)
    run_to(run, digits, 5)
    assert run.description.plan is not None
    older = {**run.description.plan, "quick": 1, "threads": 1, "piece": 40}
    stored = run.description.model_copy(update={"plan": older})
    (run.path / "run.json").write_text(stored.model_dump_json())
    for _ in record(RunFolder(run.path), digits):
        pass
    (note,) = run.notes()
    assert f"quick {VERSION} instead of 1; from here" in note.sentence
    assert RunFolder(run.path).description.plan == older | {"quick": VERSION}


_LATER = ("quick", "precision", "block_bytes")


def test_plan_of_a_version_that_knew_fewer_fields_goes_on_as_it_was(tmp_path: Path, digits: DataSet) -> None:
    run = new_run(tmp_path, digits)
    run_to(run, digits, 5)
    older = {key: value for key, value in run.description.plan.items() if key not in _LATER}
    (run.path / "run.json").write_text(run.description.model_copy(update={"plan": older}).model_dump_json())
    for _ in record(RunFolder(run.path), digits):
        pass
    assert run.status() is Status.FINISHED
    assert run.notes() == []


def test_run_refuses_other_data_than_it_was_begun_with(tmp_path: Path, digits: DataSet) -> None:
    run = new_run(tmp_path, digits)
    run_to(run, digits, 5)
    train = digits.train
    others = type(train)(train.images.flip(0), train.label, train.class_names, train.statistics)
    with pytest.raises(ValueError, match="other training images"):
        next(record(run, DataSet("digits", "Digits", others, digits.test)))
    assert run.status() is Status.INTERRUPTED


def test_unclosed_recording_frees_the_run_when_it_is_forgotten(tmp_path: Path, digits: DataSet) -> None:
    run = new_run(tmp_path, digits)
    for step in record(run, digits):
        if step.iteration == 3:
            break
    assert run.status() is Status.INTERRUPTED
    assert stored_iterations(run.checkpoint_folder) == [3]


def crashed_run(root: Path, digits: DataSet) -> RunFolder:
    """Run with a checkpoint at iteration 5, and losses and images up to 11."""
    run = new_run(root, digits)
    run_to(run, digits, 5)
    run_to(run, digits, 11)
    checkpoint_file(run.checkpoint_folder, 11).unlink()
    return run


def stored_files(run: RunFolder) -> dict[str, bytes]:
    """Content of every file but locks and the error."""
    return {
        str(file.relative_to(run.path)): file.read_bytes()
        for file in sorted(run.path.rglob("*"))
        if file.is_file() and not file.name.endswith("lock") and file.name != "error.json"
    }


def full_disk(*_arguments: object, **_named: object) -> NoReturn:
    raise StorageError("the disk is full")


def no_memory(*_arguments: object, **_named: object) -> NoReturn:
    raise MemoryError


@pytest.mark.parametrize(
    ("target", "failure", "error"),
    [
        ("dmcore.runs.events.write_atomically", full_disk, StorageError),
        ("dmcore.data.images.LabelledImages.to", no_memory, MemoryError),
        ("dmcore.matching.SyntheticSet.restore", no_memory, MemoryError),
    ],
)
def test_resume_that_fails_deletes_nothing(
    tmp_path: Path,
    digits: DataSet,
    monkeypatch: pytest.MonkeyPatch,
    target: str,
    failure: Callable[..., NoReturn],
    error: type[Exception],
) -> None:
    run, unbroken = crashed_run(tmp_path, digits), new_run(tmp_path, digits)
    before = stored_files(run)
    with monkeypatch.context() as patch:
        patch.setattr(target, failure)
        with pytest.raises(error):
            next(record(run, digits))
    assert stored_files(run) == before
    for either in (run, unbroken):
        for _ in record(either, digits):
            pass
    assert run.error() is None
    assert_equal_runs(unbroken, run)


def test_note_of_a_resume_that_was_killed_is_not_doubled(
    tmp_path: Path, digits: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = crashed_run(tmp_path, digits)
    file = checkpoint_file(run.checkpoint_folder, 11)
    file.write_bytes(b"damaged")
    with monkeypatch.context() as patch:
        patch.setattr("dmcore.runs.resume.set_aside", no_memory)  # after the note, before anything else
        for _ in range(2):
            with pytest.raises(MemoryError):
                next(record(run, digits))
            assert file.exists()
    for _ in record(run, digits):
        pass
    (note,) = run.notes()
    assert "resumed from iteration 5" in note.sentence


def test_images_stay_where_an_evaluation_of_them_cannot_be_read(tmp_path: Path, digits: DataSet) -> None:
    run = new_run(tmp_path, digits)
    for _ in record(run, digits):
        pass
    (run.path / "results" / "damaged.json").write_text("{")
    surplus = find_resume_point(run, digits, None, (0, 14)).surplus
    assert surplus == ()
    (run.path / "results" / "damaged.json").unlink()
    surplus = find_resume_point(run, digits, None, (0, 14)).surplus
    assert [file.stem for file in surplus] == [f"{iteration:07d}" for iteration in range(1, 14)]
