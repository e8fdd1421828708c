"""Figure 5 of the paper: accuracy against images per class, DM and random real images, up to large sets.

From 100 per class on the pixels' learning rate is ten, as published.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from dmcore.experiments.presets import PresetName
from dmcore.experiments.table1 import MethodName, Table1Config

METHODS: tuple[MethodName, ...] = ("random", "dm", "whole")


class Figure5Config(Table1Config):
    """Figure 5: accuracy against images per class, up to large sets."""

    name = "figure5"
    label = "Figure 5"
    meaning = "How accuracy grows with the images per class, learned and drawn at random."
    figure = "sizes"
    usual: ClassVar[Mapping[PresetName, Mapping[str, Any]]] = {
        "laptop": {
            "images_per_class": (10, 50, 100, 200),
            "methods": METHODS,
            "iterations": 100,
            "repeats": 1,
        },
        "paper": {"images_per_class": (1, 10, 50, 100, 200, 500, 1000, 1250), "methods": METHODS},
    }
