"""Listing of a folder that tells a missing folder from one that the system refuses to list."""

import os
from pathlib import Path

from dmcore.files.checked_json import DamagedFileError


def list_folder(folder: Path) -> list[os.DirEntry[str]]:
    """Entries of a folder, in no order; none where it is missing.

    Raises:
        DamagedFileError: it is no folder, or the system refuses to list it.
    """
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except FileNotFoundError:
        return []
    except OSError as refusal:
        reason = f"it cannot be listed, {(refusal.strerror or str(refusal)).lower()}"
        remedy = "check the disk and its permissions, or restore it from a copy"
        raise DamagedFileError(folder, reason, remedy) from refusal
