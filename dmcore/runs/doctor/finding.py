"""Finding of the doctor: a damaged or left-over file, what that costs, what mends it, and its repair."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dmcore.files.checked_json import DamagedFileError

Repair = Callable[[], None]


def mended_by_lock() -> None:
    """Repair of an owner file: whoever takes the lock writes a new one, and deletes it afterwards."""


@dataclass(frozen=True)
class Finding:
    """One file that is not as it should be."""

    file: Path
    reason: str
    """What is wrong with it."""
    remedy: str
    """What it costs and what mends it."""
    repair: Repair | None = None
    """Mends it without losing anything; call with the run's lock held, and only if the examination was made
    with it held as well: files change. None: nothing does that."""
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
