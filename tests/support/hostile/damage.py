"""Ways to damage a small file of a run, and copies of a run to damage."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dmcore.runs.folder import RunFolder
from dmcore.runs.lock import set_owner_state

Damage = Callable[[Path], None]


@contextmanager
def unlistable(folder: Path, error: int = errno.EIO) -> Iterator[None]:
    """Context manager in which the system refuses to list a folder."""
    scandir = os.scandir

    def refuse(path: str | os.PathLike[str] = ".") -> object:
        if Path(path) == folder:
            raise OSError(error, os.strerror(error))
        return scandir(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "scandir", refuse)
        yield


def replaced_by(content: bytes) -> Damage:
    def replace(file: Path) -> None:
        file.write_bytes(content)

    return replace


def truncate(file: Path) -> None:
    """Cut off the second half."""
    os.truncate(file, file.stat().st_size // 2)


def flip_bit(file: Path, share: float = 0.5) -> None:
    """Flip one bit of the byte at this share of the file's length."""
    content = bytearray(file.read_bytes())
    content[int(share * (len(content) - 1))] ^= 4
    file.write_bytes(content)


def folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def loop_of_links(file: Path) -> None:
    file.unlink()
    file.symlink_to(file)


def too_large(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.truncate(10**8)


def another_digit(file: Path) -> None:
    """Change the last digit before the checksum."""
    content = file.read_bytes()
    before = max(content.rfind(b'"sha256"'), content.find(b',"crc32"'))
    index = max(i for i in range(before) if chr(content[i]).isdigit())
    file.write_bytes(content[:index] + b"%d" % ((content[index] - 47) % 10) + content[index + 1 :])


DAMAGES: dict[str, Damage] = {
    "a flipped digit": another_digit,
    "half": truncate,
    "100,000 brackets": replaced_by(b"[" * 100_000 + b"\n"),
    "100,000 objects": replaced_by(b'{"iteration":' * 100_000 + b"\n"),
    "not UTF-8": replaced_by(b'{"iteration": 1, "note": "\xff\xfe"}\n'),
    "NaN": replaced_by(b'{"iteration": NaN}\n'),
    "infinity": replaced_by(b'{"iteration": 1, "seconds": 1e999, "loss": {}}\n'),
    "10,000 digits": replaced_by(b'{"iteration": ' + b"9" * 10_000 + b"}\n"),
    "other types": replaced_by(b'{"iteration": "1", "loss": 3, "name": 4, "accuracy": []}\n'),
    "null bytes": replaced_by(b"\0" * 1000 + b"\n"),
    "a folder": folder,
    "a loop of links": loop_of_links,
    "too large": too_large,
}


def copied(run: RunFolder, path: Path) -> RunFolder:
    shutil.copytree(run.path, path)
    return RunFolder(path)


def damage(run: RunFolder, name: str, how: str) -> None:
    """Damage a file of a run; an owner file, which no finished run has, appears damaged."""
    if name == "owner.json":
        set_owner_state(run.path, "running")
    DAMAGES[how](run.path / name)
