"""Form of a table: widgets for fields of an experiment's configuration, all bound to the address.

The first argument of each is its widget's key, which is its URL parameter too. The same choices always give
the same table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import streamlit as st

from app.data.available import AvailableDataset
from app.tables.cost import settle_time_choice, show_time_choice
from dmcore.config.formatting import grouped
from dmcore.experiments.presets import PRESETS, DataFacts, PresetName
from dmcore.experiments.table import Table
from dmcore.experiments.table_config import Config, TableConfig, Titles
from dmcore.experiments.table_cost import SIZE_FIELDS

ConfigT = TypeVar("ConfigT", bound=TableConfig, covariant=True)


FIELD_KEYS = {("table2", "methods"): "table2_methods", ("table4", "protocol"): "table4_protocol"}
"""Keys of the widgets of fields with titles where another table has the key of the field's name."""


@dataclass(frozen=True)
class ChosenTable(Generic[ConfigT]):
    """Table that a form gives, with its command line; or why there is none."""

    config: ConfigT
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
    """Number input for a field of a configuration."""

    key: str
    name: str
    """Field of the configuration."""
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


@dataclass(frozen=True)
class SizesField:
    """Choice of several images per class, for the field `images_per_class` of a configuration."""

    key: str
    label: str
    options: tuple[int, ...]

    def choose(self, usual: TableConfig) -> tuple[int, ...]:
        """Draw the choice; empty where the `usual` ones are left open."""
        images = st.multiselect(
            self.label,
            self.options,
            placeholder=f"{', '.join(map(str, usual.images_per_class))}, as the preset",
            key=self.key,
            bind="query-params",
            help="Sets of several sizes are learned together, on the same real images.",
        )
        return tuple(sorted(images))


def choose_preset(key: str, help_text: str, sizes: Sequence[str] = ()) -> PresetName:
    """Draw the choice of the preset.

    Args:
        key: of the widget.
        help_text: what each preset is.
        sizes: keys of the widgets of sizes. Another preset leaves them open: what was chosen beside the one
            before would silently change what is called the paper's.
    """

    def leave_open() -> None:
        for size in sizes:
            if size in st.session_state:
                st.session_state[size] = [] if isinstance(st.session_state[size], list) else None

    name: PresetName | None = st.segmented_control(
        "Preset",
        PRESETS,
        default="laptop",
        required=True,
        key=key,
        bind="query-params",
        help=help_text,
        on_change=leave_open,
    )
    return name or "laptop"


def choose_dataset(key: str, offered: Mapping[str, AvailableDataset], usual: str = "") -> AvailableDataset:
    """Draw the choice of the data set, by its label; `usual` where it is left open, else the first."""
    label = st.selectbox(
        "Data set",
        list(offered),
        index=list(offered).index(usual) if usual in offered else 0,
        key=key,
        bind="query-params",
        width=190,
        help="Those on this machine, and those of runs. Networks are tested on its test images.",
    )
    return offered[label] if label in offered else next(iter(offered.values()))


def field_key(config: TableConfig, name: str) -> str:
    """Key of the widget of a field with titles: its name, or the experiment's own."""
    return FIELD_KEYS.get((config.name, name), name)


def choose_titles(key: str, label: str, titles: Titles, usual: Sequence[str]) -> tuple[str, ...]:
    """Draw a choice of several values by their titles; empty where the preset's `usual` are left open."""
    chosen = st.multiselect(
        label,
        list(titles.titles.values()),
        placeholder=", ".join(titles.titles[value] for value in usual),
        key=key,
        bind="query-params",
        help=titles.note,
    )
    return tuple(value for value, title in titles.titles.items() if title in chosen)


def choose_title(key: str, titles: Titles) -> str | None:
    """Draw a choice of one value by its title; None where it is left open."""
    chosen = st.selectbox(
        titles.label,
        list(titles.titles.values()),
        index=None,
        placeholder="as the preset",
        key=key,
        bind="query-params",
        help=titles.note,
    )
    return next((value for value, title in titles.titles.items() if title == chosen), None)


def choose_numbers(fields: Sequence[NumberField], start: TableConfig, data: DataFacts) -> dict[str, int]:
    """Draw numbers that are those of `start` where they are left open, or have its values: left out then."""
    chosen, usual = {}, start.resolved(data)
    for field in fields:
        usual_number: int = getattr(usual, field.name)
        origin = "as the preset" if getattr(start, field.name) is None else "as recorded"
        number = field.choose(placeholder=f"{grouped(usual_number)}, {origin}")
        if number is not None and number != usual_number:
            chosen[field.name] = number
    return chosen


def choose_sizes(
    key: str,
    config: Config,
    data: DataFacts,
    images: SizesField,
    numbers: Sequence[NumberField],
    time_key: str,
) -> Config:
    """Draw the choices of a table's sizes, and of a time that it is to fit into; the table with them.

    Args:
        key: of the popover with the sizes.
        config: the table; what it has stands where it is left open here.
        data: its data set.
        images: the images per class.
        numbers: the other sizes; a time chooses those of `SIZE_FIELDS`.
        time_key: of the choice of a time.
    """
    settle_time_choice(time_key)
    usual = config.resolved(data)
    with st.popover("Sizes", key=key):
        changes: dict[str, object] = {"images_per_class": images.choose(usual)}
        titled = usual.titled_fields()
        several = {name: value for name in titled if isinstance(value := getattr(usual, name), tuple)}
        for name, value in several.items():
            label = titled[name].label or name.capitalize()
            if chosen := choose_titles(field_key(config, name), label, titled[name], value):
                changes[name] = chosen
        changes |= choose_numbers(numbers, config, data)
        for name in [name for name in titled if name not in several]:
            changes[name] = choose_title(field_key(config, name), titled[name])
    config = config.model_copy(update=changes)
    timed = {field.name: field.key for field in numbers if field.name in SIZE_FIELDS}
    show_time_choice(time_key, config, data, timed | {"images_per_class": images.key})
    return config
