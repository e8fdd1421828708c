"""Checkpoints hold what their name says, and a copy of the run's description that the checksum covers."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from support.small_runs import made
from torch import Tensor

from dmcore.files.checked_json import DamagedFileError, parse_record
from dmcore.runs.checkpoint import (
    Checkpoint,
    DamagedCheckpointError,
    checkpoint_file,
    newest_checkpoint,
    read_checkpoint,
    write_checkpoint,
)
from dmcore.runs.description import RunDescription
from dmcore.runs.formats.condensed import read_condensed_set

SHAPES = {"one": (2, 1, 1, 3, 3)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Checkpoints of iterations 48 and 50."""
    for iteration in (48, 50):
        state = {
            f"one/{tensor}": torch.full(SHAPES["one"], float(iteration)) for tensor in ("pixels", "momentum")
        }
        write_checkpoint(tmp_path, Checkpoint(iteration, state, '{"id": "a"}'))
    return tmp_path


def test_copied_checkpoint_is_not_taken_for_its_name(folder: Path) -> None:
    shutil.copy(checkpoint_file(folder, 48), checkpoint_file(folder, 60))
    with pytest.raises(
        DamagedCheckpointError, match=r"0000060.safetensors is damaged \(it holds iteration 48\)"
    ):
        read_checkpoint(checkpoint_file(folder, 60))
    newest = newest_checkpoint(folder)
    assert newest.checkpoint is not None
    assert newest.checkpoint.iteration == 50
    assert newest.damaged == ("checkpoint 0000060 is damaged (it holds iteration 48)",)


OTHERS: dict[str, Callable[[dict[str, Tensor]], object]] = {
    "another number of images": lambda state: state.update(
        {key: tensor[:, :1].contiguous() for key, tensor in state.items()}
    ),
    "another set": lambda state: state.update(
        {key.replace("real", "noise"): state.pop(key) for key in list(state)}
    ),
    "one set more": lambda state: state.update(
        {f"noise-2/{tensor}": state[f"real-2/{tensor}"].clone() for tensor in ("pixels", "momentum")}
    ),
    "no momentum": lambda state: state.pop("real-2/momentum"),
}


@pytest.mark.parametrize("other", OTHERS)
def test_older_checkpoint_of_other_sets_or_shapes_is_no_checkpoint_of_the_run(
    tmp_path: Path, other: str
) -> None:
    run = made(tmp_path)
    file = checkpoint_file(run.checkpoint_folder, 4)
    state = dict(read_checkpoint(file, run).state)
    write_checkpoint(run.checkpoint_folder, Checkpoint(4, state))  # without a copy of the description
    assert read_checkpoint(file, run).iteration == 4
    OTHERS[other](state)
    write_checkpoint(run.checkpoint_folder, Checkpoint(4, state))
    with pytest.raises(DamagedCheckpointError, match="other sets or shapes"):
        read_checkpoint(file, run)


def test_no_flipped_bit_gives_another_state_or_description(folder: Path) -> None:
    file = checkpoint_file(folder, 50)
    intact, true = file.read_bytes(), read_checkpoint(file)
    for position in range(0, len(intact), 3):
        damaged = bytearray(intact)
        damaged[position] ^= 1 << position % 8
        file.write_bytes(damaged)
        try:
            read = read_checkpoint(file)
        except DamagedFileError:
            continue
        assert (read.iteration, read.description) == (50, true.description)
        assert all(torch.equal(tensor, true.state[key]) for key, tensor in read.state.items())


def test_checkpoint_that_may_not_be_read_is_not_called_damaged(folder: Path, monkeypatch) -> None:
    def refused(*arguments: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("dmcore.runs.checkpoint.safe_open", refused)
    with pytest.raises(DamagedFileError, match=r"cannot be read, permission denied.*permissions") as error:
        newest_checkpoint(folder)
    assert not isinstance(error.value, DamagedCheckpointError)


def test_checkpoint_of_a_run_has_its_description(tmp_path: Path) -> None:
    run = made(tmp_path)
    file = checkpoint_file(run.checkpoint_folder, 4)
    copy = parse_record(RunDescription, read_checkpoint(file).description.encode(), file)
    assert copy == run.description


def test_images_of_a_copied_checkpoint_come_from_the_snapshot_of_their_own_iteration(tmp_path: Path) -> None:
    run = made(tmp_path)
    shutil.copy(checkpoint_file(run.checkpoint_folder, 4), checkpoint_file(run.checkpoint_folder, 2))
    condensed = read_condensed_set(run, iteration=2)
    pixels = torch.from_numpy(run.snapshot(run.set_names[0], 2).pixels).float()
    assert torch.equal(condensed.images, pixels.flatten(0, 1))
    assert "holds iteration 4" in condensed.rounded_because
