"""Methods of condensation and the settings of each: distribution matching (DM), gradient matching (DC, DSA).

Settings without a `method` are those of DM: files written before there were others stay as they are.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator, Tag

from dmcore.config.gradient_matching import DcConfig, DsaConfig
from dmcore.config.models import CondenseConfig

Method = Literal["dm", "dc", "dsa"]

METHODS: dict[Method, type[CondenseConfig] | type[DcConfig] | type[DsaConfig]] = {
    "dm": CondenseConfig,
    "dc": DcConfig,
    "dsa": DsaConfig,
}
"""Settings of each method."""

METHOD_TITLES: dict[Method, str] = {
    "dm": "distribution matching",
    "dc": "gradient matching (DC)",
    "dsa": "gradient matching with Siamese augmentation (DSA)",
}

OWN_DEFAULTS = ("init", "image_lr")
"""Settings that are published with each method, and mean something else with another."""


def with_method(config: CondenseConfig | DcConfig | DsaConfig, method: Method) -> "MethodConfig":
    """The same condensation by another method: the settings that both have, but for `OWN_DEFAULTS`.

    Raises:
        ValueError: the method refuses them, such as images per class without published loops.
    """
    if config.method == method:
        return config
    target = METHODS[method]
    kept = set(type(config).model_fields) & set(target.model_fields) - {"method", *OWN_DEFAULTS}
    return target.model_validate({name: getattr(config, name) for name in kept})


def _method_of(settings: object) -> object:
    if isinstance(settings, Mapping):
        return settings.get("method", "dm")
    return getattr(settings, "method", None)


MethodConfig: TypeAlias = Annotated[
    Annotated[CondenseConfig, Tag("dm")] | Annotated[DcConfig, Tag("dc")] | Annotated[DsaConfig, Tag("dsa")],
    Discriminator(_method_of),
]
"""Settings of a condensation by any method."""
