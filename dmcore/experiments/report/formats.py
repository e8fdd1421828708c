"""Formats of a table's results: rows of texts, CSV, Markdown and LaTeX, in the paper's layout.

Published numbers are next to ours, with their source and the differences of our experiments.
"""

import csv
import io
from collections.abc import Callable, Sequence

from dmcore.config.protocols import protocol_name
from dmcore.experiments.published.cells import Published, differences, published_for
from dmcore.experiments.report.entries import NO_NUMBER, TableEntry, cell_text, entry_of, known_entries
from dmcore.experiments.report.notes import published_notes
from dmcore.experiments.results import Results
from dmcore.experiments.table import Table

HEAD = ("row", "column", "mean", "std", "sets", "networks", "set_means")
HEAD_PUBLISHED = ("published", "published_std", "published_in", "differs_in")
STD_MEANING = "divisor n"
"""What a standard deviation over networks is divided by: the population's, as the papers print it."""
MEANING = (
    f"Test accuracy in percent: mean ± standard deviation ({STD_MEANING}) over all networks "
    "(independent sets × networks on each)."
)


def meaning_text(table: Table) -> str:
    """What the numbers of a table are, and how its test networks are trained, in sentences."""
    return f"{MEANING} Test networks: {protocol_name(table.protocol)}."


def as_csv(results: Results) -> str:
    """Format results as CSV, a line for each row and column: percent with a decimal point, and both n."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*HEAD, *HEAD_PUBLISHED))
    for entry in known_entries(results):
        row, column = entry.row, entry.column
        means = " ".join(f"{mean:.3f}" for mean in entry.set_means)
        numbers = (f"{entry.mean:.3f}", f"{entry.std:.3f}", entry.sets, entry.networks, means)
        writer.writerow((row, column, *numbers, *_published_fields(results.table, row, column)))
    return text.getvalue()


def as_markdown(results: Results) -> str:
    """Format results as a Markdown table, with notes on the published numbers."""
    lines = markdown_lines(table_lines(results, format_entry, format_published))
    notes = (f"\n{note}" for note in published_notes(results.table))
    return "\n".join((*lines, "", meaning_text(results.table), *notes, ""))


def markdown_lines(lines: Sequence[Sequence[str]]) -> list[str]:
    """Format a heading and rows as the lines of a Markdown table."""
    head, *rows = lines
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in rows)]


def as_latex(results: Results) -> str:
    """Format results as a LaTeX `tabular` that needs no package; a comment above says what they are."""
    head, *rows = table_lines(results, _latex_entry, _latex_published, _latex)
    lines = [f"% {meaning_text(results.table)}", f"\\begin{{tabular}}{{l{'c' * (len(head) - 1)}}}", "\\hline"]
    lines.append(" & ".join(head) + r" \\ \hline")
    lines += [" & ".join(row) + r" \\" for row in rows]
    return "\n".join((*lines, "\\hline", "\\end{tabular}", ""))


def table_lines(
    results: Results,
    entry: Callable[[TableEntry | None], str] = cell_text,
    published: Callable[[Published | None], str] | None = None,
    name: Callable[[str], str] = str,
) -> list[tuple[str, ...]]:
    """Heading and rows of the table as texts.

    Args:
        results: of the table.
        entry: formats an entry.
        published: formats a published number; left open, there are no columns of them.
        name: formats the name of a row or column.
    """
    table = results.table
    has_published = {
        column: published is not None and any(published_for(table, row, column) for row in table.rows)
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
            if published is not None and has_published[column]:
                line.append(published(published_for(table, row, column)))
        lines.append(tuple(line))
    return lines


def format_entry(entry: TableEntry | None) -> str:
    """Format an entry as mean ± std (sets × networks on each), such as 70.9 ± 0.6 (3 × 2)."""
    if entry is None:
        return NO_NUMBER
    each = entry.networks_per_set
    counts = f"{entry.sets} sets, {entry.networks} networks" if each is None else f"{entry.sets} × {each}"
    return f"{entry.mean:.1f} ± {entry.std:.1f} ({counts})"


def format_published(published: Published | None) -> str:
    """Format a published number as value ± std, as far as they were published."""
    if published is None:
        return NO_NUMBER
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
