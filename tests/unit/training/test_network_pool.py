"""Building a pool of trained networks: stored states, kills, damage, size."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dmcore.config import PoolConfig
from dmcore.data.images import DataSet
from dmcore.embedding.pool_files import is_intact
from dmcore.embedding.pool_index import INDEX, PoolIndex, find_index, pool_folder, read_index
from dmcore.execution.plan import Plan
from dmcore.files.atomic import DAMAGED
from dmcore.files.tensor_file import read_state
from dmcore.training.network_pool import build_pool, split_held_out, state_steps

TINY = PoolConfig(width=4, depth=2, pool_steps=12)
BUILD = """
import sys, torch
from pathlib import Path
from dmcore.config import PoolConfig
from dmcore.data.load import load_dataset
from dmcore.execution.plan import Plan
from dmcore.training.network_pool import build_pool
torch.set_num_threads(1)
config = PoolConfig.model_validate_json(sys.argv[2])
for event in build_pool(load_dataset("digits"), config, int(sys.argv[3]), Path(sys.argv[1]), Plan()):
    print(event.done, flush=True)
"""


def built(digits: DataSet, cache: Path, networks: int = 2, plan: Plan | None = None) -> PoolIndex:
    *_, last = build_pool(digits, TINY, networks, cache, plan or Plan())
    assert last.done == networks
    assert last.fraction == 1
    return last.index


def test_states_lie_evenly_in_log_time_and_end_with_the_last_step() -> None:
    steps = state_steps(600)
    assert steps[:3] == (1, 2, 3)
    assert steps[-1] == 600
    assert list(steps) == sorted(set(steps))
    assert state_steps(1) == (1,)


def test_a_pool_holds_every_state_with_its_accuracy_on_images_nobody_trained_on(
    digits: DataSet, tmp_path: Path
) -> None:
    index = built(digits, tmp_path)
    assert index.networks == 2
    assert [state.step for state in index.states(1)] == list(state_steps(TINY.pool_steps))
    assert len({state.accuracy for state in index.states()}) > 1
    assert index.bytes == sum(file.stat().st_size for file in tmp_path.glob("pools/*/*.safetensors"))
    train, validation = split_held_out(digits)
    assert len(train) + len(validation) == len(digits.train)
    assert f"{len(validation)} of the training images" in index.validation
    rows = {bytes(image.numpy().tobytes()) for image in train.images}
    assert sum(bytes(image.numpy().tobytes()) in rows for image in validation.images) == 0


def test_the_index_is_found_by_the_name_of_the_data_and_the_architecture(
    digits: DataSet, tmp_path: Path
) -> None:
    index = built(digits, tmp_path)
    assert find_index("digits", TINY, tmp_path) == index
    assert find_index("mnist", TINY, tmp_path) is None
    assert find_index("digits", TINY.model_copy(update={"width": 5}), tmp_path) is None


def test_more_networks_are_added_and_those_there_are_not_trained_again(
    digits: DataSet, tmp_path: Path
) -> None:
    first = built(digits, tmp_path, 1)
    (file,) = tmp_path.glob("pools/*/*.safetensors")
    written = file.stat().st_mtime_ns
    more = built(digits, tmp_path, 3)
    assert more.files[0] == first.files[0]
    assert file.stat().st_mtime_ns == written
    events = list(build_pool(digits, TINY, 3, tmp_path, Plan()))
    assert [(event.done, event.fraction) for event in events] == [(3, 1.0)]


def test_networks_trained_side_by_side_are_those_trained_one_after_the_other(
    digits: DataSet, tmp_path: Path
) -> None:
    alone = built(digits, tmp_path / "one")
    assert built(digits, tmp_path / "two", plan=Plan(workers=2)) == alone


@pytest.mark.skipif(os.name != "posix", reason="kills with a signal")
def test_a_build_killed_three_times_ends_with_the_index_of_an_unbroken_one(
    digits: DataSet, tmp_path: Path
) -> None:
    networks, config = 4, TINY.model_copy(update={"pool_steps": 60})
    *_, last = build_pool(digits, config, networks, tmp_path / "unbroken", Plan())
    folder = pool_folder(digits.digest, config, tmp_path / "killed")
    command = [sys.executable, "-c", BUILD, str(tmp_path / "killed"), config.model_dump_json(), str(networks)]
    moments = random.Random(7)
    for _ in range(3):
        stored = read_index(folder)
        before = 0 if stored is None else stored.networks
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()  # it has begun
        time.sleep(moments.uniform(0.0, 0.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
        after = read_index(folder)
        assert after is not None
        assert after.networks >= before  # what was finished is there
    assert built_again(command, folder) == last.index


def built_again(command: list[str], folder: Path) -> PoolIndex | None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return read_index(folder)


def test_a_damaged_file_is_set_aside_said_and_trained_anew(digits: DataSet, tmp_path: Path) -> None:
    index = built(digits, tmp_path)
    folder = pool_folder(digits.digest, TINY, tmp_path)
    file = folder / index.files[1].name
    state, facts_before = read_state(file) or ({}, {})
    before = {name: tensor.tolist() for name, tensor in state.items()}
    torn = bytearray(file.read_bytes())
    torn[-5] ^= 1
    file.write_bytes(torn)
    assert not is_intact(file)
    events = list(build_pool(digits, TINY, 2, tmp_path, Plan()))
    assert "damaged and set aside" in events[-1].note
    assert file.name in events[-1].note
    assert file.with_name(file.name + DAMAGED).exists()
    assert events[-1].index == index
    state, facts = read_state(file) or ({}, {})
    assert facts == facts_before
    assert {name: tensor.tolist() for name, tensor in state.items()} == before


def test_a_damaged_index_is_made_again_from_the_files(digits: DataSet, tmp_path: Path) -> None:
    index = built(digits, tmp_path)
    (pool_folder(digits.digest, TINY, tmp_path) / INDEX).write_text("{")
    assert built(digits, tmp_path) == index


def test_a_pool_that_would_fill_the_disk_is_refused_before_it_begins(digits: DataSet, tmp_path: Path) -> None:
    wide = PoolConfig(width=512)
    with pytest.raises(ValueError, match=r"9999 networks .* GB, more than the 8 GB .* networks fit, in half"):
        next(build_pool(digits, wide, 9999, tmp_path, Plan()))
    assert not list(tmp_path.iterdir())
