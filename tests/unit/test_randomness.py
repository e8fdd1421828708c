"""Random choices are pure functions of (seed, iteration, purpose)."""

import subprocess
import sys

import numpy as np
import torch

from dmcore.randomness import numpy_generator, torch_generator


def test_one_choice_is_the_same_in_every_process():
    code = (
        "from dmcore.randomness import *;"
        "print(numpy_generator(3, 5, 'x').integers(1 << 40), torch_generator(3, 5, 'x').initial_seed())"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    here = f"{numpy_generator(3, 5, 'x').integers(1 << 40)} {torch_generator(3, 5, 'x').initial_seed()}"
    assert there.strip() == here


def test_seed_iteration_and_purpose_each_change_the_choice():
    keys = [(0, 0, "a"), (1, 0, "a"), (0, 1, "a"), (0, 0, "b"), (2**40, 0, "a")]
    assert len({int(numpy_generator(*key).integers(1 << 60)) for key in keys}) == len(keys)
    assert len({float(torch.rand(1, generator=torch_generator(*key))) for key in keys}) == len(keys)


def test_drawing_leaves_the_global_generators_alone():
    before, before_numpy = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    torch.rand(3, generator=torch_generator(0, 0, "a"))
    numpy_generator(0, 0, "a").random(3)
    assert torch.equal(before, torch.get_rng_state())
    assert np.array_equal(before_numpy, np.random.get_state()[1])  # noqa: NPY002
