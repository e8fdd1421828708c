"""Values of the set-up form's widgets, by key, from a set-up and back."""

from typing import Any

from pydantic import ValidationError

from dmcore.config import CondenseConfig
from dmcore.config.command_line import VARIED, config_of_lists, lists_of_config
from dmcore.config.differences import label_of
from dmcore.config.formatting import sentence

FIRST_FIELDS = ("dataset", "images_per_class", "init", "network", "iterations")
MORE_FIELDS = tuple(name for name in CondenseConfig.model_fields if name not in (*FIRST_FIELDS, "sets"))
FORM_FIELDS = (*FIRST_FIELDS, *MORE_FIELDS)

AUTOMATIC = "automatic"
"""The choice that leaves a field open."""


def values_of_config(config: CondenseConfig) -> dict[str, Any]:
    """Convert a set-up to the values of the form's widgets, by key."""
    lists = lists_of_config(config) or {name: [getattr(config, name)] for name in VARIED}
    values: dict[str, Any] = {}
    for name in FORM_FIELDS:
        value = getattr(config, name)
        if name == "init":
            values[name] = list(lists[name])
        elif name in VARIED:
            values[name] = [f"{number:g}" for number in lists[name]]
        elif name == "augment":
            values[name] = [AUTOMATIC] if value is None else list(value)
        else:
            values[name] = AUTOMATIC if value is None else value
    return values


def config_of_values(values: dict[str, Any]) -> CondenseConfig:
    """Convert widget values to a set-up.

    Raises:
        ValueError: in a sentence that names the field and what is allowed.
    """
    lists = {name: list(values[name]) for name in VARIED}
    plain = {name: _config_value(name, value) for name, value in values.items() if name not in VARIED}
    try:
        return config_of_lists(plain, lists)
    except ValidationError as error:
        first = error.errors()[0]
        message = first["msg"].removeprefix("Value error, ")
        if not first["loc"]:
            raise ValueError(sentence(message)) from error
        name = label_of(str(first["loc"][0]))
        raise ValueError(
            f"{name} is {first['input']!r}: {message[0].lower()}{message[1:]}. Mend it in the set-up."
        ) from error


def _config_value(name: str, value: Any) -> Any:
    """A widget's value as the configuration holds it: None for `AUTOMATIC`."""
    if name == "augment":
        return None if AUTOMATIC in value else tuple(value)
    return None if value == AUTOMATIC else value
