"""Command-line flags generated from pydantic models: a flag per field, its docstring as help, its bounds.

Every flag is read as text and validated by the model alone, so all error messages have the same form.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, field, make_dataclass
from difflib import get_close_matches
from inspect import get_annotations
from itertools import product
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

import tyro
from pydantic import BaseModel, ValidationError

from dmcore.config import MOST_SETS, CondenseConfig, EvaluateConfig, PoolConfig, SetChange
from dmcore.config.annotations import base_type

VARIED = ("images_per_class", "init", "image_lr", "momentum")
"""Fields that take a comma list: every combination is a synthetic set on the same shared real batches."""


LONGEST_NUMBER = 20
"""Digits from which on a number is not read: it is too large for anything."""
LONGEST_SHOWN = 60
"""Characters of what was typed that a message repeats."""

Model = TypeVar("Model", bound=BaseModel)
Command = TypeVar("Command")
Name = TypeVar("Name", bound=str)


class WrongArgumentsError(ValueError):
    """Invalid command-line arguments; the message names the flag and what is allowed."""


def with_flags(base: type[Command], model: type[BaseModel], skip: Iterable[str] = ()) -> type[Command]:
    """Dataclass `base` extended by a flag for every field of `model` except those in `skip`."""
    own = get_annotations(model)
    flags = [
        _flag(name, info.annotation, info.default, _help(name, info.description or "", model))
        for name, info in sorted(model.model_fields.items(), key=lambda item: item[0] not in own)
        if name not in skip
    ]
    generated = make_dataclass("Flags", flags, frozen=True, kw_only=True)  # the last base, so shown first
    extended = make_dataclass(base.__name__, [], bases=(base, generated), frozen=True, kw_only=True)
    extended.__doc__ = base.__doc__
    return extended


def condense_config(flags: Any) -> CondenseConfig:
    """`CondenseConfig` of a condense command line.

    Raises:
        WrongArgumentsError: a value is not allowed; the message names the flag.
    """
    values = _values(flags, CondenseConfig)
    lists = {name: comma_list(values[name]) for name in VARIED}
    varied = [name for name in VARIED if len(lists[name]) > 1]
    values |= {name: items[0] if items else "" for name, items in lists.items()}
    if varied:
        count = math.prod(len(lists[name]) for name in varied)
        if count > MOST_SETS:
            flag = varied[-1].replace("_", "-")
            raise WrongArgumentsError(f"--{flag}: the lists make {count} sets, at most {MOST_SETS} fit")
        combinations = product(*(lists[name] for name in varied))
        values["sets"] = [
            _checked(SetChange, dict(zip(varied, combination, strict=True))) for combination in combinations
        ]
    return _checked(CondenseConfig, values)


def evaluate_config(flags: Any) -> EvaluateConfig:
    """`EvaluateConfig` of an evaluate command line.

    Raises:
        WrongArgumentsError: a value is not allowed; the message names the flag.
    """
    values = _values(flags, EvaluateConfig)
    return _checked(EvaluateConfig, values | {"networks": comma_list(values["networks"])})


def pool_config(flags: Any) -> PoolConfig:
    """`PoolConfig` of a pool command line.

    Raises:
        WrongArgumentsError: a value is not allowed; the message names the flag.
    """
    return _checked(PoolConfig, _values(flags, PoolConfig))


def one_of(flag: str, value: str, allowed: Iterable[Name]) -> Name:
    """Check a choice: `value` where it is among `allowed`.

    Args:
        flag: the option's name, or the metavar in capitals of a positional argument.
        value: what was typed.
        allowed: all choices.

    Raises:
        WrongArgumentsError: it is not; the message lists the choices, the nearest first.
    """
    names = {str(name): name for name in allowed}
    if value not in names:
        option = flag if flag.isupper() else f"--{flag}"
        raise WrongArgumentsError(f"{option} {shortened(value)}: {suggestion(value, list(names))}")
    return names[value]


def check_number(flag: str, value: int | None, most: int, typed: str = "") -> None:
    """Check that a number is from 1 to `most`; one left open is.

    Args:
        flag: the option's name.
        value: the number.
        most: the largest that is allowed.
        typed: what was typed; left out, the number.

    Raises:
        WrongArgumentsError: it is not.
    """
    if value is not None and not 1 <= value <= most:
        limit = "at least 1" if value < 1 else f"at most {most}"
        raise WrongArgumentsError(f"--{flag} {shortened(typed or value)}: must be {limit}")


def parse_count(flag: str, typed: str, most: int) -> int:
    """Parse a whole number from 1 to `most`.

    Raises:
        WrongArgumentsError: it is none; the message names the flag.
    """
    readable = typed.isdecimal() and len(typed) <= LONGEST_NUMBER
    number = int(typed) if readable else most + 1 if typed.isdecimal() else 0
    check_number(flag, number, most, typed)
    return number


def most_of(model: type[BaseModel], name: str) -> int:
    """Largest value that a field of a model allows."""
    bounds = (getattr(bound, "le", None) for bound in model.model_fields[name].metadata)
    return int(next(bound for bound in bounds if bound is not None))


def shortened(typed: object) -> str:
    """What was typed, cut where it is too long for a message."""
    text = str(typed)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def comma_list(text: str) -> list[str]:
    """Split at commas: a,b -> ["a", "b"]."""
    return [item.strip() for item in text.split(",") if item.strip()]


def _help(name: str, text: str, model: type[BaseModel]) -> str:
    several = name in VARIED and issubclass(model, CondenseConfig)
    return text + " A comma list makes several sets that share the real batches." * several


def _flag(name: str, annotation: Any, default: Any, text: str) -> tuple[str, Any, Any]:
    if annotation is bool:
        return name, Annotated[bool, tyro.conf.arg(help=text, help_behavior_hint="")], field(default=default)
    suggestion = _literals(annotation)
    listed = "{" + ",".join(suggestion) + "}" if suggestion else ""
    if name == "augment":
        listed += "|none"
    metavar = listed or {int: "INT", float: "FLOAT"}.get(base_type(annotation), "TEXT")
    if isinstance(default, tuple):
        default = ",".join(default)
    if default is not None:
        default = str(default)
    hint = "" if default is None else f"(default: {default})"
    # constructor: tyro would read the word None as an option left open
    options = tyro.conf.arg(constructor=str, help=text, metavar=metavar, help_behavior_hint=hint)
    return name, Annotated[str | None, options], field(default=default)


def _values(flags: Any, model: type[BaseModel]) -> dict[str, Any]:
    """Values of the flags of `model`; a flag left open is left out."""
    typed = {name: value for name, value in asdict(flags).items() if name in model.model_fields}
    if typed.get("augment") is not None:
        typed["augment"] = [] if typed["augment"] == "none" else comma_list(typed["augment"])
    return {name: value for name, value in typed.items() if value is not None}


def _checked(model: type[Model], values: Mapping[str, Any]) -> Model:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise WrongArgumentsError(validation_message(error)) from error


def validation_message(error: ValidationError) -> str:
    """First error as a message, `--flag value: what is allowed`."""
    first = error.errors()[0]
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return message
    value = first["input"]
    message = message.replace("Input should be ", "must be ").partition(", unable")[0]
    if first["type"] == "literal_error":
        names = [name.strip(" '") for name in first["ctx"]["expected"].replace(" or ", ",").split(",")]
        message = suggestion(str(value), names)
    return f"--{str(first['loc'][0]).replace('_', '-')} {shortened(value)}: {message}"


def suggestion(value: str, names: list[str]) -> str:
    """Message with the choices `names` for an unknown value, the nearest match first."""
    near = get_close_matches(value[:LONGEST_SHOWN].lower(), names, n=1, cutoff=0.6)
    meant = f"did you mean {near[0]}? " if near else ""
    return f"{meant}Choose from {', '.join(names)}" if near else f"choose from {', '.join(names)}"


def _literals(annotation: Any) -> tuple[str, ...]:
    """Values of a Literal, also inside a tuple or an optional; empty where the field is no choice."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return next((literals for inner in get_args(annotation) if (literals := _literals(inner))), ())
