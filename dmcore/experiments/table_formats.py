"""Formats of a table's results: CSV, Markdown and LaTeX, in the paper's layout.

Published numbers are next to ours, with their source and the differences of our experiments.
"""

import csv
import io
from collections.abc import Callable

from dmcore.experiments.published import (
    Published,
    differences,
    published_for,
    published_groups,
    published_on_other_data,
)
from dmcore.experiments.results import Results, TableEntry, entry_of
from dmcore.experiments.table import Cell, Table
from dmcore.experiments.table4 import PIXEL_NOTE

HEAD = ("row", "column", "mean", "std", "sets", "networks", "set_means")
HEAD_PUBLISHED = ("published", "published_std", "published_in", "differs_in")
MEANING = (
    "Test accuracy in percent: mean ± standard deviation over all networks "
    "(independent sets × networks on each)."
)


def as_csv(results: Results) -> str:
    """Format results as CSV, a line for each row and column: percent with a decimal point, and both n."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*HEAD, *HEAD_PUBLISHED))
    for row in results.table.rows:
        for column in results.table.columns:
            entry = entry_of(results, row, column)
            if entry is not None:
                means = " ".join(f"{mean:.3f}" for mean in entry.set_means)
                numbers = (f"{entry.mean:.3f}", f"{entry.std:.3f}", entry.sets, entry.networks, means)
                writer.writerow((row, column, *numbers, *_published_fields(results.table, row, column)))
    return text.getvalue()


def as_markdown(results: Results) -> str:
    """Format results as a Markdown table, with notes on the published numbers."""
    head, *rows = table_lines(results, format_entry, format_published)
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join((*lines, "", MEANING, *(f"\n{note}" for note in published_notes(results.table)), ""))


def as_latex(results: Results) -> str:
    """Format results as a LaTeX `tabular` that needs no package."""
    head, *rows = table_lines(results, _latex_entry, _latex_published, _latex)
    lines = [f"\\begin{{tabular}}{{l{'c' * (len(head) - 1)}}}", "\\hline"]
    lines.append(" & ".join(head) + r" \\ \hline")
    lines += [" & ".join(row) + r" \\" for row in rows]
    return "\n".join((*lines, "\\hline", "\\end{tabular}", ""))


def table_lines(
    results: Results,
    entry: Callable[[TableEntry | None], str],
    published: Callable[[Published | None], str],
    name: Callable[[str], str] = str,
) -> list[tuple[str, ...]]:
    """Heading and rows of the table as texts, with a column of published numbers where there are any."""
    table = results.table
    has_published = {
        column: any(published_for(table, row, column) is not None for row in table.rows)
        for column in table.columns
    }
    head = [name(table.row_title)]
    for column in table.columns:
        head += [name(column), name("published")] if has_published[column] else [name(column)]
    lines = [tuple(head)]
    for row in table.rows:
        line = [name(row)]
        for column in table.columns:
            line.append(entry(entry_of(results, row, column)))
            if has_published[column]:
                line.append(published(published_for(table, row, column)))
        lines.append(tuple(line))
    return lines


def published_notes(table: Table) -> list[str]:
    """Sources of the published numbers and differences of ours: a sentence for each group of equal ones."""
    notes, groups = [], published_groups(table)
    columns_of = {row: sum(len(group.numbers.get(row, ())) for group in groups) for row in table.rows}
    for group in groups:
        names = ", ".join(
            row if len(columns) == columns_of[row] else f"{row} ({', '.join(columns)})"
            for row, columns in group.numbers.items()
        )
        differing = "; ".join(group.differences)
        comparison = f"ours differs in: {differing}" if differing else "ours is the same experiment"
        notes.append(f"{names}: {group.source}; {comparison}.")
    pixels = [PIXEL_NOTE] if any(_matches_pixels(cell) for cell in table.cells) else []
    return [*notes, *pixels, *([other] if (other := published_on_other_data(table)) else [])]


def _matches_pixels(cell: Cell) -> bool:
    return cell.recipe.condense is not None and cell.recipe.condense.source == "pixels"


def format_entry(entry: TableEntry | None) -> str:
    """Format an entry as mean ± std (sets × networks on each), such as 70.9 ± 0.6 (3 × 2)."""
    if entry is None:
        return "–"
    each, rest = divmod(entry.networks, entry.sets)
    counts = f"{entry.sets} × {each}" if not rest else f"{entry.sets} sets, {entry.networks} networks"
    return f"{entry.mean:.1f} ± {entry.std:.1f} ({counts})"


def format_published(published: Published | None) -> str:
    """Format a published number as value ± std, as far as they were published."""
    if published is None:
        return "–"
    return _short(published.value) + ("" if published.std is None else f" ± {_short(published.std)}")


def _published_fields(table: Table, row: str, column: str) -> tuple[str, ...]:
    published = published_for(table, row, column)
    if published is None:
        return ("",) * len(HEAD_PUBLISHED)
    std = "" if published.std is None else _short(published.std)
    return (_short(published.value), std, published.source, "; ".join(differences(table, row, column)))


def _short(percent: float) -> str:
    """A decimal, or two if it was published so."""
    return f"{percent:.1f}" if percent == round(percent, 1) else f"{percent:g}"


def _latex_entry(entry: TableEntry | None) -> str:
    return "--" if entry is None else rf"${entry.mean:.1f} \pm {entry.std:.1f}$"


def _latex_published(published: Published | None) -> str:
    return "--" if published is None else f"${format_published(published)}$".replace("±", r"\pm")


def _latex(text: str) -> str:
    for special in "&%$#_{}":
        text = text.replace(special, "\\" + special)
    return text
