"""Set-up as the values of the form's widgets, and back; the fields that each method has.

The key of a widget is the name of its field, which is its name in the address too.
"""

from typing import Any

from pydantic import ValidationError

from app.jobs.run_presets import FROM_NOISE
from dmcore.config import METHODS, CondenseConfig, Method, MethodConfig
from dmcore.config.command_line import VARIED, config_of_lists, lists_of_config
from dmcore.config.differences import label_of
from dmcore.config.formatting import sentence
from dmcore.config.methods import with_method

METHOD = "method"
"""Key of the method."""
FIRST_FIELDS = ("dataset", "images_per_class", "init", "network", "iterations")
AUTOMATIC = "automatic"
"""The choice that leaves a field open."""


def fields_of(method: Method) -> tuple[str, ...]:
    """Fields of the form for a method, the first ones first; several sets are lists in their fields."""
    more = METHODS[method].model_fields
    return (*FIRST_FIELDS, *(name for name in more if name not in (*FIRST_FIELDS, METHOD, "sets")))


FORM_FIELDS = tuple(dict.fromkeys([METHOD, *(name for method in METHODS for name in fields_of(method))]))
"""Every field that the form may show: the method, and what each method has."""


def default_setup(method: Method) -> MethodConfig:
    """The set-up of a fresh page's form, for a method."""
    return with_method(FROM_NOISE.config, method)


def values_of_config(config: MethodConfig) -> dict[str, Any]:
    """Convert a set-up to the values of the form's widgets, by key."""
    lists = lists_of_config(config) if isinstance(config, CondenseConfig) else None
    lists = lists or {name: [getattr(config, name)] for name in VARIED}
    values: dict[str, Any] = {METHOD: config.method}
    for name in fields_of(config.method):
        value = getattr(config, name)
        if name == "init":
            values[name] = list(lists[name])
        elif name in VARIED:
            values[name] = [f"{number:g}" for number in lists[name]]
        elif name == "augment":
            values[name] = [AUTOMATIC] if value is None else list(value)
        elif name == "norm":
            values[name] = AUTOMATIC if value is None else value
        else:
            values[name] = value
    return values


def config_of_values(values: dict[str, Any]) -> MethodConfig:
    """Convert widget values to a set-up.

    Raises:
        ValueError: in a sentence that names the field and what is allowed.
    """
    method: Method = values[METHOD]
    lists = {name: list(values[name]) for name in VARIED}
    others = {name: value for name, value in values.items() if name not in (METHOD, *VARIED)}
    plain = {name: _config_value(name, value) for name, value in others.items()}
    try:
        if method == "dm":
            return config_of_lists(plain, lists)
        return METHODS[method].model_validate(plain | _single_values(method, lists))
    except ValidationError as error:
        first = error.errors()[0]
        message = first["msg"].removeprefix("Value error, ")
        if not first["loc"]:
            raise ValueError(sentence(_with_labels(message, method))) from error
        name = label_of(str(first["loc"][0]), METHODS[method])
        raise ValueError(
            f"{name} is {first['input']!r}: {message[0].lower()}{message[1:]}. Mend it in the set-up."
        ) from error


def setup_query_params(config: MethodConfig) -> dict[str, list[str]]:
    """Query parameters of a link to a set-up: the method, and what differs from its fresh form."""
    default = values_of_config(default_setup(config.method)) | {METHOD: "dm"}
    params: dict[str, list[str]] = {}
    for name, value in values_of_config(config).items():
        if value != default[name]:
            items = value if isinstance(value, list) else [value]
            params[name] = [_query_text(name, item) for item in items]
    return params


def method_label(method: str) -> str:
    """Name of a method in the form, and so in the address."""
    return method.upper()


def _query_text(name: str, value: Any) -> str:
    """A value as Streamlit writes it into the URL: options by their label, switches in lower case."""
    if name == METHOD:
        return method_label(value)
    if name == "init":
        return str(value).replace("_", " ")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _config_value(name: str, value: Any) -> Any:
    """A widget's value as the configuration holds it: None for `AUTOMATIC`."""
    if name == "augment":
        return None if AUTOMATIC in value else tuple(value)
    return None if value == AUTOMATIC else value


def _single_values(method: Method, lists: dict[str, list[Any]]) -> dict[str, Any]:
    """Values of the fields that take several with distribution matching.

    Raises:
        ValueError: one has none, or several.
    """
    for name, items in lists.items():
        label = label_of(name, METHODS[method])
        if not items:
            raise ValueError(f"{label} is empty: choose a value")
        if len(items) > 1:
            raise ValueError(
                f"{method_label(method)} learns one set in a run, because its networks are trained on it: "
                f"choose one value of “{label}”"
            )
    return {name: items[0] for name, items in lists.items()}


def _with_labels(message: str, method: Method) -> str:
    """A message of the configuration with labels in place of its fields' names."""
    for name in fields_of(method):
        if "_" in name:
            message = message.replace(name, f"“{label_of(name, METHODS[method])}”")
    return message
