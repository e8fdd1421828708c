"""Sizes that a laptop does in minutes, where the paper takes a server. Must not import torch."""

import math

from dmcore.config import CondenseConfig, TrainingConfig

LAPTOP_PASSES = 300_000
"""Images that pass a network while a laptop trains it."""
LAPTOP_EPOCHS = (3, 60)


def laptop_training_config(shape: tuple[int, int, int], train_count: int) -> TrainingConfig:
    """A training that a laptop does in minutes: width 32, few epochs over many images, more over few."""
    side = min(shape[1:])
    deepest = max(1, int(math.log2(side)))  # each block halves the image
    epochs = round(LAPTOP_PASSES / max(1, train_count))
    return TrainingConfig(
        width=32,
        depth=min(deepest, 4 if side >= 64 else 3),
        epochs=max(LAPTOP_EPOCHS[0], min(LAPTOP_EPOCHS[1], epochs)),
    )


def laptop_condense_config(shape: tuple[int, int, int]) -> CondenseConfig:
    """A condensation that a laptop does in minutes: width 32, 64 real images, 500 iterations."""
    return CondenseConfig(
        width=32, depth=laptop_training_config(shape, 1).depth, real_batch=64, iterations=500, init="real"
    )
