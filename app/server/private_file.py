"""Files that only this user can read (mode 0600 in a folder of mode 0700): keys and secrets of servers."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from platformdirs import user_state_path


def servers_folder() -> Path:
    """Folder of this user's servers: a file for each running one, and the secret of their cookies."""
    return user_state_path("dm-explorer") / "servers"


def write_private(path: Path, content: str) -> None:
    """Write a text file that nobody else can read, atomically; its folder is created or closed to others.

    Raises:
        OSError: the folder or file cannot be written; no partial file is left.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # of mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
        Path(temporary).replace(path)
    except OSError:
        with suppress(OSError):
            Path(temporary).unlink(missing_ok=True)
        raise
