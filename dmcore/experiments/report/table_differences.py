"""Difference between a recorded table and the chosen one of the same experiment, as one sentence."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from dmcore.config.differences import label_of, value_text
from dmcore.config.formatting import counted, sentence
from dmcore.config.network_source import parse_source
from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.cell_settings import cell_settings, differing_settings, table_settings
from dmcore.experiments.table import Table

MOST = 4
"""Settings that the sentence names; further ones are counted."""
MOST_KINDS = 3
"""Kinds of networks that it names; more of them are counted."""

_TEXTS = {
    "seeds": "{} set{}",
    "repeats": "{} network{} each",
    "test_epochs": "{} epoch{}",
    "width": "width {}",
    "iterations": "{} iteration{}",
    "real_batch": "{} real image{} per class and iteration",
}
"""Values with their unit, of the settings that are named first."""
_OF_WHAT = {"test_": "of the test", "tested_": "of the tested networks", "whole_": "on all real images"}
"""What a setting is of, by the start of its name."""


class _Differing(NamedTuple):
    """Setting in which two tables differ, as each has it; empty where only the other has it."""

    recorded: str
    chosen: str


def recorded_title(recorded: Table, chosen: Table) -> str:
    """'Recorded on Digits, not on Fashion-MNIST.'; empty for equal tables."""
    if recorded.key == chosen.key:
        return ""
    if recorded.dataset != chosen.dataset:
        return f"Recorded on {data_title(recorded)}, not on {data_title(chosen)}."
    columns, rows = set(chosen.columns) <= set(recorded.columns), set(chosen.rows) <= set(recorded.rows)
    if columns and rows and not differing_settings(recorded, chosen):
        return "Recorded at these settings, with more besides."
    return "Recorded at other settings."


def other_differences(recorded: Table, chosen: Table) -> tuple[str, ...]:
    """Settings that `recorded_difference` only counts: 'width 32, not width 128'."""
    return tuple(
        f"{each.recorded}, not {each.chosen}"
        if each.recorded and each.chosen
        else each.recorded or each.chosen
        for each in list(_differing(recorded, chosen))[MOST:]
    )


def recorded_difference(recorded: Table, chosen: Table) -> str:
    """'3 sets, width 32; you chose 5 sets, width 128.'; empty for equal tables. Data: `recorded_title`.

    Args:
        recorded: table whose results are shown.
        chosen: table of the same experiment that the page is set to.
    """
    if recorded.key == chosen.key:
        return ""
    differing = list(_differing(recorded, chosen))
    named, more = differing[:MOST], len(differing) - MOST
    theirs = [each.recorded for each in named if each.recorded]
    ours = [each.chosen for each in named if each.chosen]
    if not named:
        return "" if recorded.dataset != chosen.dataset else "With other settings than you chose."
    if more > 0:
        ours.append(f"and {counted(more, 'other setting')}")
    parts = [", ".join(theirs)] if theirs else []
    parts += [f"you chose {', '.join(ours)}"] if ours else []
    return sentence("; ".join(parts))


def _differing(recorded: Table, chosen: Table) -> Iterator[_Differing]:
    if recorded.columns != chosen.columns:
        yield _Differing(_columns_text(recorded), _columns_text(chosen))
    if left_out := [row for row in chosen.rows if row not in recorded.rows]:
        yield _Differing(f"without {_listed(left_out)}", "")
    if added := [row for row in recorded.rows if row not in chosen.rows]:
        yield _Differing(f"with {_listed(added)}", "")
    theirs, ours = table_settings(recorded), table_settings(chosen)
    differing = differing_settings(recorded, chosen)
    for name in sorted(differing, key=lambda name: name not in _TEXTS):
        if name == "source" and recorded.rows != chosen.rows:  # they are the rows
            continue
        yield _Differing(
            _setting_text(name, theirs[name], _by_method(recorded, name)),
            _setting_text(name, ours[name], _by_method(chosen, name)),
        )


def _by_method(table: Table, name: str) -> dict[str, tuple[object, ...]]:
    """Values of a setting of each learning method, by its name; empty where all have the same ones."""
    by_method: dict[str, dict[object, None]] = {}
    for cell in table.cells:
        if cell.recipe.condense is not None:
            settings = cell_settings(table, cell)
            if name in settings:
                of_method = by_method.setdefault(cell.recipe.condense.method.upper(), {})
                of_method[settings[name]] = None
    values = {method: tuple(each) for method, each in by_method.items()}
    return values if len(set(values.values())) > 1 else {}


def _setting_text(
    name: str, values: tuple[object, ...], by_method: Mapping[str, tuple[object, ...]] = MappingProxyType({})
) -> str:
    """'3 sets', 'width 32', 'norm batch': the values of a setting in a table, with its name or unit.

    Where learning methods have different ones, each has its name: '500 iterations of DM, 10 of DC'.
    """
    if by_method:
        (first, of_first), *others = by_method.items()
        more = (f"{_listed([value_text(name, each) for each in of])} of {by}" for by, of in others)
        return ", ".join((f"{_setting_text(name, of_first)} of {first}", *more))
    if name == "repeats":  # what no seed of a network changes has fewer
        values = (max(value for value in values if isinstance(value, int)),)
    prefix = next((prefix for prefix in _OF_WHAT if name.startswith(prefix)), "")
    field = name.removeprefix(prefix)
    if field == "source":
        values = tuple(parse_source(str(value)).name for value in values)
        values = values if len(values) <= MOST_KINDS else (counted(len(values), "kind"),)
    text = _listed([value_text(field, value) for value in values])
    if name in _TEXTS:
        return _TEXTS[name].format(text, "" if values == (1,) else "s")
    label = f"{field.replace('_', ' ')} {_OF_WHAT[prefix]}" if prefix else label_of(field).lower()
    return f"{label} {text}"


def data_title(table: Table) -> str:
    """Title of the data set of a table."""
    entry = CATALOGUE.get(table.dataset)
    return entry.title if entry is not None else table.dataset


def _columns_text(table: Table) -> str:
    """'1 and 10 per class', or the names of the columns."""
    sizes = [column.removesuffix(" per class") for column in table.columns]
    if all(column.endswith(" per class") for column in table.columns):
        return f"{_listed(sizes)} per class"
    return _listed(table.columns)


def _listed(names: Sequence[str]) -> str:
    """'A', 'A and B', 'A, B and C'."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
