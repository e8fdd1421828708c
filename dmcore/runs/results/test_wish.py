"""Wish that a run is not tested at its end (the empty file `no-test`), kept for when it is resumed."""

from dmcore.files.atomic import write_atomically
from dmcore.runs.folder import RunFolder

FILE = "no-test"


def decline_test(run: RunFolder) -> None:
    """Store that a run is not to be tested at its end.

    Raises:
        StorageError: the folder cannot be written to.
    """
    write_atomically(run.path / FILE, b"")


def wants_test(run: RunFolder) -> bool:
    """Whether a run is to be tested at its end, as it was started."""
    return not (run.path / FILE).exists()
