"""Figure 5 of the paper: accuracy against images per class, DM and random real images, up to large sets.

From 100 per class on the pixels' learning rate is ten, as published.
"""

from collections.abc import Sequence
from dataclasses import replace

from dmcore.experiments.presets import DataFacts, Preset
from dmcore.experiments.table import Table
from dmcore.experiments.table1 import table1

SIZES = {"laptop": (10, 50, 100, 200), "paper": (1, 10, 50, 100, 200, 500, 1000, 1250)}
LAPTOP_ITERATIONS = 100
METHODS = ("random", "dm", "whole")


def figure5(
    data: DataFacts, chosen: Preset, methods: Sequence[str] = METHODS, sizes: Sequence[int] = ()
) -> Table:
    """Create figure 5, or a part of it, as a table; arguments as in `table1`."""
    if chosen.name == "laptop":
        if "iterations" not in chosen.overridden:
            fewer = chosen.condense.model_copy(update={"iterations": LAPTOP_ITERATIONS})
            chosen = replace(chosen, condense=fewer)
        if "repeats" not in chosen.overridden:
            chosen = replace(chosen, repeats=1)
    return table1(data, chosen, methods, tuple(sizes) or SIZES[chosen.name], name="figure5")
