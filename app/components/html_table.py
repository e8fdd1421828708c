"""Small tables as HTML, drawn without a data grid: rows of text, the first column as heads."""

import html
from collections.abc import Iterable, Sequence


def html_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of texts as HTML, styled by app/components/styles.py; everything in it is escaped."""
    head = "".join(f"<th scope='col'>{html.escape(text)}</th>" for text in heads)
    body = "".join(f"<tr>{_cells(heads, cells)}</tr>" for cells in rows)
    return f"<table class='results'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cells(heads: Sequence[str], cells: Sequence[str]) -> str:
    """One row; each cell carries its heading, for windows too narrow to keep it above."""
    return "".join(
        f"<td data-heading='{html.escape(head)}'>{html.escape(text)}</td>"
        for head, text in zip(heads, cells, strict=True)
    )
