"""What the commands print: sentences and tables for people, one JSON object for programs.

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
    """Where one command's words go."""

    as_json: bool = False

    def say(self, sentence: str) -> None:
        """A line for a person."""
        print(sentence, file=sys.stderr if self.as_json else sys.stdout, flush=True)

    def say_device(self, device: str, reason: str, threads: int) -> None:
        """The device in use, and why this one."""
        self.say(f"device {device} ({reason}), {counted(threads, 'thread')}")

    def result(self, value: dict[str, Any]) -> None:
        """The object for a program; nothing without `--json`."""
        if self.as_json:
            print(json.dumps(value), flush=True)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows under their headings, each column as wide as its widest cell."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
