"""Flags of `dmcore condense` by method: which of them a method has, their defaults, the configuration."""

from dataclasses import asdict
from typing import Any

from dmcore.cli.flags import WrongArgumentsError, comma_list, condense_config, config_of, default_hint, one_of
from dmcore.config import METHODS, CondenseConfig, MethodConfig
from dmcore.config.command_line import VARIED

_REASONS = {
    **dict.fromkeys(
        ("replay", "replay_keep", "replay_every"),
        "only dm has it, because the real side of gradient matching depends on the images that are learned",
    ),
    **dict.fromkeys(
        ("source", "pool_networks", "pool_steps", "pool_half"),
        "only dm has it, because gradient matching trains a random network on the images that are learned",
    ),
    "augment": "DC augments nothing: take --method dsa, which is DC with augmentation",
}
"""Why another method has no such option; those left out are of gradient matching."""
_OF_GRADIENT_MATCHING = {
    "iterations": "(dc and dsa: fresh networks, one after the other)",
    "real_batch": "(dc and dsa: per class and matching step)",
}
"""What a setting is of gradient matching, where that is something else."""


def method_hints() -> dict[str, str]:
    """Text on each field: its methods and meaning where these differ, and the defaults."""
    hints = {}
    for name in {name for model in METHODS.values() for name in model.model_fields}:
        defaults: dict[str, Any] = {
            method: model.model_fields[name].default
            for method, model in METHODS.items()
            if name in model.model_fields
        }
        same = len(set(defaults.values())) == 1
        hint = default_hint({"": next(iter(defaults.values()))} if same else defaults)
        only = f"({' and '.join(defaults)} only)" if len(defaults) < len(METHODS) else ""
        hints[name] = " ".join(filter(None, (only, _OF_GRADIENT_MATCHING.get(name), hint)))
    return hints


def method_config(flags: Any) -> MethodConfig:
    """Configuration of a condense command line by the method that it names, `flags.method`.

    Raises:
        WrongArgumentsError: no such method, an option of another method, or several sets where there is one.
        ValidationError: a value is not allowed, as in `config_of`.
    """
    chosen = one_of("method", flags.method, METHODS)
    model = METHODS[chosen]
    every = {name for other in METHODS.values() for name in other.model_fields} - {"method"}
    for name, typed in asdict(flags).items():
        if name in every and name not in model.model_fields and typed not in (None, False):
            reason = _REASONS.get(name, "only gradient matching has it, --method dc or dsa")
            raise WrongArgumentsError(f"{_flag(name)} with --method {chosen}: {reason}")
    if model is CondenseConfig:
        return condense_config(flags)
    for name in VARIED:
        typed = getattr(flags, name)
        if typed is not None and len(comma_list(typed)) > 1:
            raise WrongArgumentsError(
                f"{_flag(name)} {typed}: gradient matching trains its network on the one set that it learns, "
                "so several cannot share a real side: start a run for each"
            )
    return config_of(flags, model)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
