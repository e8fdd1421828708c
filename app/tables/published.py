"""Published numbers beside our own: marks where the experiment is the same, else a note on what differs.

Must not draw, nor import torch.
"""

from dataclasses import dataclass

from app.tables.dots import PublishedMarker
from dmcore.config.formatting import NO_BREAK_SPACE, capitalised
from dmcore.experiments.published import differences, published_for
from dmcore.experiments.results import Results


@dataclass(frozen=True)
class PublishedNote:
    """Numbers that are not of the same experiment."""

    rows: tuple[str, ...]
    text: str
    """The numbers, where they are from and in what ours differ, in sentences."""


def published_markers(results: Results) -> list[PublishedMarker]:
    """Numbers of just these experiments."""
    table = results.table
    found = []
    for row in table.rows:
        for column in table.columns:
            known = published_for(table, row, column)
            if known is not None and not differences(table, row, column):
                found.append(PublishedMarker(row, column, known.value, known.source))
    return found


def published_notes(results: Results) -> list[PublishedNote]:
    """Numbers of other experiments, a note for those with one source that differ in the same."""
    table = results.table
    notes: dict[tuple[str, tuple[str, ...]], dict[str, str]] = {}
    for row in table.rows:
        by_difference: dict[tuple[str, tuple[str, ...]], list[tuple[str, str]]] = {}
        for column in table.columns:
            known = published_for(table, row, column)
            differs = differences(table, row, column) if known is not None else ()
            if known is None or not differs:
                continue
            std = "" if known.std is None else f"{NO_BREAK_SPACE}±{NO_BREAK_SPACE}{known.std:.1f}"
            by_difference.setdefault((known.source, differs), []).append((f"{known.value:.1f}{std}", column))
        for key, numbers in by_difference.items():
            notes.setdefault(key, {})[row] = f"{row} {_listed(numbers)}"
    return [
        PublishedNote(
            tuple(said),
            f"{capitalised(source)}: {'; '.join(said.values())}. Not drawn, for ours differs in: "
            f"{'; '.join(differs)}.",
        )
        for (source, differs), said in notes.items()
    ]


def _listed(numbers: list[tuple[str, str]]) -> str:
    """Each with its column; once where all are the same."""
    if len(numbers) > 1 and len({number for number, _ in numbers}) == 1:
        return numbers[0][0]
    return ", ".join(f"{number} ({column})" for number, column in numbers)
