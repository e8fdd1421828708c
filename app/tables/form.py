"""Form of a table: widgets for fields of an experiment's configuration, all bound to the address.

The same choices always give the same table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from app.data.available import AvailableDataset
from dmcore.config.formatting import grouped
from dmcore.experiments.presets import PRESETS, DataFacts, PresetName
from dmcore.experiments.table import Table
from dmcore.experiments.table_config import TableConfig


@dataclass(frozen=True)
class ChosenTable:
    """Table that a form gives, with its command line; or why there is none."""

    config: TableConfig
    data: DataFacts
    table: Table | None = None
    command: str = ""
    """The same in a terminal."""
    notes: tuple[str, ...] = ()
    """What to know about the choices, in sentences."""
    missing: str = ""
    """Why there is no table, with what to do."""


@dataclass(frozen=True)
class NumberField:
    """Number input for a field of a configuration; its key is its URL parameter too."""

    name: str
    """Field of the configuration."""
    key: str
    label: str
    most: int
    help: str

    def choose(
        self, value: int | None = None, placeholder: str = "", width: int | Literal["stretch"] = "stretch"
    ) -> int | None:
        """Draw the input; None where it is left open."""
        number = st.number_input(
            self.label,
            min_value=1,
            max_value=self.most,
            value=value,
            placeholder=placeholder,
            key=self.key,
            bind="query-params",
            help=self.help,
            width=width,
        )
        return None if number is None else int(number)


def choose_preset(key: str, help_text: str) -> PresetName:
    """Draw the choice of the preset."""
    name: PresetName | None = st.segmented_control(
        "Preset", PRESETS, default="laptop", required=True, key=key, bind="query-params", help=help_text
    )
    return name or "laptop"


def choose_dataset(key: str, offered: Mapping[str, AvailableDataset]) -> AvailableDataset:
    """Draw the choice of the data set, by its label."""
    label = st.selectbox(
        "Data set",
        list(offered),
        key=key,
        bind="query-params",
        width=190,
        help="Those on this machine, and those of runs. Networks are tested on its test images.",
    )
    return offered[label] if label in offered else next(iter(offered.values()))


def not_on_disk_note(data: AvailableDataset) -> str:
    """What to do about a data set that is not on this machine; empty for one that is."""
    return (
        ""
        if data.on_disk
        else f"{data.label} is not on this machine: a run of it, started on the Watch page, downloads it."
    )


def choose_images_per_class(
    key: str, label: str, options: Sequence[int], usual: TableConfig
) -> tuple[int, ...]:
    """Draw the choice of the images per class; empty where they are left open."""
    images = st.multiselect(
        label,
        options,
        placeholder=f"{', '.join(map(str, usual.images_per_class))}, as the preset",
        key=key,
        bind="query-params",
        help="Sets of several sizes are learned together, on the same real images.",
    )
    return tuple(sorted(images))


def choose_numbers(fields: Sequence[NumberField], usual: TableConfig) -> dict[str, int | None]:
    """Draw numbers that are the preset's where they are left open, or have its values: None then."""
    chosen = {}
    for field in fields:
        preset_number: int = getattr(usual, field.name)
        number = field.choose(placeholder=f"{grouped(preset_number)}, as the preset")
        chosen[field.name] = None if number == preset_number else number
    return chosen
