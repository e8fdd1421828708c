"""Published numbers next to our own: markers where the experiment is the same, else notes on what differs."""

from collections.abc import Mapping
from dataclasses import dataclass

from dmcore.config.formatting import NO_BREAK_SPACE, capitalised
from dmcore.experiments.published import Published, published_groups
from dmcore.experiments.results import Results


@dataclass(frozen=True)
class PublishedMarker:
    """Published accuracy of the same experiment, drawn next to ours."""

    row: str
    column: str
    value: float
    """Percent."""
    source: str

    @property
    def text(self) -> str:
        """What is said of it: its source, row and column, and the value."""
        return f"{self.source}: {self.row}, {self.column}\n{self.value:.1f} %"


@dataclass(frozen=True)
class PublishedNote:
    """Note on published numbers of another experiment."""

    rows: tuple[str, ...]
    text: str
    """The numbers, their source and in what ours differ, in sentences."""


def published_markers(results: Results) -> list[PublishedMarker]:
    """Published numbers of exactly these experiments."""
    return [
        PublishedMarker(row, column, published.value, published.source)
        for group in published_groups(results.table)
        if not group.differences
        for row, columns in group.numbers.items()
        for column, published in columns.items()
    ]


def published_notes(results: Results) -> list[PublishedNote]:
    """Published numbers of other experiments: one note for those of the same source and differences."""
    return [
        PublishedNote(
            tuple(group.numbers),
            f"{capitalised(group.source)}: "
            f"{'; '.join(f'{row} {_listed(columns)}' for row, columns in group.numbers.items())}. "
            f"Not drawn, for ours differs in: {'; '.join(group.differences)}.",
        )
        for group in published_groups(results.table)
        if group.differences
    ]


def _listed(columns: Mapping[str, Published]) -> str:
    """List numbers, each with its column; a single number where all are the same."""
    texts = {column: _number(published) for column, published in columns.items()}
    if len(texts) > 1 and len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    return ", ".join(f"{text} ({column})" for column, text in texts.items())


def _number(published: Published) -> str:
    spread = "" if published.std is None else f" ± {published.std:.1f}".replace(" ", NO_BREAK_SPACE)
    return f"{published.value:.1f}{spread}"
