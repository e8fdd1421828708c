"""Answers of the placing process that stay on the disk, so that a second visit needs no second computation.

A file's name says all that the answer depends on, and its first bytes whether the rest is whole: a damaged or
missing file is no answer. The folder is a cache: it may be deleted at any time. Must not know what an answer
means.
"""

import hashlib
import logging
from contextlib import suppress
from pathlib import Path

from app.views.feature_space.messages import Message, pack_message, unpack_message
from dmcore.files.atomic import TEMPORARY, StorageError, write_atomically

MAX_ANSWER_BYTES = 4 << 20
"""What is larger, such as many pictures, is asked for again."""
MAX_FOLDER_BYTES = 256 << 20
"""Beyond this, what was read longest ago goes."""
DIGEST_BYTES = 32

log = logging.getLogger(__name__)


def cache_path(folder: Path, *depends: object) -> Path:
    """The file of an answer that depends on these, and on nothing else."""
    text = "\n".join(map(str, depends))
    return folder / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.safetensors"


def read_cached_answer(path: Path) -> Message | None:
    """What a file holds; None where there is none, or a damaged one."""
    try:
        content = path.read_bytes()
        digest, content = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
        if hashlib.sha256(content).digest() != digest:
            return None
        path.touch()
        return unpack_message(content)
    except (OSError, ValueError):
        return None


def write_cached_answer(path: Path, answer: Message) -> None:
    """Write an answer, if it is not too large; a disk that refuses costs a later visit time only."""
    content = pack_message(answer)
    if len(content) > MAX_ANSWER_BYTES:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, hashlib.sha256(content).digest() + content, durable=False)
        _drop_oldest(path.parent)
    except (StorageError, OSError) as refusal:
        log.warning("an answer for the feature map was not kept: %s", refusal)


def delete_cached_answer(path: Path) -> None:
    """Forget an answer that turned out to be of another time."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _drop_oldest(folder: Path) -> None:
    with suppress(FileNotFoundError):  # another process tidies up as well
        files = [(one.stat().st_mtime, one.stat().st_size, one) for one in folder.iterdir()]
        total, newest = sum(size for _, size, _ in files), max(time for time, _, _ in files)
        for time, size, file in sorted(files):
            left_over = file.name.endswith(TEMPORARY) and time < newest - 3600  # of a writer that was killed
            if total > MAX_FOLDER_BYTES or left_over:
                file.unlink(missing_ok=True)
                total -= size
