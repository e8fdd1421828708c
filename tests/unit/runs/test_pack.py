"""Packed runs: what is kept opens like any run, and a loss is still noticed."""

import json
from pathlib import Path

import numpy as np
import pytest
from support.small_runs import made

from dmcore.runs.description import Status
from dmcore.runs.display.layers import momentum_images
from dmcore.runs.doctor.examination import examine_run
from dmcore.runs.folder import RunFolder
from dmcore.runs.packing.pack import pack_run, thinned
from dmcore.runs.packing.packed import FILE, Packed, read_packed
from dmcore.runs.runs_root import list_runs
from dmcore.runs.stored_state import read_state

KEPT = [0, 2, 4]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return made(tmp_path_factory.mktemp("runs"))


def packed_run(run: RunFolder, root: Path, *, momentum: bool = False) -> RunFolder:
    return pack_run(run, root, dict.fromkeys(run.set_names, KEPT), momentum=momentum)


@pytest.mark.parametrize("momentum", [True, False])
def test_a_packed_run_shows_what_the_run_shows_and_the_doctor_finds_nothing(
    run: RunFolder, tmp_path: Path, momentum: bool
) -> None:
    packed = packed_run(run, tmp_path, momentum=momentum)
    assert [each.id for each in list_runs(tmp_path)] == [run.id]
    assert packed.description == run.description
    assert (packed.status(), packed.snapshots()) == (Status.FINISHED, KEPT)
    (name,) = run.set_names
    for iteration in KEPT:
        before, after = run.snapshot(name, iteration), packed.snapshot(name, iteration)
        np.testing.assert_array_equal(after.pixels, before.pixels)
        assert (after.momentum is not None) == momentum
        np.testing.assert_array_equal(packed.image(name, iteration, 3, 1), before.pixels[3, 1])
    np.testing.assert_array_equal(packed.losses(name).loss, run.losses(name).loss)
    assert not list(packed.path.rglob("*lock*"))
    assert not packed.checkpoint_folder.exists()
    assert examine_run(packed.path) == []
    assert read_packed(packed.path) == Packed(snapshots={name: tuple(KEPT)})


def test_packing_again_replaces_the_copy(run: RunFolder, tmp_path: Path) -> None:
    packed_run(run, tmp_path)
    again = pack_run(run, tmp_path, {name: [4] for name in run.set_names})
    assert again.snapshots() == [4]
    assert [path.name for path in tmp_path.iterdir()] == [run.id]


def test_what_a_packed_run_has_lost_is_a_finding(run: RunFolder, tmp_path: Path) -> None:
    packed = packed_run(run, tmp_path)
    (name,) = run.set_names
    lost = packed.snapshot_folder(name) / "0000002.safetensors"
    lost.unlink()
    (finding,) = examine_run(packed.path)
    assert (finding.file, finding.is_damage) == (lost, True)
    (packed.path / FILE).write_text("{")
    (finding,) = examine_run(packed.path)
    assert finding.file == packed.path / FILE


def test_without_momentum_no_step_can_be_computed_again_and_no_layer_is_drawn(
    run: RunFolder, tmp_path: Path
) -> None:
    packed = packed_run(run, tmp_path)
    with pytest.raises(ValueError, match="packed, without the momentum"):
        read_state(packed, 2)
    assert momentum_images(packed, 2) == ({}, None)
    (tmp_path / "with").mkdir()
    _, gain = momentum_images(packed_run(run, tmp_path / "with", momentum=True), 2)
    assert gain is not None


def test_lines_of_losses_are_thinned_to_the_first_and_the_last(run: RunFolder, tmp_path: Path) -> None:
    packed = pack_run(run, tmp_path, {name: [4] for name in run.set_names}, most_events=2)
    lines = packed.events_file.read_text().splitlines()
    assert [json.loads(line)["iteration"] for line in lines] == [1, 4]
    assert examine_run(packed.path) == []


@pytest.mark.parametrize(("count", "most"), [(3, 5), (500, 48), (500, 2), (500, 1), (200, 199), (20_000, 40)])
def test_thinned_keeps_both_ends_and_is_no_longer_than_it_may_be(count: int, most: int) -> None:
    kept = thinned(range(count), most)
    assert len(kept) <= most
    assert kept[-1] == count - 1
    assert sorted(set(kept)) == kept
    if most > 1:
        assert kept[0] == 0
    if most >= count:
        assert kept == list(range(count))
    if count > 2 * most > 20:
        assert len(kept) > 0.8 * most
        steps = np.diff(kept)
        assert steps[0] == 1 < steps[-1]  # dense at first, as in log time


def test_images_that_a_packed_run_left_out_are_not_awaited(run: RunFolder, tmp_path: Path) -> None:
    packed = pack_run(run, tmp_path, dict.fromkeys(run.set_names, ()), momentum=False)
    with pytest.raises(ValueError, match=r"the recorded copy of run .* compute it here"):
        packed.snapshot(run.set_names[0])
