"""Download of a named data set into torchvision's on-disk layout, from torchvision's URLs.

Every file is written to a temporary folder, checked against its published MD5 and then moved, so an
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
"""Progress callback, called as progress(what, done, total); total is 0 where it is not known."""

_BLOCK = 1 << 16
_TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class RemoteFile:
    """File of a data set to download: its mirrors and its published MD5."""

    urls: tuple[str, ...]
    file: str
    checksum: str


def remote_files(name: str) -> list[RemoteFile]:
    """Files to download for a named data set, from torchvision's own table."""
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
    """Download every file of a named data set into `root`.

    Args:
        entry: which data set.
        root: data root; created where it is missing.
        progress: called with the file's name, bytes done and bytes in all; None: a bar on standard error.

    Raises:
        ValueError: no mirror sent the published file, or the disk is full.
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
    """Download a file from the first mirror that sends it with the published checksum."""
    target = workplace / Path(source.file).name
    failures = []
    for url in source.urls:
        failure = _fetch_from(url, source, target, progress)
        if failure is None:
            return target
        failures.append(failure)
    raise ValueError(
        f"{entry.title} could not be downloaded ({'; '.join(failures)}): check the network connection, "
        "put the files there yourself, or choose a data set that is on disk, like fashion"
    )


def _fetch_from(url: str, source: RemoteFile, target: Path, progress: ReportLoading | None) -> str | None:
    """Error of this mirror, or None; an error of writing is raised, because another mirror would not help."""
    checksum = md5(usedforsecurity=False)
    try:
        request = Request(url, headers={"User-Agent": "dm-explorer"})  # noqa: S310  http(s) addresses of torchvision
        response = urlopen(request, timeout=_TIMEOUT_SECONDS)  # noqa: S310
    except (OSError, HTTPException) as error:
        return f"{url}: {getattr(error, 'reason', None) or error}"
    with response, target.open("wb") as file, _reporting(progress) as report:
        total = int(response.headers.get("Content-Length") or 0)
        done = 0
        while True:
            try:
                block = response.read(_BLOCK)
            except (OSError, HTTPException) as error:
                return f"{url} broke off after {done} bytes: {error}"
            if not block:
                break
            file.write(block)
            checksum.update(block)
            done += len(block)
            report(target.name, done, total)
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


def _unpack(fetched: Path, target: Path, root: Path) -> None:
    """Unpack or move a downloaded file to its place in torchvision's layout."""
    if fetched.name.endswith(".tar.gz"):
        unpacked = fetched.parent / "opened"
        with tarfile.open(fetched) as archive:
            archive.extractall(unpacked, filter="data")
        for file in sorted(path for path in unpacked.rglob("*") if path.is_file()):
            _move(file, root / file.relative_to(unpacked))
    elif fetched.suffix == ".gz":
        unpacked = fetched.with_suffix("")
        with gzip.open(fetched, "rb") as packed, unpacked.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
        _move(unpacked, target.with_suffix(""))
    else:
        _move(fetched, target)


def _move(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    file.replace(target)
