"""Disk cache of messages, such as a worker's answers, bounded in size: nothing is computed a second time.

A file's name is a hash of all that the message depends on; its first bytes are a digest of the rest, so a
damaged file counts as missing. The folder may be deleted at any time.
"""

import hashlib
import logging
from contextlib import suppress
from pathlib import Path

from dmcore.files.atomic import TEMPORARY, StorageError, write_atomically
from dmcore.files.messages import Message, pack_message, unpack_message

MAX_MESSAGE_BYTES = 4 << 20
"""Larger messages, such as those with many images, are not stored."""
MAX_FOLDER_BYTES = 256 << 20
"""Size limit of the folder: beyond it the files read longest ago are deleted."""
DIGEST_BYTES = 32

log = logging.getLogger(__name__)


def cache_path(folder: Path, *depends: object) -> Path:
    """Path of the cached message that depends on these values, and on nothing else."""
    text = "\n".join(map(str, depends))
    return folder / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.safetensors"


def read_cached_message(path: Path) -> Message | None:
    """Read a cached message; None where the file is missing or damaged."""
    try:
        content = path.read_bytes()
        digest, content = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
        if hashlib.sha256(content).digest() != digest:
            return None
        path.touch()
        return unpack_message(content)
    except (OSError, ValueError):
        return None


def write_cached_message(path: Path, message: Message) -> None:
    """Write a message to the cache if it is not too large; a failed write is logged and costs only time."""
    content = pack_message(message)
    if len(content) > MAX_MESSAGE_BYTES:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, hashlib.sha256(content).digest() + content, durable=False)
        _drop_oldest(path.parent)
    except (StorageError, OSError) as refusal:
        log.warning("a message was not stored: %s", refusal)


def delete_cached_message(path: Path) -> None:
    """Delete a cached message that turned out to be out of date."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _drop_oldest(folder: Path) -> None:
    with suppress(FileNotFoundError):  # another process tidies up as well
        files = [(path.stat().st_mtime, path.stat().st_size, path) for path in folder.iterdir()]
        total, newest = sum(size for _, size, _ in files), max(time for time, _, _ in files)
        for time, size, file in sorted(files):
            left_over = file.name.endswith(TEMPORARY) and time < newest - 3600  # of a writer that was killed
            if total > MAX_FOLDER_BYTES or left_over:
                file.unlink(missing_ok=True)
                total -= size
