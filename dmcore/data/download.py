"""Fetches a named data set into torchvision's on-disk layout, from the addresses torchvision knows.

Every file is written beside its place, checked against its published checksum and then moved there, so an
interrupted download leaves nothing that looks like data.
"""

import errno
import gzip
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import md5
from http.client import HTTPException
from pathlib import Path
from typing import TypeAlias
from urllib.request import Request, urlopen

from tqdm import tqdm

from dmcore.data.catalogue import DataSetEntry, is_on_disk

ReportLoading: TypeAlias = Callable[[str, int, int], None]
"""Called as progress(what, done, total) while something takes long; total is 0 where it is not known."""

_BLOCK = 1 << 16
_TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class RemoteFile:
    """One file of a data set: where to get it, and the MD5 it was published with."""

    urls: tuple[str, ...]
    file: str
    checksum: str


def remote_files(name: str) -> list[RemoteFile]:
    """What to fetch for a named data set (torchvision's own table)."""
    from torchvision import datasets

    if name in ("mnist", "fashion_mnist"):
        kind = datasets.MNIST if name == "mnist" else datasets.FashionMNIST
        return [
            RemoteFile(
                tuple(mirror + file for mirror in kind.mirrors), f"{kind.__name__}/raw/{file}", checksum
            )
            for file, checksum in kind.resources
        ]
    if name in ("cifar10", "cifar100"):
        kind = datasets.CIFAR10 if name == "cifar10" else datasets.CIFAR100
        return [RemoteFile((kind.url,), kind.filename, kind.tgz_md5)]
    assert name == "svhn", name
    return [
        RemoteFile((url,), file, checksum)
        for url, file, checksum in map(datasets.SVHN.split_list.get, ("train", "test"))
    ]


def download_files(entry: DataSetEntry, root: Path, progress: ReportLoading | None = None) -> None:
    """Put every file of a named data set under `root`.

    Args:
        entry: which data set.
        root: data root; made where it is missing.
        progress: called with the file's name, bytes done and bytes in all; None: a bar on standard error.

    Raises:
        ValueError: no address answered with the published file, or there is no room for it.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root, prefix=".download-") as workplace:
            for source in remote_files(entry.name):
                fetched = _fetch(entry, source, Path(workplace), progress)
                _unpack(fetched, root / source.file, root)
    except OSError as error:
        remedy = "free some space" if error.errno == errno.ENOSPC else "choose another data root"
        raise ValueError(
            f"{entry.title} cannot be written under {root} ({error.strerror}): {remedy}"
        ) from error
    if not is_on_disk(entry, root):
        raise ValueError(
            f"the download of {entry.title} did not bring all its files to {root}: try again later"
        )


def _fetch(entry: DataSetEntry, source: RemoteFile, workplace: Path, progress: ReportLoading | None) -> Path:
    """The file, from the first address that gives it with the published checksum."""
    place = workplace / Path(source.file).name
    troubles = []
    for url in source.urls:
        trouble = _fetch_from(url, source, place, progress)
        if trouble is None:
            return place
        troubles.append(trouble)
    raise ValueError(
        f"{entry.title} could not be downloaded ({'; '.join(troubles)}): check the network connection, "
        "put the files there yourself, or choose a data set that is on disk, like digits"
    )


def _fetch_from(url: str, source: RemoteFile, place: Path, progress: ReportLoading | None) -> str | None:
    """None, or what went wrong; trouble in writing is raised, for another address would not mend it."""
    checksum = md5(usedforsecurity=False)
    try:
        request = Request(url, headers={"User-Agent": "dm-explorer"})  # noqa: S310  http(s) addresses of torchvision
        answer = urlopen(request, timeout=_TIMEOUT_SECONDS)  # noqa: S310
    except (OSError, HTTPException) as error:
        return f"{url}: {getattr(error, 'reason', None) or error}"
    with answer, place.open("wb") as file, _reporting(progress) as report:
        total = int(answer.headers.get("Content-Length") or 0)
        done = 0
        while True:
            try:
                block = answer.read(_BLOCK)
            except (OSError, HTTPException) as error:
                return f"{url} broke off after {done} bytes: {error}"
            if not block:
                break
            file.write(block)
            checksum.update(block)
            done += len(block)
            report(place.name, done, total)
    return (
        None if checksum.hexdigest() == source.checksum else f"{url} sent another file than the published one"
    )


@contextmanager
def _reporting(progress: ReportLoading | None) -> Iterator[ReportLoading]:
    if progress is not None:
        yield progress
        return
    with tqdm(unit="B", unit_scale=True, file=sys.stderr) as bar:

        def report(what: str, done: int, total: int) -> None:
            bar.set_description(what, refresh=False)
            bar.total = total or None
            bar.update(done - bar.n)

        yield report


def _unpack(fetched: Path, place: Path, root: Path) -> None:
    """Move a fetched file to where torchvision would have it, opened where it is an archive."""
    if fetched.name.endswith(".tar.gz"):
        opened = fetched.parent / "opened"
        with tarfile.open(fetched) as archive:
            archive.extractall(opened, filter="data")
        for file in sorted(one for one in opened.rglob("*") if one.is_file()):
            _move(file, root / file.relative_to(opened))
    elif fetched.suffix == ".gz":
        opened = fetched.with_suffix("")
        with gzip.open(fetched, "rb") as packed, opened.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
        _move(opened, place.with_suffix(""))
    else:
        _move(fetched, place)


def _move(file: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    file.replace(place)
