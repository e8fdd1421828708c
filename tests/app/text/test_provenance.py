"""Provenance in one line: day, machine, counts, time and code."""

import pytest

from app.text.provenance import machine_text, note_text, provenance_text, unrecorded_text
from dmcore.experiments.gallery.provenance import Provenance
from dmcore.experiments.gallery.recorded import recorded_entries

RECORDED = Provenance(
    name="a",
    kind="run",
    title="A",
    commit="abc1234",
    date="2026-11-09",
    machine="1 GPU",
    command="dmcore",
    sets=1,
    networks=20,
    seconds=61.0,
    dataset="digits",
    source="a",
)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "Recorded 9 Nov 2026 on 1 GPU, 1 set × 20 networks, 61 s, commit abc1234"),
        ({"seconds": None}, "Recorded 9 Nov 2026 on 1 GPU, 1 set × 20 networks, commit abc1234"),
        ({"commit": "abc1234def, 7654321"}, "61 s, commit abc1234, 7654321"),
        ({"commit": "unknown"}, "1 set × 20 networks, 61 s, commit not recorded"),
        ({"commit": "unknown, abc1234"}, "61 s, commit abc1234"),
        ({"commit": "dm-explorer 1.2"}, "61 s, dm-explorer 1.2"),
    ],
)
def test_the_line_says_what_is_known(changes: dict[str, object], text: str) -> None:
    line = provenance_text(RECORDED.model_copy(update=changes)).replace("\u00a0", " ")
    assert line.endswith(text)


@pytest.mark.parametrize(
    ("machine", "text"),
    [
        ("AMD EPYC x2, cpu, 2 threads", "2 cores of an AMD EPYC"),
        ("AMD EPYC 7B13 64-Core Processor x8, cpu, 1 threads", "1 core of an AMD EPYC 7B13 64-Core"),
        ("Intel(R) Xeon(R) CPU @ 2.20GHz x2, cpu, 2 threads", "2 cores of an Intel Xeon"),
        ("Neoverse-N1 x4, cpu, 4 threads", "4 cores of a Neoverse-N1"),
        ("AMD EPYC x16, NVIDIA H200, 16 threads", "an NVIDIA H200"),
        ("AMD EPYC x2, cpu, 2 threads; 1 GPU", "2 cores of an AMD EPYC and 1 GPU"),
        ("unknown", ""),
    ],
)
def test_the_machine_is_named_in_words(machine: str, text: str) -> None:
    assert machine_text(machine).replace("\u00a0", " ") == text


def test_of_an_unknown_machine_the_line_says_nothing() -> None:
    line = provenance_text(RECORDED.model_copy(update={"machine": "unknown"})).replace("\u00a0", " ")
    assert line.startswith("Recorded 9 Nov 2026, 1 set")


def test_of_an_unknown_day_the_line_says_nothing() -> None:
    line = provenance_text(RECORDED.model_copy(update={"date": "unknown"})).replace("\u00a0", " ")
    assert line.startswith("Recorded on 1 GPU, 1 set")


def test_the_notes_of_recorded_results_are_in_plain_words() -> None:
    notes = {entry.name: note_text(entry.provenance.note) for entry in recorded_entries()}
    assert notes["table1-fashion"] == (
        "Commit f54ac2d trained 9 of the networks again, with the same accuracies. "
        "Other programs ran on the machine too: alone it is faster. "
        "The time leaves out 9 of the 78 networks, whose results were known."
    )
    assert notes["table1-digits"] == "Other programs ran on the machine too: alone it is faster."
    assert not [note for note in notes.values() if "cache" in note or "gallery" in note or "seconds" in note]
    assert note_text("Another note.") == "Another note."


@pytest.mark.parametrize(
    ("commit", "told"), [("abc1234", False), ("unknown", True), ("unknown, abc1234", True)]
)
def test_numbers_of_an_unknown_commit_can_be_checked(commit: str, told: bool) -> None:
    text = unrecorded_text(RECORDED.model_copy(update={"commit": commit}))
    assert ("dmcore gallery build a --check computes them again" in text) == told
    assert ("of a part" in text) == ("," in commit)
