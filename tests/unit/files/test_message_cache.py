"""Binary messages and their disk cache: round trip, damaged files, the limit on the folder's size."""

import os
from pathlib import Path

import numpy as np
import pytest

from dmcore.files.atomic import TEMPORARY
from dmcore.files.message_cache import (
    cache_path,
    delete_cached_message,
    read_cached_message,
    write_cached_message,
)
from dmcore.files.messages import Message


def test_a_message_comes_back_as_it_was_and_a_damaged_file_is_none(tmp_path: Path) -> None:
    file = cache_path(tmp_path / "new", "cloud", 3)
    assert file != cache_path(tmp_path / "new", "cloud", 4)
    assert read_cached_message(file) is None
    write_cached_message(
        file, Message({"count": 2, "by": [None, 0.5]}, {"place": np.eye(2, dtype=np.float32)})
    )
    message = read_cached_message(file)
    assert message is not None
    assert message.header == {"count": 2, "by": [None, 0.5]}
    np.testing.assert_array_equal(message.arrays["place"], np.eye(2))
    complete = file.read_bytes()
    flipped = bytearray(complete)
    flipped[-3] ^= 4  # one bit of a number
    for damaged in (
        bytes(flipped),
        b"",
        complete[:7],
        complete[:40],
        complete[:-1],
        b"x" * len(complete),
        b"\xff" * 8 + complete[8:],
    ):
        file.write_bytes(damaged)
        assert read_cached_message(file) is None
    delete_cached_message(file)
    delete_cached_message(file)  # it is gone already
    assert not file.exists()


def test_large_messages_and_the_oldest_do_not_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        write_cached_message(cache_path(tmp_path, number), Message({"number": number}))
        os.utime(cache_path(tmp_path, number), (number, number))
    read_cached_message(cache_path(tmp_path, 1))  # read just now
    (tmp_path / f".x{TEMPORARY}").write_bytes(b"of a writer that was killed")
    os.utime(tmp_path / f".x{TEMPORARY}", (9, 9))
    size = cache_path(tmp_path, 0).stat().st_size
    monkeypatch.setattr("dmcore.files.message_cache.MAX_FOLDER_BYTES", 5 * size + 100)
    write_cached_message(cache_path(tmp_path, 6), Message({"number": 6}))
    left = {number for number in range(7) if read_cached_message(cache_path(tmp_path, number)) is not None}
    assert left == {1, 3, 4, 5, 6}
    assert len(list(tmp_path.iterdir())) == 5
    write_cached_message(
        cache_path(tmp_path, "large"), Message({}, {"pictures": np.zeros(5 << 20, np.uint8)})
    )
    assert not cache_path(tmp_path, "large").exists()


def test_a_folder_that_refuses_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    write_cached_message(cache_path(tmp_path / "file", 1), Message({}))
    assert read_cached_message(cache_path(tmp_path / "file", 1)) is None
