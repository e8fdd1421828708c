"""Command-line flags generated from pydantic models: a flag per field, its docstring as help, its bounds.

Every flag is read as text and validated by the model alone, so all error messages have the same form.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, field, make_dataclass
from difflib import get_close_matches
from inspect import get_annotations
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

import tyro
from pydantic import BaseModel, ValidationError

from dmcore.config import MOST_SETS, CondenseConfig
from dmcore.config.annotations import base_type, item_type
from dmcore.config.command_line import VARIED, config_of_lists
from dmcore.config.models import FromOneTo

LONGEST_SHOWN, LONGEST_NUMBER = 60, 4000
"""Characters of what was typed that a message repeats, and digits that are read."""
NOT_WHOLE = "must be a whole number"

Model = TypeVar("Model", bound=BaseModel)
Command = TypeVar("Command")
Name = TypeVar("Name", bound=str)


class WrongArgumentsError(ValueError):
    """Invalid command-line arguments; the message names the flag and what is allowed."""


def with_flags(
    base: type[Command],
    *models: type[BaseModel],
    skip: Iterable[str] = (),
    belongs_to: Mapping[str, str] | None = None,
    hints: Mapping[str, str] | None = None,
) -> type[Command]:
    """Dataclass `base` extended by a flag for every field of the models; one left open is None, a switch off.

    Args:
        base: class of the command.
        models: a field of several of them is one flag, that of the first.
        skip: fields without a flag.
        belongs_to: whose option each field is, before its help; then help tells no default, and a switch is
            None where it is left open.
        hints: text on the default of a field, where it is not the first model's alone.
    """
    flags: dict[str, tuple[str, Any, Any]] = {}
    for model in models:
        own = get_annotations(model)
        for name, info in sorted(model.model_fields.items(), key=lambda item: item[0] not in own):
            if name not in skip and name not in flags:
                help_text = info.description or ""
                if name in VARIED and issubclass(model, CondenseConfig):
                    help_text += " A comma list makes several sets that share the real batches."
                if belongs_to is not None:
                    help_text = f"{belongs_to[name]}: {help_text}"
                default = info.default if belongs_to is None else None
                hint = (hints or {}).get(name, default_hint({"": default}))
                flags[name] = _flag(name, info.annotation, default, help_text, hint)
    generated = make_dataclass("Flags", flags.values(), frozen=True, kw_only=True)  # last, so shown first
    extended = make_dataclass(base.__name__, [], bases=(base, generated), frozen=True, kw_only=True)
    extended.__doc__ = base.__doc__
    return extended


def config_of(flags: Any, model: type[Model]) -> Model:
    """Configuration of a command line; a flag that was left open is not set.

    Raises:
        ValidationError: a value is not allowed (a ValueError); `validation_message` names the flag.
    """
    return model.model_validate(_values(flags, model))


def default_hint(defaults: Mapping[str, Any]) -> str:
    """Text on the default of a flag, of several models by their names: '(default: 20000; dc: 1000)'."""
    texts = [
        f"{name}{': ' * bool(name)}{','.join(default) if isinstance(default, tuple) else default}"
        for name, default in defaults.items()
        if default is not None
    ]
    return f"(default: {'; '.join(texts)})" if texts else ""


def condense_config(flags: Any) -> CondenseConfig:
    """`CondenseConfig` of a condense command line, whose fields of `VARIED` take comma lists.

    Raises:
        WrongArgumentsError: the lists make too many sets; the message names the last.
        ValidationError: a value is not allowed, as in `config_of`.
    """
    values = _values(flags, CondenseConfig)
    lists = {
        name: (comma_list(values.pop(name)) or [""])
        if name in values
        else [CondenseConfig.model_fields[name].default]
        for name in VARIED
    }
    count = math.prod(map(len, lists.values()))
    if count > MOST_SETS:
        flag = [name for name in VARIED if len(lists[name]) > 1][-1].replace("_", "-")
        raise WrongArgumentsError(f"--{flag}: the lists make {count} sets, at most {MOST_SETS} fit")
    return config_of_lists(values, lists)


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


def whole_number(typed: str) -> int:
    """Parse a whole number; one of very many digits is cut, and still too large.

    Raises:
        ValueError: it is none.
    """
    try:
        return int(typed.strip()[:LONGEST_NUMBER])
    except ValueError:
        raise ValueError(NOT_WHOLE) from None


def check_number(flag: str, value: int | None, most: int) -> None:
    """Check that a number is from 1 to `most`; one left open is.

    Raises:
        WrongArgumentsError: it is not; the message names the flag.
    """
    if value is not None:
        try:
            FromOneTo(most).checked(value)
        except ValueError as refusal:
            raise WrongArgumentsError(f"--{flag} {shortened(value)}: {refusal}") from refusal


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


def _flag(name: str, annotation: Any, default: Any, text: str, hint: str) -> tuple[str, Any, Any]:
    if annotation is bool:
        return name, Annotated[bool, tyro.conf.arg(help=text, help_behavior_hint="")], field(default=default)
    item = item_type(annotation)
    kind = base_type(annotation) if item is None else item
    metavar = {int: "INT", float: "FLOAT"}.get(kind, "TEXT")
    if get_origin(kind) is Literal:
        metavar = "{" + ",".join(get_args(kind)) + "}"
    metavar += ",…" * (item is not None) + "|none" * _takes_none(annotation)
    # constructor: tyro would read the word None as an option left open
    options = tyro.conf.arg(constructor=str, help=text, metavar=metavar, help_behavior_hint=hint)
    return name, Annotated[str | None, options], field(default=None)


def _values(flags: Any, model: type[BaseModel]) -> dict[str, Any]:
    """Values of the flags of `model`, lists split at commas; a flag left open is left out."""
    values = {}
    for name, typed in asdict(flags).items():
        if name in model.model_fields and typed is not None:
            annotation = model.model_fields[name].annotation
            if typed == "none" and _takes_none(annotation):
                typed = ()
            elif item_type(annotation) is not None:
                typed = comma_list(typed)
            values[name] = typed
    return values


def _takes_none(annotation: Any) -> bool:
    """Whether a list may be left open, so that an empty one is another choice: the word none."""
    return item_type(annotation) is not None and type(None) in get_args(annotation)


def validation_message(error: ValidationError) -> str:
    """First error as a message, `--flag value: what is allowed`."""
    first = error.errors()[0]
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return message
    value = first["input"]
    message = message.replace("Input should be ", "must be ").partition(", unable")[0]
    message = message.replace("must be a valid integer", NOT_WHOLE)
    if first["type"] == "literal_error":
        names = [name.strip(" '") for name in first["ctx"]["expected"].replace(" or ", ",").split(",")]
        message = suggestion(str(value), names)
    typed = "" if isinstance(value, list | tuple) else f" {shortened(value)}"
    return f"--{str(first['loc'][0]).replace('_', '-')}{typed}: {message}"


def suggestion(value: str, names: list[str]) -> str:
    """Message with the choices `names` for an unknown value, the nearest match first."""
    near = get_close_matches(value[:LONGEST_SHOWN].lower(), names, n=1, cutoff=0.6)
    meant = f"did you mean {near[0]}? " if near else ""
    return f"{meant}Choose from {', '.join(names)}" if near else f"choose from {', '.join(names)}"
