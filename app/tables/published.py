"""Published numbers next to our own: markers where the experiment is the same, else notes on what differs."""

from dataclasses import dataclass

from app.tables.dots import PublishedMarker
from dmcore.config.formatting import NO_BREAK_SPACE, capitalised
from dmcore.experiments.published import differences, published_for
from dmcore.experiments.results import Results


@dataclass(frozen=True)
class PublishedNote:
    """Note on published numbers of another experiment."""

    rows: tuple[str, ...]
    text: str
    """The numbers, their source and in what ours differ, in sentences."""


def published_markers(results: Results) -> list[PublishedMarker]:
    """Published numbers of exactly these experiments."""
    table = results.table
    markers = []
    for row in table.rows:
        for column in table.columns:
            published = published_for(table, row, column)
            if published is not None and not differences(table, row, column):
                markers.append(PublishedMarker(row, column, published.value, published.source))
    return markers


def published_notes(results: Results) -> list[PublishedNote]:
    """Published numbers of other experiments: one note for those of the same source and differences."""
    table = results.table
    notes: dict[tuple[str, tuple[str, ...]], dict[str, str]] = {}
    for row in table.rows:
        by_difference: dict[tuple[str, tuple[str, ...]], list[tuple[str, str]]] = {}
        for column in table.columns:
            published = published_for(table, row, column)
            differs = differences(table, row, column) if published is not None else ()
            if published is None or not differs:
                continue
            std = "" if published.std is None else f"{NO_BREAK_SPACE}±{NO_BREAK_SPACE}{published.std:.1f}"
            numbers = by_difference.setdefault((published.source, differs), [])
            numbers.append((f"{published.value:.1f}{std}", column))
        for key, numbers in by_difference.items():
            notes.setdefault(key, {})[row] = f"{row} {_listed(numbers)}"
    return [
        PublishedNote(
            tuple(by_row),
            f"{capitalised(source)}: {'; '.join(by_row.values())}. Not drawn, for ours differs in: "
            f"{'; '.join(differs)}.",
        )
        for (source, differs), by_row in notes.items()
    ]


def _listed(numbers: list[tuple[str, str]]) -> str:
    """List numbers, each with its column; a single number where all are the same."""
    if len(numbers) > 1 and len({number for number, _ in numbers}) == 1:
        return numbers[0][0]
    return ", ".join(f"{number} ({column})" for number, column in numbers)
