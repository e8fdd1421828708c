"""Provenance in one line: day, machine, counts, time and code."""

import pytest

from app.text.provenance import provenance_text
from dmcore.experiments.gallery.provenance import Provenance

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
        ({"commit": "unknown"}, "61 s, commit unknown"),
        ({"commit": "dm-explorer 1.2"}, "61 s, dm-explorer 1.2"),
    ],
)
def test_the_line_says_what_is_known(changes: dict[str, object], text: str) -> None:
    line = provenance_text(RECORDED.model_copy(update=changes)).replace("\u00a0", " ")
    assert line.endswith(text)
