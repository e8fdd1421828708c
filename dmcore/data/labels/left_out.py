"""What of a folder is not in its data set: each file with the reason, and the sentences that count them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from dmcore.data.labels.class_names import printable_name


class LeftOut(NamedTuple):
    """File (or folder, with a slash at its end) that is not in the data set, and why."""

    path: str
    """Below the top of the data set."""
    reason: str
    """Words that follow its path and a colon: "it lies in no class folder"."""


@dataclass
class Report:
    """What is said about the files of a data set."""

    notes: list[str] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def leave_out(self, paths: Sequence[str], noun: str, reason: str, why: str, example: bool = True) -> None:
        """Leave files out, if there are any.

        Args:
            paths: below the top.
            noun: what they are: "image".
            reason: of each, for the list.
            why: middle of the sentence that counts them, after "3 images were left out".
            example: end it with the first of them.
        """
        if paths:
            self.left_out += [LeftOut(printable_name(path), reason) for path in paths]
            end = ""
            if example:
                end = f"{': ' if len(paths) == 1 else ', like '}{printable_name(paths[0])}"
            self.notes.append(f"{count_were(len(paths), noun)} left out{why}{end}.")


def count_were(number: int, noun: str) -> str:
    """Start of a sentence in the passive with a count: "1 file was", "3 files were"."""
    return f"{number} {noun} was" if number == 1 else f"{number} {noun}s were"
