"""Finding of the doctor: a damaged or left-over file, what that costs, what mends it, and its repair."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dmcore.files.atomic import fsync_folder, storage_errors_explained
from dmcore.files.checked_json import DamagedFileError
from dmcore.runs.checkpoint import DAMAGED

Repair = Callable[[], None]


@dataclass(frozen=True)
class Finding:
    """One file that is not as it should be."""

    file: Path
    reason: str
    """What is wrong with it."""
    remedy: str
    """What it costs and what mends it."""
    repair: Repair | None = None
    """Mends it without losing anything; call with the run's lock held. None: nothing does that."""
    is_damage: bool = True
    """False: a leftover, which costs nothing."""

    @classmethod
    def of(cls, damage: DamagedFileError, repair: Repair | None = None) -> "Finding":
        """Finding with the words of a reader's error."""
        return cls(damage.file, damage.reason, damage.remedy, repair)

    @property
    def sentence(self) -> str:
        """The finding as a line of text."""
        kind = "is damaged" if self.is_damage else "is left over"
        return f"{self.file} {kind} ({self.reason}): {self.remedy}"


def set_aside(file: Path) -> None:
    """Rename a damaged file, so that it is not read again: its bytes may still be of use.

    Raises:
        StorageError: the folder cannot be written to.
    """
    with storage_errors_explained(file):
        target, number = file.with_name(file.name + DAMAGED), 2
        while target.exists():  # one from an earlier damage stays as it is
            target, number = file.with_name(f"{file.name}.{number}{DAMAGED}"), number + 1
        file.rename(target)
        fsync_folder(file.parent)
