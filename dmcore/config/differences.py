"""Differences of two configurations, field by field, as texts: against a run's, against the paper's."""

from dataclasses import dataclass

from dmcore.config import METHODS, CondenseConfig, Method, MethodConfig, SetChange
from dmcore.config.formatting import grouped
from dmcore.config.models import MatchingConfig

PAPER_DATASETS: dict[Method, tuple[str, ...]] = {
    "dm": ("mnist", "cifar10", "cifar100", "tinyimagenet", "imagenet64"),
    "dc": ("mnist", "fashion_mnist", "svhn", "cifar10"),
    "dsa": ("mnist", "fashion_mnist", "svhn", "cifar10", "cifar100"),
}
"""Data sets of the paper of each method."""
PAPER_COUNTS = (1, 10, 50)
_OPEN = {"norm": "the network's own", "outer_steps": "as published", "inner_epochs": "as published"}
"""Value of a field that is left open."""


@dataclass(frozen=True)
class Difference:
    """Field in which two configurations differ, with both values as texts."""

    field: str
    value: str
    other: str
    label: str = ""
    """Label of the field, as the first configuration has it."""

    def __str__(self) -> str:
        if self.field == "sets":
            return f"{self.value} instead of {self.other}"
        return f"{self.label.lower()} {self.value} instead of {self.other}"


def label_of(field: str, own: type[MatchingConfig] = CondenseConfig) -> str:
    """Label of a field of a configuration: its title, else its name with spaces.

    Args:
        field: its name.
        own: class of the configuration; a field that it has not is labelled as another method has it.
    """
    models = (own, *METHODS.values())
    described = (model.model_fields[field] for model in models if field in model.model_fields)
    title = next((info.title for info in described), None)
    return title or field.replace("_", " ").capitalize()


def differences(config: MethodConfig, other: MethodConfig) -> tuple[Difference, ...]:
    """List the fields in which two configurations differ, in their order, the data set first.

    Of two methods, the method and the fields that both have.
    """
    shared = [name for name in type(config).model_fields if name in type(other).model_fields]
    names = ("dataset", "method", *(name for name in shared if name not in ("dataset", "method")))
    return tuple(
        Difference(
            name,
            value_text(name, getattr(config, name)),
            value_text(name, getattr(other, name)),
            label_of(name, type(config)),
        )
        for name in names
        if getattr(config, name) != getattr(other, name)
    )


def differences_from_paper(config: MethodConfig) -> tuple[str, ...]:
    """Describe how a configuration differs from its paper's, which has 1, 10 and 50 images per class."""
    texts = []
    if config.dataset not in PAPER_DATASETS[config.method]:
        texts.append(f"data set {config.dataset} (not in the paper)")
    for difference in differences(config, type(config)(dataset=config.dataset)):
        if difference.field == "images_per_class" and config.images_per_class in PAPER_COUNTS:
            continue
        if (
            isinstance(config, CondenseConfig)
            and difference.field == "sets"
            and _only_the_papers_counts(config)
        ):
            texts.append(f"{len(config.sets)} sizes share one real side (there each is learned by itself)")
            continue
        texts.append(str(difference))
    return tuple(texts)


def _only_the_papers_counts(config: CondenseConfig) -> bool:
    """Whether the sets differ in nothing but how many images they have, and only as in the paper."""
    changes = [change.model_dump(exclude_none=True, exclude={"name"}) for change in config.sets]
    return all(
        fields.keys() == {"images_per_class"} and fields["images_per_class"] in PAPER_COUNTS
        for fields in changes
    )


def value_text(field: str, value: object) -> str:
    """Format a setting's value for people: 'on', 'none', 'all that fit the data', 1 000."""
    if field == "sets":
        return _sets_text(value)
    if value is None:
        return _OPEN.get(field, "all that fit the data")
    if field == "method":
        return str(value).upper()
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, int):
        return grouped(value)
    if isinstance(value, float):
        return f"{value:g}"
    return str(value).replace("_", " ") if field == "init" else str(value)


def _sets_text(sets: object) -> str:
    assert isinstance(sets, tuple)
    if not sets:
        return "one set"
    return f"{len(sets)} sets ({'; '.join(_change_text(change) for change in sets)})"


def _change_text(change: SetChange) -> str:
    changed = change.model_dump(exclude_none=True, exclude={"name"})
    parts = [
        str(value).replace("_", " ") if field == "init" else f"{label_of(field).lower()} {value}"
        for field, value in changed.items()
    ]
    return ", ".join(parts) or change.name or "unchanged"
