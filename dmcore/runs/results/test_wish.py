"""Wish of how a run is tested at its end, kept for when it is resumed.

The empty file `no-test` says that it is not, `test-networks` by how many networks; a run from before that was
stored has neither.
"""

from dmcore.files.atomic import write_atomically
from dmcore.runs.folder import RunFolder

FILE, NETWORKS_FILE = "no-test", "test-networks"


def wants_test(run: RunFolder) -> bool:
    """Whether a run is to be tested at its end, as it was started."""
    return not (run.path / FILE).exists()


def write_test_networks(run: RunFolder, networks: int) -> None:
    """Store by how many networks a new run is to be tested at its end; 0: it is not.

    Raises:
        StorageError: the folder cannot be written to.
    """
    file, content = (NETWORKS_FILE, str(networks)) if networks else (FILE, "")
    write_atomically(run.path / file, content.encode())


def read_test_networks(run: RunFolder) -> int | None:
    """By how many networks a run is to be tested at its end; None where that is not stored, or damaged."""
    try:
        networks = int((run.path / NETWORKS_FILE).read_text())
    except (OSError, ValueError):
        return None
    return networks if networks > 0 else None
