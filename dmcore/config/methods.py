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


def _method_of(settings: object) -> object:
    if isinstance(settings, Mapping):
        return settings.get("method", "dm")
    return getattr(settings, "method", None)


MethodConfig: TypeAlias = Annotated[
    Annotated[CondenseConfig, Tag("dm")] | Annotated[DcConfig, Tag("dc")] | Annotated[DsaConfig, Tag("dsa")],
    Discriminator(_method_of),
]
"""Settings of a condensation by any method."""
