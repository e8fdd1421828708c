"""Output of the commands: text and tables for people, one JSON object for programs.

With `--json` standard output holds that object alone; everything else goes to standard error.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dmcore.config.formatting import counted

if TYPE_CHECKING:
    from tqdm import tqdm

SHOWN_EVERY_SECONDS, LOGGED_EVERY_SECONDS = 0.2, 10.0
"""Refresh interval of a bar: on a terminal, and where standard error is a file, which keeps every line."""


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


def progress_bar(
    total: int, unit: str, description: str = "", done: int = 0, every: float = 0.0
) -> "tqdm[Any]":
    """Progress bar on standard error, without a time of its own: a `JobTimer`'s is shown behind it.

    Args:
        total: units of the whole job.
        unit: what is counted.
        description: shown before the bar.
        done: units done before.
        every: seconds between two refreshes on a terminal, at least.
    """
    from tqdm import tqdm

    interval = max(every, SHOWN_EVERY_SECONDS) if sys.stderr.isatty() else LOGGED_EVERY_SECONDS
    return tqdm(
        total=total,
        unit=unit,
        desc=description or None,
        initial=done,
        mininterval=interval,
        dynamic_ncols=True,
        bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}, {rate_fmt}{postfix}]",
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Plain-text table: rows under their headings, columns aligned."""
    return "\n".join(aligned([head, *rows]))


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """A line of text for each row of a table, columns aligned."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
