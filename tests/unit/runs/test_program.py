"""Programs that worked on a run, in their order; a damaged file is none."""

from pathlib import Path

import pytest

from dmcore.files.checked_json import DamagedFileError
from dmcore.runs import program
from dmcore.runs.folder import RunFolder
from dmcore.runs.program import FILE, LONGEST, MOST_LINES, note_program, read_programs


def test_each_version_is_noted_once_in_a_row(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    assert read_programs(run) == ()
    for text in ("one", "one", "two", "one"):
        note_program(run, text)
    assert read_programs(run) == ("one", "two", "one")


def test_what_an_unnoted_program_began_is_not_the_next_one_s(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    note_program(run, "one", begun=True)
    note_program(run, "two", begun=True)
    assert read_programs(run) == (program.UNNOTED, "one", "two")


def test_a_damaged_file_says_nothing_and_an_absurd_one_little(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    (tmp_path / FILE).write_bytes(b"\xff\xfe\x00")
    assert read_programs(run) == ()
    (tmp_path / FILE).write_text("x" * 10_000 + "\n" + "\n" * 10 + "y\n" * 1000)
    assert len(read_programs(run)) <= MOST_LINES
    (tmp_path / FILE).write_text("x" * 10_000)
    assert read_programs(run) == ("x" * LONGEST,)


def test_the_version_of_the_code_is_a_commit_in_a_checkout_else_the_package_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program.code_version.cache_clear()
    try:
        monkeypatch.setattr(program, "_git", lambda *_: "")
        assert program.code_version().startswith("version ")
    finally:
        program.code_version.cache_clear()


@pytest.mark.parametrize("text", [program.program_text(), program.UNNOTED])
def test_what_is_noted_is_found_intact(tmp_path: Path, text: str) -> None:
    run = RunFolder(tmp_path)
    program.check_programs(run)
    note_program(run, text)
    program.check_programs(run)
    (tmp_path / FILE).write_text(text[: len(text) // 2])
    with pytest.raises(DamagedFileError, match="does not name a program"):
        program.check_programs(run)
