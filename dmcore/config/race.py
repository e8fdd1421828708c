"""Race of two configurations: both as synthetic sets of one run, where a single field of the sets differs."""

from math import prod

from dmcore.config import CondenseConfig
from dmcore.config.command_line import VARIED, config_of_lists, lists_of_config

MOST_RACE_ENTRIES = 4
"""Sets of a race that is offered by itself: more are hard to follow."""


def combined_race(changed: CondenseConfig, first: CondenseConfig) -> CondenseConfig | None:
    """Combine two configurations into one run with the sets of both; one of the four set fields differs.

    The sets of a race share networks, real batches and augmentations. None where that is not possible, or
    where more than `MOST_RACE_ENTRIES` sets would run.
    """
    changed_lists, first_lists = lists_of_config(changed), lists_of_config(first)
    set_fields = {*VARIED, "sets"}
    if changed_lists is None or first_lists is None:
        return None
    if changed.model_dump(exclude=set_fields) != first.model_dump(exclude=set_fields):
        return None
    different = [name for name in VARIED if changed_lists[name] != first_lists[name]]
    if len(different) != 1:
        return None
    (name,) = different
    combined = {**first_lists, name: list(dict.fromkeys([*first_lists[name], *changed_lists[name]]))}
    if prod(len(values) for values in combined.values()) > MOST_RACE_ENTRIES:
        return None
    return config_of_lists(first.model_dump(exclude=set_fields), combined)
