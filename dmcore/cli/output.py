"""Output of the commands: text and tables for people, one JSON object for programs.

With `--json` standard output holds that object alone; everything else goes to standard error.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dmcore.config.formatting import counted


@dataclass(frozen=True)
class Output:
    """Printer of one command: text to standard output, or to standard error with `--json`."""

    as_json: bool = False

    def print(self, text: str) -> None:
        """Print a line of text."""
        print(text, file=sys.stderr if self.as_json else sys.stdout, flush=True)

    def print_device(self, device: str, reason: str, threads: int) -> None:
        """Print the device in use and the reason for it."""
        self.print(f"device {device} ({reason}), {counted(threads, 'thread')}")

    def print_json(self, value: dict[str, Any]) -> None:
        """Print the JSON object; nothing without `--json`."""
        if self.as_json:
            print(json.dumps(value), flush=True)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Plain-text table: rows under their headings, columns aligned."""
    return "\n".join(aligned([head, *rows]))


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """A line of text for each row of a table, columns aligned."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
