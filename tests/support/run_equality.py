"""Equality of two recorded runs, bit for bit; times are not compared."""

import numpy as np
import torch

from dmcore.runs.checkpoint import newest_checkpoint
from dmcore.runs.events import read_events
from dmcore.runs.folder import RunFolder


def assert_equal_runs(run: RunFolder, other: RunFolder) -> None:
    """Fail unless images, momentum, losses and noise floors are equal and both are at one iteration."""
    assert_equal_checkpoints(run, other)
    assert noise_floors(run) == noise_floors(other)
    for name in run.set_names:
        np.testing.assert_array_equal(run.losses(name).iteration, other.losses(name).iteration)
        np.testing.assert_array_equal(run.losses(name).loss, other.losses(name).loss)
        assert run.snapshots(name) == other.snapshots(name)
        for iteration in run.snapshots(name):
            ours, theirs = (either.snapshot(name, iteration) for either in (run, other))
            np.testing.assert_array_equal(ours.pixels, theirs.pixels)
            np.testing.assert_array_equal(ours.momentum, theirs.momentum)


def noise_floors(run: RunFolder) -> dict[int, list[float]]:
    """Stored real-against-real distances per class, by the iteration at which they were measured."""
    events, classes = read_events(run.events_file), len(run.class_names)
    return {event["iteration"]: event["floor"] for event in events if len(event.get("floor", ())) == classes}


def assert_equal_checkpoints(run: RunFolder, other: RunFolder) -> None:
    """Fail unless the newest sound checkpoints of both are of one iteration and equal."""
    ours, theirs = (newest_checkpoint(either.checkpoint_folder).checkpoint for either in (run, other))
    assert ours is not None
    assert theirs is not None
    assert ours.iteration == theirs.iteration
    assert ours.state.keys() == theirs.state.keys()
    for key, tensor in ours.state.items():
        assert torch.equal(tensor, theirs.state[key]), key
