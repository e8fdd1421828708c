"""HTML table of texts, without a data grid; the first column holds the row headings."""

import html
from collections.abc import Iterable, Sequence


def html_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Format texts as an HTML table, styled by app/components/page.css; everything in it is escaped.

    The second and last text of a row stands across all other columns where there are more.
    """
    head = "".join(f"<th scope='col'>{html.escape(text)}</th>" for text in headings)
    body = "".join(f"<tr>{_cells(headings, cells)}</tr>" for cells in rows)
    return f"<table class='results'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cells(headings: Sequence[str], cells: Sequence[str]) -> str:
    """Cells of a row; each carries its heading, for windows too narrow to show it above."""
    if len(headings) > len(cells) == 2:
        name, message = map(html.escape, cells)
        first = f"<td data-heading='{html.escape(headings[0])}'>{name}</td>"
        return f"{first}<td colspan='{len(headings) - 1}'>{message}</td>"
    return "".join(
        f"<td data-heading='{html.escape(heading)}'>{html.escape(text)}</td>"
        for heading, text in zip(headings, cells, strict=True)
    )
