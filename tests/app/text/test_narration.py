"""Sentences on an iteration: short and plain, and nothing about colours where there are none."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from app.text.narration import describe_operation, describe_step
from dmcore.augment import Crop
from dmcore.config import CondenseConfig


class Rotate:
    """Augmentation, told by the name of its class."""

    def __init__(self) -> None:
        self.degrees = 7.0


class Unchanged:
    """No operation."""


def step(iteration: int, *augmentations: object, draw: int | None = None) -> Any:
    draw = iteration - 1 if draw is None else draw
    side = SimpleNamespace(draw=draw, augmentations=augmentations) if augmentations else None
    return SimpleNamespace(iteration=iteration, side=side, loss_by_class={})


@pytest.mark.parametrize(
    ("taken", "source", "expected"),
    [
        (step(0), "random", "Nothing is learned yet: these are the images at the start."),
        (step(12), "random", "Taken up again at iteration 12."),
        (
            step(14, Rotate(), Unchanged()),
            "random",
            "Just now: random network no.\u00a013, and for each class a random change.",
        ),
        (step(14, Unchanged()), "band:40-60", "Just now: network no.\u00a013."),
        (step(14, Unchanged()), "pixels", "Just now: pixels compared."),
    ],
)
def test_an_iteration_is_one_short_sentence(taken: Any, source: str, expected: str) -> None:
    assert describe_step(taken, CondenseConfig(source=source)) == expected
    assert len(expected) < 80


@pytest.mark.parametrize(
    ("iteration", "draw", "source", "expected"),
    [
        (3, 0, "random", "Replay: network no.\u00a00 again."),
        (85, 3, "random", "Replay: network no.\u00a03 again, one of the last 11."),
        (401, 50, "random", "Just now: random network no.\u00a050, and for each class a random change."),
        (402, 40, "random", "Replay: network no.\u00a040 again, one of the last 32."),
        (402, 40, "pixels", "Replay: real images no.\u00a040 again, one of the last 32."),
    ],
)
def test_a_network_that_replay_uses_again_is_told_as_such(
    iteration: int, draw: int, source: str, expected: str
) -> None:
    config = CondenseConfig(replay=True, replay_keep=32, replay_every=8, source=source)
    assert describe_step(step(iteration, Rotate(), draw=draw), config) == expected


@pytest.mark.parametrize(("iteration", "outer"), [(14, 0), (13, 2)])
def test_networks_are_numbered_as_of_distribution_matching(iteration: int, outer: int) -> None:
    gradients = SimpleNamespace(iteration=iteration, outer=outer, side=None, loss_by_class={"real-1": 1.0})
    assert "network no.\u00a013," in describe_step(gradients)  # type: ignore[arg-type]


def test_images_of_one_channel_have_no_saturation() -> None:
    values = {"brightness": 0.23, "saturation": 1.64, "contrast": 0.9}
    assert describe_operation("Color", values, 1) == "colour: brightness +0.23, contrast ×0.90"
    assert "saturation ×1.64" in describe_operation("Color", values, 3)


@pytest.mark.parametrize("rows", [-2.0, 0.0, 3.0])
@pytest.mark.parametrize("columns", [-4.0, 0.0, 1.0])
def test_a_shift_is_told_as_the_picture_moves(rows: float, columns: float) -> None:
    image = torch.zeros(1, 1, 11, 11)
    image[0, 0, 5, 5] = 1
    down, right = (int(at) - 5 for at in Crop(rows, columns)(image)[0, 0].nonzero()[0])
    text = describe_operation("Crop", vars(Crop(rows, columns)))
    assert ("down" in text, "up" in text) == (down > 0, down < 0)
    assert ("right" in text, "left" in text) == (right > 0, right < 0)
    for moved in filter(None, (down, right)):
        assert f"{abs(moved)} " in text
    assert (text == "no shift") == (not down and not right)
