"""A table in the forms it is taken away in: CSV, Markdown and LaTeX, in the paper's layout.

Must not import torch.
"""

import csv
import io

from dmcore.experiments.results import Entry, Results, entry_of

HEAD = ("row", "column", "mean", "std", "sets", "networks", "set_means")


def as_csv(results: Results) -> str:
    """A line for each cell: percent, with a decimal point, and both n."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(HEAD)
    for row in results.table.rows:
        for column in results.table.columns:
            entry = entry_of(results, row, column)
            if entry is not None:
                means = " ".join(f"{one:.3f}" for one in entry.set_means)
                numbers = (f"{entry.mean:.3f}", f"{entry.std:.3f}", entry.sets, entry.networks, means)
                writer.writerow((row, column, *numbers))
    return written.getvalue()


def as_markdown(results: Results) -> str:
    """Rows and columns as in the paper."""
    table = results.table
    lines = [
        f"| {' | '.join((table.row_title, *table.columns))} |",
        f"|{'---|' * (len(table.columns) + 1)}",
    ]
    for row in table.rows:
        cells = [_said(entry_of(results, row, column)) for column in table.columns]
        lines.append(f"| {' | '.join((row, *cells))} |")
    return "\n".join((*lines, "", MEANING, ""))


def as_latex(results: Results) -> str:
    """A `tabular`, with nothing that needs a package."""
    table = results.table
    columns = "l" + "c" * len(table.columns)
    lines = [f"\\begin{{tabular}}{{{columns}}}", "\\hline"]
    lines.append(" & ".join(map(_latex, (table.row_title, *table.columns))) + r" \\ \hline")
    for row in table.rows:
        cells = [_latex_entry(entry_of(results, row, column)) for column in table.columns]
        lines.append(" & ".join((_latex(row), *cells)) + r" \\")
    return "\n".join((*lines, "\\hline", "\\end{tabular}", ""))


MEANING = "Test accuracy in percent: mean ± standard deviation over all networks (independent sets, networks in all)."


def _said(entry: Entry | None) -> str:
    if entry is None:
        return "–"
    return f"{entry.mean:.1f} ± {entry.std:.1f} ({entry.sets}, {entry.networks})"


def _latex_entry(entry: Entry | None) -> str:
    return "--" if entry is None else rf"${entry.mean:.1f} \pm {entry.std:.1f}$"


def _latex(text: str) -> str:
    for special in "&%$#_{}":
        text = text.replace(special, "\\" + special)
    return text
