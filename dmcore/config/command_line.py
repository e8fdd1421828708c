"""A set-up as the equivalent `dmcore condense` command, and as lists: several values make several sets.

The app's form and the command line share one rule: where one of four fields has several values, every
combination is a synthetic set, and all of them share one real side. Must not import torch.
"""

import shlex
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from dmcore.config import CondenseConfig, SetChange

VARIED = ("images_per_class", "init", "image_lr", "momentum")
"""Fields that take several values: every combination is a set on one shared real side."""


def config_of_lists(values: Mapping[str, Any], lists: Mapping[str, Sequence[Any]]) -> CondenseConfig:
    """The set-up with these values, and with a set for every combination of the lists that have several.

    Raises:
        ValidationError: a value is not allowed (a ValueError).
        ValueError: a list is empty, named in the sentence.
    """
    for name, items in lists.items():
        if not items:
            raise ValueError(f"{name.replace('_', ' ')} is empty: choose at least one value")
    varied = [name for name in VARIED if len(lists[name]) > 1]
    combinations = product(*(lists[name] for name in varied)) if varied else ()
    sets = tuple(SetChange.model_validate(dict(zip(varied, one, strict=True))) for one in combinations)
    first = {name: items[0] for name, items in lists.items()}
    return CondenseConfig.model_validate({**values, **first, "sets": sets})


def lists_of_config(config: CondenseConfig) -> dict[str, list[Any]] | None:
    """The inverse: the values of each of the four fields; None where the sets are no full combination."""
    lists: dict[str, list[Any]] = {name: [getattr(config, name)] for name in VARIED}
    for name in VARIED:
        named = list(dict.fromkeys(getattr(change, name) for change in config.sets))
        if len(named) > 1 and None not in named:
            lists[name] = named
    try:
        same = config_of_lists(config.model_dump(exclude={*VARIED, "sets"}), lists) == config
    except ValueError:
        return None
    return lists if same else None


def command_line(config: CondenseConfig) -> str:
    """What to type in a terminal for the same run; only what is not the default is named."""
    lists = lists_of_config(config)
    if lists is None:
        return f"dmcore condense  # {len(config.sets)} sets of this run can only be named from Python"
    words = ["dmcore", "condense"]
    default = CondenseConfig()
    for name in CondenseConfig.model_fields:
        value = lists.get(name, getattr(config, name))
        if name == "sets" or value in ([getattr(default, name)], getattr(default, name)):
            continue
        flag = f"--{name.replace('_', '-')}"
        words += [flag] if value is True else [flag, _flag_value(value)]
    return shlex.join(words)


def _flag_value(value: object) -> str:
    if isinstance(value, list | tuple):
        return ",".join(f"{one:g}" if isinstance(one, float) else str(one) for one in value) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
