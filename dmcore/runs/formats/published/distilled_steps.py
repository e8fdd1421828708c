"""Layout of dataset distillation (DD): a list of steps, each its images, labels and learning rate.

The steps pass the same batches several times, each time with other rates: each batch is read once.
"""

from typing import Any

import torch
from torch import Tensor

from dmcore.runs.formats.published.tensors import Pair, joined, number_of, tensor_of
from dmcore.runs.formats.set_metadata import UncheckedSet
from dmcore.runs.formats.tensor_checks import check_bytes, check_size, dense

MOST_STEPS = 10_000
RATES_TOLD = 12


def read_steps(content: Any, source: str) -> list[UncheckedSet]:
    """Read [(images, labels, rate), ...]; the schedule becomes a note."""
    if not isinstance(content, list | tuple) or not 0 < len(content) <= MOST_STEPS:
        return []
    steps = [_step(entry) for entry in content]
    complete = [step for step in steps if step is not None]
    if len(complete) < len(steps):
        return []
    pairs = [(dense(images, source), dense(label, source)) for images, label, _ in complete]
    for images, label in pairs:
        check_size(images.shape, label.shape, source)
    check_bytes(sum(4 * images.numel() for images, _ in pairs), source)
    batches = _batches(pairs)
    rates = [f"{rate:.3g}" for _, _, rate in complete]
    told = " ".join(rates[:RATES_TOLD]) + (f" … {rates[-1]}" if len(rates) > RATES_TOLD else "")
    schedule = (
        f"Its schedule is left out: {len(pairs)} steps of gradient descent over {batches} batches in order, "
        f"with the rates {told}."
    )
    layout = "Recognised as the layout of DD: a list of images, labels and learning rates."
    unchecked = UncheckedSet(layout=layout, notes=(schedule,), pixels="unstated")
    return [unchecked.with_images(*joined(pairs[:batches], source))]


def _step(entry: Any) -> tuple[Tensor, Tensor, float] | None:
    if not isinstance(entry, list | tuple) or len(entry) != 3:
        return None
    images, label, rate = tensor_of(entry[0]), tensor_of(entry[1]), number_of(entry[2])
    return None if images is None or label is None or rate is None else (images, label, rate)


def _batches(pairs: list[Pair]) -> int:
    """Number of steps after which the batches repeat; all where they never do."""
    number = len(pairs)
    for period in range(1, number):
        if number % period == 0 and all(
            torch.equal(pairs[step][0], pairs[step % period][0])
            and torch.equal(pairs[step][1], pairs[step % period][1])
            for step in range(period, number)
        ):
            return period
    return number
