"""Flags drawn from the pydantic models: one flag per field, its docstring as help, its bounds as the check.

Every flag is read as text and checked by the model alone, so every wrong value gets a sentence of one kind.
Must not import torch: `dmcore --help` is drawn from here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, field, make_dataclass
from difflib import get_close_matches
from inspect import get_annotations
from itertools import product
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import tyro
from pydantic import BaseModel, ValidationError

from dmcore.config import CondenseConfig, EvaluateConfig, PoolConfig, SetChange

VARIED = ("images_per_class", "init", "image_lr", "momentum")
"""Fields that take a comma list on the command line: every combination is a set on one shared real side."""


Model = TypeVar("Model", bound=BaseModel)
Command = TypeVar("Command")
Name = TypeVar("Name", bound=str)


class WrongArgumentsError(ValueError):
    """What was typed cannot be honoured; the sentence names the flag and what is allowed."""


def with_flags(base: type[Command], model: type[BaseModel], skip: Iterable[str] = ()) -> type[Command]:
    """`base` with one more field, hence one more flag, for every field of `model` but those to skip."""
    own = get_annotations(model)
    flags = [
        _flag(name, info.annotation, info.default, _help(name, info.description or "", model))
        for name, info in sorted(model.model_fields.items(), key=lambda item: item[0] not in own)
        if name not in skip
    ]
    drawn = make_dataclass("Flags", flags, frozen=True, kw_only=True)  # the last base, so shown first
    extended = make_dataclass(base.__name__, [], bases=(base, drawn), frozen=True, kw_only=True)
    extended.__doc__ = base.__doc__
    return extended


def condense_config(flags: Any) -> CondenseConfig:
    """The run that a condense command line asks for.

    Raises:
        WrongArgumentsError: a value is not allowed, in a sentence naming the flag.
    """
    values = _values(flags, CondenseConfig)
    lists = {name: comma_list(values[name]) for name in VARIED}
    varied = [name for name in VARIED if len(lists[name]) > 1]
    values |= {name: items[0] if items else "" for name, items in lists.items()}
    if varied:
        chosen = product(*(lists[name] for name in varied))
        values["sets"] = [_checked(SetChange, dict(zip(varied, one, strict=True))) for one in chosen]
    return _checked(CondenseConfig, values)


def evaluate_config(flags: Any) -> EvaluateConfig:
    """The protocol that an evaluate command line asks for.

    Raises:
        WrongArgumentsError: a value is not allowed, in a sentence naming the flag.
    """
    values = _values(flags, EvaluateConfig)
    return _checked(EvaluateConfig, values | {"networks": comma_list(values["networks"])})


def pool_config(flags: Any) -> PoolConfig:
    """The pool that a command line asks for.

    Raises:
        WrongArgumentsError: a value is not allowed, in a sentence naming the flag.
    """
    return _checked(PoolConfig, _values(flags, PoolConfig))


def one_of(flag: str, value: str, allowed: Iterable[Name]) -> Name:
    """`value`, when it is allowed.

    Args:
        flag: the option's name, or in capitals what a value without one is called.
        value: what was typed.
        allowed: all that it may be.

    Raises:
        WrongArgumentsError: it is not; the sentence says what is, the nearest first.
    """
    names = {str(name): name for name in allowed}
    if value not in names:
        shown = flag if flag.isupper() else f"--{flag}"
        raise WrongArgumentsError(f"{shown} {value}: {choices(value, list(names))}")
    return names[value]


def comma_list(text: str) -> list[str]:
    """Split at commas: a,b -> ["a", "b"]."""
    return [item.strip() for item in text.split(",") if item.strip()]


def _help(name: str, text: str, model: type[BaseModel]) -> str:
    several = name in VARIED and issubclass(model, CondenseConfig)
    return text + " A comma list makes several sets that share one real side." * several


def _flag(name: str, annotation: Any, default: Any, text: str) -> tuple[str, Any, Any]:
    if annotation is bool:
        return name, Annotated[bool, tyro.conf.arg(help=text, help_behavior_hint="")], field(default=default)
    choices = _literals(annotation)
    listed = "{" + ",".join(choices) + "}" if choices else ""
    if name == "augment":
        listed += "|none"
    metavar = listed or {int: "INT", float: "FLOAT"}.get(_plain(annotation), "TEXT")
    if isinstance(default, tuple):
        default = ",".join(default)
    if default is not None:
        default = str(default)
    hint = "" if default is None else f"(default: {default})"
    shown = tyro.conf.arg(help=text, metavar=metavar, help_behavior_hint=hint)
    return name, Annotated[str | None, shown], field(default=default)


def _values(flags: Any, model: type[BaseModel]) -> dict[str, Any]:
    """What was typed for the fields of `model`; a flag left open is left out."""
    typed = {name: value for name, value in asdict(flags).items() if name in model.model_fields}
    if typed.get("augment") is not None:
        typed["augment"] = [] if typed["augment"] == "none" else comma_list(typed["augment"])
    return {name: value for name, value in typed.items() if value is not None}


def _checked(model: type[Model], values: Mapping[str, Any]) -> Model:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise WrongArgumentsError(sentence_of(error)) from error


def sentence_of(error: ValidationError) -> str:
    """The first thing wrong, as `--flag value: what is allowed`."""
    first = error.errors()[0]
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return message
    value = first["input"]
    message = message.replace("Input should be ", "must be ").partition(", unable")[0]
    if first["type"] == "literal_error":
        names = [name.strip(" '") for name in first["ctx"]["expected"].replace(" or ", ",").split(",")]
        message = choices(str(value), names)
    return f"--{str(first['loc'][0]).replace('_', '-')} {value}: {message}"


def choices(value: str, names: list[str]) -> str:
    """What to choose instead of a value that is not among `names`, the nearest first."""
    near = get_close_matches(value.lower(), names, n=1, cutoff=0.6)
    meant = f"did you mean {near[0]}? " if near else ""
    return f"{meant}Choose from {', '.join(names)}" if near else f"choose from {', '.join(names)}"


def _plain(annotation: Any) -> Any:
    """The type inside an annotation, without bounds and without None."""
    if get_origin(annotation) in (Union, UnionType):
        return _plain(next(one for one in get_args(annotation) if one is not type(None)))
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _literals(annotation: Any) -> tuple[str, ...]:
    """The names a field chooses from, also inside a tuple or an optional; empty where it is no choice."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return next((found for one in get_args(annotation) if (found := _literals(one))), ())
