"""Conversion between a configuration and the equivalent `dmcore` command, or lists of values.

The app's form and the command line share one rule: where a field of `VARIED` has several values, every
combination (Cartesian product) is a synthetic set, and all of them share one real side.
"""

import shlex
from collections.abc import Collection, Mapping, Sequence
from itertools import product
from typing import Any

from dmcore.config import CondenseConfig, EvaluateConfig, Method, MethodConfig, SetChange

VARIED = ("images_per_class", "init", "image_lr", "momentum")
"""Fields that take several values: every combination is a set on one shared real side."""


def config_of_lists(values: Mapping[str, Any], lists: Mapping[str, Sequence[Any]]) -> CondenseConfig:
    """Configuration with these values and one synthetic set for every combination of the lists.

    Raises:
        ValidationError: a value is not allowed (a ValueError).
        ValueError: a list is empty; names it.
    """
    for name, items in lists.items():
        if not items:
            raise ValueError(f"{name.replace('_', ' ')} is empty: choose at least one value")
    varied = [name for name in VARIED if len(lists[name]) > 1]
    combinations = product(*(lists[name] for name in varied)) if varied else ()
    sets = tuple(
        SetChange.model_validate(dict(zip(varied, combination, strict=True))) for combination in combinations
    )
    first = {name: items[0] for name, items in lists.items()}
    return CondenseConfig.model_validate({**values, **first, "sets": sets})


def lists_of_config(config: CondenseConfig) -> dict[str, list[Any]] | None:
    """Inverse of `config_of_lists`: values of each varied field; None unless the sets are a full product."""
    lists: dict[str, list[Any]] = {name: [getattr(config, name)] for name in VARIED}
    for name in VARIED:
        values = list(dict.fromkeys(getattr(change, name) for change in config.sets))
        if len(values) > 1 and None not in values:
            lists[name] = values
    try:
        same = config_of_lists(config.model_dump(exclude={*VARIED, "sets"}), lists) == config
    except ValueError:
        return None
    return lists if same else None


def command_line(config: MethodConfig, explicit: Collection[str] = ()) -> str:
    """Equivalent shell command of a configuration; defaults are left out, but for those of `explicit`.

    A switch that is off has no option.
    """
    words, lists = ["dmcore", "condense"], {}
    if isinstance(config, CondenseConfig):
        of_sets = lists_of_config(config)
        if of_sets is None:
            return f"dmcore condense  # {len(config.sets)} sets of this run can only be named from Python"
        lists = of_sets
    else:
        words += ["--method", config.method]
    for name, field in type(config).model_fields.items():
        value, usual = lists.get(name, getattr(config, name)), field.default
        is_usual = name not in explicit and value in ([usual], usual)
        if name in ("sets", "method") or is_usual or value is False:
            continue
        flag = f"--{name.replace('_', '-')}"
        words += [flag] if value is True else [flag, _flag_value(value)]
    return shlex.join(words)


LATEST = "latest"
"""Name of the newest run on the command line."""


def evaluate_command(
    run: str,
    protocol: EvaluateConfig,
    kinds: Sequence[str] = (),
    *,
    iteration: int | None = None,
    dataset: str = "",
    method: Method = "dm",
) -> str:
    """Shell command that tests the images of a run by a protocol.

    Args:
        run: RUN or RUN:SET.
        protocol: its networks, repeats, epochs and seed are written out, other settings where not the usual.
        kinds: of training images; left open, the condensed ones.
        iteration: which images; left open, the latest.
        dataset: left open, the run's own.
        method: of the run; the settings of a test of other methods than dm have other defaults.
    """
    words = ["dmcore", "evaluate", run, *_as_of_dm(method)]
    options = {"kind": ",".join(kinds), "iteration": iteration, "dataset": dataset}
    for name, value in options.items():
        if value not in ("", None):
            words += [f"--{name}", str(value)]
    for name in ("networks", "repeats", "epochs", *EvaluateConfig.model_fields):
        value, flag = getattr(protocol, name), f"--{name.replace('_', '-')}"
        explicit = name in ("networks", "repeats", "epochs", "seed")
        if flag not in words and (explicit or value != getattr(EvaluateConfig(), name)):
            words += [flag, _flag_value(value)]
    return shlex.join(words)


def evaluate_commands(
    run: str,
    protocols: Collection[tuple[str, EvaluateConfig]],
    *,
    of_start: bool = False,
    method: Method = "dm",
) -> tuple[str, ...]:
    """Shell commands that test the images of a run and real ones, each protocol once with all its kinds.

    Args:
        run: RUN or RUN:SET.
        protocols: kinds of training images, each with its protocol.
        of_start: whether the images that it started from are tested, too.
        method: of the run.
    """
    commands = []
    for protocol in dict.fromkeys(protocol for _, protocol in protocols):
        kinds = [kind for kind, each in protocols if each == protocol]
        commands.append(evaluate_command(run, protocol, kinds, method=method))
        if of_start and "condensed" in kinds:
            commands.append(evaluate_command(run, protocol, iteration=0, method=method))
    return tuple(commands)


def short_evaluate_options(protocol: EvaluateConfig, method: Method) -> str:
    """Options that test a run of a method for the epochs and repeats of a protocol with usual settings."""
    words = [*_as_of_dm(method), "--epochs", str(protocol.epochs), "--repeats", str(protocol.repeats)]
    return shlex.join(words)


def _as_of_dm(method: Method) -> tuple[str, ...]:
    """Option that makes what is left out in a test the defaults of `EvaluateConfig`, whatever the run's."""
    return () if method == "dm" else ("--protocol", "dm")


def recompute_command(config: CondenseConfig, protocols: Collection[tuple[str, EvaluateConfig]]) -> str:
    """Shell command that makes a run again and tests it: one line, of commands that follow each other.

    Args:
        config: of the run.
        protocols: kinds of training images, each with its protocol.
    """
    return " && ".join((command_line(config, ("dataset", "seed")), *evaluate_commands(LATEST, protocols)))


def _flag_value(value: object) -> str:
    if isinstance(value, list | tuple):
        return ",".join(f"{item:g}" if isinstance(item, float) else str(item) for item in value) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
