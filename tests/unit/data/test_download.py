"""Download from a local server into the published layout, with every failure."""

import gzip
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from hashlib import md5
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dmcore.cli import main
from dmcore.data import download
from dmcore.data.catalogue import CATALOGUE, is_on_disk
from dmcore.data.download import RemoteFile, download_files, remote_files
from dmcore.data.load import load_dataset

MNIST = CATALOGUE["mnist"]


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = tmp_path / "shelf"
    folder.mkdir()
    return folder


@pytest.fixture
def address(shelf: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(shelf)))
    thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.02))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def checksum(content: bytes) -> str:
    return md5(content, usedforsecurity=False).hexdigest()


def serve_mnist(shelf: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    offered = []
    for file in MNIST.files:
        content = gzip.compress(file.encode() * 20_000)
        (shelf / f"{Path(file).name}.gz").write_bytes(content)
        urls = (f"{address}/nowhere/{Path(file).name}.gz", f"{address}/{Path(file).name}.gz")
        offered.append(RemoteFile(urls, f"{file}.gz", checksum(content)))
    monkeypatch.setattr(download, "remote_files", lambda name: offered)


def test_every_named_data_set_has_an_address_and_a_checksum() -> None:
    for name, entry in CATALOGUE.items():
        if entry.files:
            assert all(url.startswith("http") for source in remote_files(name) for url in source.urls)
            assert all(len(source.checksum) == 32 for source in remote_files(name))


def test_files_arrive_unpacked_by_the_second_address_when_the_first_fails(
    shelf: Path, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_mnist(shelf, address, monkeypatch)
    seen: list[tuple[str, int, int]] = []
    download_files(MNIST, tmp_path / "root", lambda *report: seen.append(report))
    assert is_on_disk(MNIST, tmp_path / "root")
    for file in MNIST.files:
        assert (tmp_path / "root" / file).read_bytes() == file.encode() * 20_000
    assert seen[-1][1] == seen[-1][2] > 0
    assert [file.name for file in (tmp_path / "root").iterdir()] == [
        "MNIST"
    ]  # nothing of the workplace is left


def test_an_archive_arrives_in_its_own_folder(
    shelf: Path, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = CATALOGUE["cifar100"]
    with tarfile.open(shelf / "c.tar.gz", "w:gz") as archive:
        for file in entry.files:
            member = tarfile.TarInfo(file)
            member.size = 3
            archive.addfile(member, io.BytesIO(b"abc"))
    source = RemoteFile((f"{address}/c.tar.gz",), "c.tar.gz", checksum((shelf / "c.tar.gz").read_bytes()))
    monkeypatch.setattr(download, "remote_files", lambda name: [source])
    download_files(entry, tmp_path)
    assert is_on_disk(entry, tmp_path)


def test_a_file_with_a_wrong_checksum_is_not_stored(
    shelf: Path, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_mnist(shelf, address, monkeypatch)
    (shelf / "train-images-idx3-ubyte.gz").write_bytes(b"a login page")
    with pytest.raises(ValueError, match="sent another file than the published one"):
        load_dataset("mnist", tmp_path / "root", download=True)
    assert list((tmp_path / "root").iterdir()) == []


def test_without_a_network_the_message_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = RemoteFile(("http://127.0.0.1:9/file.gz",), "MNIST/raw/file.gz", "0" * 32)
    monkeypatch.setattr(download, "remote_files", lambda name: [closed])
    with pytest.raises(ValueError, match=r"MNIST could not be downloaded .* check the network connection"):
        load_dataset("mnist", tmp_path, download=True)


def test_a_data_root_that_cannot_be_made_is_answered_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ValueError, match=r"MNIST cannot be written under .* choose another data root"):
        load_dataset("mnist", tmp_path / "file" / "below", download=True)


def test_prepare_downloads_what_is_missing_goes_on_after_trouble_and_says_each(
    shelf: Path,
    address: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    serve_mnist(shelf, address, monkeypatch)
    offered = download.remote_files("mnist")
    closed = [RemoteFile(("http://127.0.0.1:9/file.gz",), "FashionMNIST/raw/file.gz", "0" * 32)]
    monkeypatch.setattr(download, "remote_files", lambda name: offered if name == "mnist" else closed)
    root = str(tmp_path / "root")
    arguments = ["prepare", "mmnist", "fashion_mnist", "mnist", "digits", str(shelf), "--data-root", root]
    assert main([*arguments, "--json"]) == 1
    output = capsys.readouterr()
    answer = json.loads(output.out)
    assert answer["data_root"] == root
    assert [(entry["on_disk"], entry["downloaded"]) for entry in answer["datasets"]] == [
        *((False, False), (False, False), (True, True), (True, False), (True, False))
    ]
    assert "did you mean mnist?" in answer["datasets"][0]["trouble"]
    assert "check the network connection" in answer["datasets"][1]["trouble"]
    assert "mnist: downloaded" in output.err
    assert is_on_disk(MNIST, tmp_path / "root")
    assert main(["prepare", "mnist", "--data-root", root]) == 0
    assert "mnist: on disk already" in capsys.readouterr().out


def test_prepare_without_a_name_lists_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prepare"]) == 2
    assert "cifar10" in capsys.readouterr().err
