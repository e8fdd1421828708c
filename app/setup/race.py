"""Lanes of a race: two set-ups as one run, where one field of the synthetic sets tells them apart.

Must not import torch.
"""

from math import prod

from dmcore.config import CondenseConfig
from dmcore.config.command_line import VARIED, config_of_lists, lists_of_config

MOST_RACE_ENTRIES = 4
"""Lanes of a race that are offered unasked: more are hard to follow."""


def combined_race(changed: CondenseConfig, first: CondenseConfig) -> CondenseConfig | None:
    """Both set-ups as lanes of one run, where one of the four fields is all that tells them apart.

    Lanes share networks, real batches and augmentations; None where that cannot be, or more than
    `MOST_RACE_ENTRIES` would run.
    """
    here, there = lists_of_config(changed), lists_of_config(first)
    rest = {*VARIED, "sets"}
    if here is None or there is None or changed.model_dump(exclude=rest) != first.model_dump(exclude=rest):
        return None
    different = [name for name in VARIED if here[name] != there[name]]
    if len(different) != 1:
        return None
    (name,) = different
    both = {**there, name: list(dict.fromkeys([*there[name], *here[name]]))}
    if prod(len(items) for items in both.values()) > MOST_RACE_ENTRIES:
        return None
    return config_of_lists(first.model_dump(exclude=rest), both)
