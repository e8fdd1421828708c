"""Checked records: the checksum of a JSON file's content, and one error for whatever is wrong with it."""

import json
import os
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from dmcore.files.checked_json import DamagedFileError, Record, read_record, record_content, write_record


class Facts(Record):
    """A record with a field that people may change by hand."""

    unchecked_fields: ClassVar[frozenset[str]] = frozenset({"title"})

    title: str
    rate: float
    names: tuple[str, ...] = ()
    values: dict[int, float] = Field(default_factory=dict)


FACTS = Facts(title="A", rate=0.1, names=("ü", "b"), values={1: 2.5})


@given(
    st.builds(
        Facts,
        title=st.text(st.characters(exclude_categories=("Cs",))),
        rate=st.floats(allow_nan=False, allow_infinity=False),
        names=st.lists(st.text(st.characters(exclude_categories=("Cs",)))).map(tuple),
        values=st.dictionaries(st.integers(), st.floats(allow_nan=False, allow_infinity=False)),
    )
)
def test_a_record_reads_back_equal_however_it_is_indented(
    tmp_path_factory: pytest.TempPathFactory, facts: Facts
) -> None:
    file = tmp_path_factory.mktemp("records") / "facts.json"
    write_record(file, facts)
    assert read_record(Facts, file) == facts
    reordered = dict(reversed(json.loads(file.read_bytes()).items()))
    file.write_text(json.dumps(reordered, indent=7))
    assert read_record(Facts, file) == facts


def test_no_digit_changes_unnoticed(tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    content = record_content(FACTS)
    digits = [index for index, byte in enumerate(content) if chr(byte).isdigit()]
    assert len(digits) > 30
    for index in digits:
        other = b"%d" % ((content[index] - ord("0") + 1) % 10)
        file.write_bytes(content[:index] + other + content[index + 1 :])
        with pytest.raises(DamagedFileError, match=r"checksum differs|sha\d+: extra"):
            read_record(Facts, file)


def test_a_field_that_people_may_change_is_outside_the_checksum(tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    write_record(file, FACTS)
    file.write_text(file.read_text().replace('"A"', '"B"'))
    assert read_record(Facts, file) == FACTS.model_copy(update={"title": "B"})


def test_a_record_without_a_checksum_is_read_unchecked(tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    file.write_text('{"title": "by hand", "rate": 2, "values": {}}')
    assert read_record(Facts, file) == Facts(title="by hand", rate=2, values={})


DAMAGES = {
    "nothing": (b"", "it is empty"),
    "blanks": (b"  \n", "it is empty"),
    "half": (record_content(FACTS)[:40], "EOF while parsing"),
    "text": (b"hello", "expected value"),
    "a list": (b"[]", "no JSON object"),
    "a number": (b"3", "no JSON object"),
    "null": (b"null", "no JSON object"),
    "not UTF-8": (b'{"title": "\xff\xfe", "rate": 1}', "unicode"),
    "a lone surrogate": (b'{"title": "\\ud800", "rate": 1}', "surrogate|escape"),
    "null bytes": (b"\0" * 50, "expected value"),
    "NaN": (b'{"title": "a", "rate": NaN}', "expected value"),
    "infinity": (b'{"title": "a", "rate": 1e999}', "not finite"),
    "10,000 digits": (b'{"title": "a", "rate": ' + b"9" * 10_000 + b"}", "number out of range|not finite"),
    "100,000 brackets": (b"[" * 100_000, "recursion limit"),
    "100,000 objects": (b'{"title":' * 100_000, "recursion limit"),
    "another type": (b'{"title": 3, "rate": 1}', "title: input should be a valid string"),
    "an unknown field": (b'{"title": "a", "rate": 1, "x": 1}', "x: extra inputs are not permitted"),
    "a missing field": (b'{"title": "a"}', "rate: field required"),
    "another checksum": (b'{"title": "a", "rate": 1, "sha256": 3}', "checksum differs"),
}


@pytest.mark.parametrize(("content", "reason"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_record_is_one_error_with_file_reason_and_remedy(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    file = tmp_path / "facts.json"
    file.write_bytes(content)
    with pytest.raises(DamagedFileError, match=reason) as caught:
        read_record(Facts, file, "write it again")
    assert caught.value.file == file
    message = str(caught.value)
    assert message.startswith(f"{file} is damaged (")
    assert "): write it again" in message
    assert len(message) < len(str(file)) + 300


def folder(file: Path) -> None:
    file.mkdir()


def loop_of_links(file: Path) -> None:
    file.symlink_to(file)


def too_large(file: Path) -> None:
    with file.open("wb") as stream:
        stream.truncate(10**9)


def pipe(file: Path) -> None:
    os.mkfifo(file)


@pytest.mark.skipif(os.name != "posix", reason="needs links and pipes")
@pytest.mark.parametrize("make", [folder, loop_of_links, too_large, pipe])
def test_what_is_no_small_file_is_not_read(tmp_path: Path, make: object) -> None:
    assert callable(make)
    make(tmp_path / "facts.json")
    with pytest.raises(DamagedFileError):
        read_record(Facts, tmp_path / "facts.json")


def test_a_record_below_a_file_is_damaged_and_a_missing_one_is_missing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DamagedFileError, match="not a directory"):
        read_record(Facts, tmp_path / "file" / "facts.json")
    with pytest.raises(FileNotFoundError):
        read_record(Facts, tmp_path / "facts.json")
