"""Tables in text files beside images (CSV, tab-separated, JSON lines), read under limits, as columns."""

import codecs
import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from dmcore.data import limits
from dmcore.data.listing import ListedFile

TABLE_SUFFIXES = frozenset((".csv", ".tsv", ".jsonl", ".txt"))
_SEPARATORS = ("\t", ",", ";", " ")


@dataclass(frozen=True)
class TextTable:
    """Columns of one length."""

    columns: dict[str, list[str]]
    """By their titles; "column 1", "column 2" ... where the first line has no titles."""
    has_titles: bool


def read_table(file: ListedFile, is_value: Callable[[str], bool]) -> TextTable | None:
    """Read a table; None for a file that is none.

    Args:
        file: the table.
        is_value: whether a text is a value, not a title: a first line that has one has no titles.

    Raises:
        ValueError: it is too large or cannot be read; with the words that follow its path.
    """
    try:
        size = 0 if file.path is None else file.path.stat().st_size
        content = file.read() if size <= limits.MOST_TABLE_BYTES else b""
    except (OSError, ValueError) as damage:
        raise ValueError("is a table that cannot be read: make or download it again") from damage
    if max(size, len(content)) > limits.MOST_TABLE_BYTES:
        raise ValueError(
            f"is a table of more than {limits.MOST_TABLE_BYTES >> 20} MB: "
            "keep only its columns of file names and labels"
        )
    text = _decoded(content)
    if "\0" in text:
        return None
    if PurePosixPath(file.parts[-1]).suffix.lower() == ".jsonl":
        return _read_json_lines(text)
    return _read_separated(text, is_value)


def _decoded(content: bytes) -> str:
    """Text in the encoding that its first bytes tell, else in UTF-8, else in that of old spreadsheets."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _read_json_lines(text: str) -> TextTable | None:
    rows = []
    for line in text.splitlines():
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            return None
        if not isinstance(row, dict):
            return None
        rows.append(row)
    titles = list(dict.fromkeys(title for row in rows[:100] for title in row))
    if not titles or len(titles) > limits.MOST_TABLE_COLUMNS:
        return None
    return TextTable({title: [_text(row.get(title)) for row in rows] for title in titles}, has_titles=True)


def _text(value: object) -> str:
    """Text of a value of JSON; "" for what is no single value."""
    return str(value) if isinstance(value, (str, int, float)) else ""


def _read_separated(text: str, is_value: Callable[[str], bool]) -> TextTable | None:
    first, _, _ = text.partition("\n")
    separator = next((mark for mark in _SEPARATORS if mark in first.strip()), None)
    if separator is None or not first.strip():
        return None
    try:
        rows = [
            [cell.strip() for cell in row]
            for row in csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True)
            if any(map(str.strip, row))
        ]
    except csv.Error:
        return None
    if not rows:
        return None
    width = len(rows[0])
    if width > limits.MOST_TABLE_COLUMNS:
        return None
    has_titles = not any(map(is_value, rows[0])) and len(set(rows[0])) == width
    titles = rows.pop(0) if has_titles else [f"column {number}" for number in range(1, width + 1)]
    filled = [row[:width] + [""] * (width - len(row)) for row in rows]
    if not filled:
        return None
    return TextTable(dict(zip(titles, map(list, zip(*filled, strict=True)), strict=True)), has_titles)
