"""HTML table of texts, without a data grid; the first column holds the row headings."""

import html
from collections.abc import Iterable, Sequence

Cell = str | tuple[str, str]
"""Text, or a text and a smaller one below it."""


def html_table(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Format texts as an HTML table, styled by app/components/page.css; everything in it is escaped.

    The second and last text of a row stands across all other columns where there are more.
    """
    head = "".join(f"<th scope='col'>{html.escape(text)}</th>" for text in headings)
    body = "".join(f"<tr>{_cells(headings, cells)}</tr>" for cells in rows)
    return f"<table class='results'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cells(headings: Sequence[str], cells: Sequence[Cell]) -> str:
    """Cells of a row; each carries its heading, for windows too narrow to show it above."""
    first, *others = cells
    if len(others) == 1 < len(headings) - 1:
        return f"{_cells(headings[:1], [first])}<td colspan='{len(headings) - 1}'>{_content(others[0])}</td>"
    return "".join(
        f"<td data-heading='{html.escape(heading)}'>{_content(cell)}</td>"
        for heading, cell in zip(headings, cells, strict=True)
    )


def _content(cell: Cell) -> str:
    text, below = (cell, "") if isinstance(cell, str) else cell
    return html.escape(text) + (f"<br><span class='interval'>{html.escape(below)}</span>" if below else "")
