"""Laptop preset: training and condensation configurations that take minutes on a CPU."""

import math

from dmcore.config import CondenseConfig, TrainingConfig

LAPTOP_PASSES = 300_000
"""Training budget in images: epochs times training images."""
LAPTOP_EPOCHS = (3, 60)


def laptop_training_config(shape: tuple[int, int, int], train_count: int) -> TrainingConfig:
    """Training of minutes on a laptop: width 32, fewer epochs the more training images there are."""
    side = min(shape[1:])
    deepest = max(1, int(math.log2(side)))  # each block halves the image
    epochs = round(LAPTOP_PASSES / max(1, train_count))
    return TrainingConfig(
        width=32,
        depth=min(deepest, 4 if side >= 64 else 3),
        epochs=max(LAPTOP_EPOCHS[0], min(LAPTOP_EPOCHS[1], epochs)),
    )


def laptop_condense_config(shape: tuple[int, int, int]) -> CondenseConfig:
    """Condensation of minutes on a laptop: width 32, real batch of 64 per class, 500 iterations."""
    return CondenseConfig(
        width=32, depth=laptop_training_config(shape, 1).depth, real_batch=64, iterations=500, init="real"
    )
