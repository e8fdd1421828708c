"""Stateless random generators: every random choice is a pure function of (seed, iteration, purpose).

No global seed and no saved generator state: a resumed run needs only its images and its iteration number, and
two runs with one seed see the same networks. Generators live on the CPU: every device gets the same numbers.
"""

from zlib import crc32

import numpy as np
import torch


def _sequence(seed: int, iteration: int, purpose: str) -> np.random.SeedSequence:
    # crc32, because Python's own hash of a string changes from process to process
    return np.random.SeedSequence((seed, iteration, crc32(purpose.encode())))


def numpy_generator(seed: int, iteration: int, purpose: str) -> np.random.Generator:
    """NumPy generator of (seed, iteration, purpose), for index draws and augmentation parameters.

    Args:
        seed: the run's seed, 0 or more.
        iteration: which draw, 0 or more.
        purpose: what the numbers are for, so that two uses in one iteration stay independent.
    """
    return np.random.Generator(np.random.PCG64(_sequence(seed, iteration, purpose)))


def torch_generator(seed: int, iteration: int, purpose: str) -> torch.Generator:
    """Torch CPU generator of (seed, iteration, purpose), for large tensors (network weights, noise images).

    torch's CPU generator keeps 32 bits of a seed, so 32 well-mixed bits are what it is given.
    """
    mixed = int(_sequence(seed, iteration, purpose).generate_state(1, np.uint32)[0])
    return torch.Generator().manual_seed(mixed)
