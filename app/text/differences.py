"""How two set-ups differ, field by field, in words: form against run, set-up against the paper's."""

from dataclasses import dataclass

from app.text.labels import label_of
from dmcore.config import CondenseConfig, SetChange
from dmcore.config.formatting import grouped

PAPER_DATASETS = ("mnist", "cifar10", "cifar100", "tinyimagenet", "imagenet64")
PAPER_COUNTS = (1, 10, 50)


@dataclass(frozen=True)
class Difference:
    """One field that is not the same."""

    field: str
    here: str
    there: str

    def __str__(self) -> str:
        if self.field == "sets":
            return f"{self.here} instead of {self.there}"
        return f"{label_of(self.field).lower()} {self.here} instead of {self.there}"


def differences(here: CondenseConfig, there: CondenseConfig) -> tuple[Difference, ...]:
    """Every field in which two set-ups differ, in the order of the configuration."""
    names = ("dataset", *(name for name in CondenseConfig.model_fields if name != "dataset"))
    return tuple(
        Difference(name, value_text(name, getattr(here, name)), value_text(name, getattr(there, name)))
        for name in names
        if getattr(here, name) != getattr(there, name)
    )


def differences_from_paper(config: CondenseConfig) -> tuple[str, ...]:
    """What is not the paper's about a set-up. Its 1, 10 and 50 images per class all count as the paper's."""
    named = []
    if config.dataset not in PAPER_DATASETS:
        named.append(f"data set {config.dataset} (not in the paper)")
    for one in differences(config, CondenseConfig(dataset=config.dataset)):
        if one.field == "images_per_class" and config.images_per_class in PAPER_COUNTS:
            continue
        if one.field == "sets" and _only_the_papers_counts(config):
            named.append(f"{len(config.sets)} sizes share one real side (there each is learned by itself)")
            continue
        named.append(str(one))
    return tuple(named)


def _only_the_papers_counts(config: CondenseConfig) -> bool:
    """Whether the sets differ in nothing but how many images they have, and only as in the paper."""
    changed = [change.model_dump(exclude_none=True, exclude={"name"}) for change in config.sets]
    return all(
        one.keys() == {"images_per_class"} and one["images_per_class"] in PAPER_COUNTS for one in changed
    )


def value_text(field: str, value: object) -> str:
    """A setting's value as a person reads it."""
    if field == "sets":
        return _sets_text(value)
    if value is None:
        return "the network's own" if field == "norm" else "all that fit the data"
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
