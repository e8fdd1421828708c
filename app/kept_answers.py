"""Answers of the placing process that stay on the disk, so that a second visit needs no second computation.

A file's name says all that the answer depends on; a damaged or missing file is no answer. The folder is a
cache: it may be deleted at any time. Must not know what an answer means.
"""

import hashlib
import logging
from contextlib import suppress
from pathlib import Path

from app.messages import Message, packed, unpacked
from dmcore.atomic import StorageError, write_atomically

FORMAT = 1
"""Counted up when answers of older versions must not be read."""
MOST_FILES = 4000
MOST_BYTES = 4 << 20
"""What is larger, such as many pictures, is asked for again."""

log = logging.getLogger(__name__)


def answer_file(folder: Path, *depends: object) -> Path:
    """The file of an answer that depends on these, and on nothing else."""
    text = "\n".join(map(str, (FORMAT, *depends)))
    return folder / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.safetensors"


def kept_answer(path: Path) -> Message | None:
    """What a file holds; None where there is none, or a damaged one."""
    try:
        return unpacked(path.read_bytes())
    except (OSError, ValueError):
        return None


def keep_answer(path: Path, answer: Message) -> None:
    """Write an answer, if it is not too large; a disk that refuses costs a later visit time only."""
    content = packed(answer)
    if len(content) > MOST_BYTES:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content, durable=False)
        _drop_oldest(path.parent)
    except (StorageError, OSError) as refusal:
        log.warning("an answer for the feature map was not kept: %s", refusal)


def drop_answer(path: Path) -> None:
    """Forget an answer that turned out to be of another time."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _drop_oldest(folder: Path) -> None:
    files = [one for one in folder.iterdir() if one.suffix == ".safetensors"]
    if len(files) <= MOST_FILES:
        return
    with suppress(FileNotFoundError):  # another process tidies up as well
        for one in sorted(files, key=lambda file: file.stat().st_mtime)[: MOST_FILES // 10]:
            one.unlink(missing_ok=True)
