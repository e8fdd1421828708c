"""A short fuzz run: each kind of file is damaged, and looked at by some of the commands and pages.

The long one is `python tests/faults/fuzz_run_folders.py`.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.fuzz_run_folders import FAILURES, TARGETS, Look, fuzz
from streamlit.config import get_option, set_option

from app.jobs.manager import get_manager
from app.views.feature_space.map_questions import get_projections

MUTATIONS, LOOKS, SEED = 44, 1, 1


@pytest.fixture
def looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Look]]:
    for name in ("DM_RUNS", "DM_CACHE", "DM_DATA"):
        monkeypatch.setenv(name, str(tmp_path / name))  # which the fuzz run changes
    disabled, rich = logging.root.manager.disable, get_option("logger.enableRich")
    try:
        yield list(fuzz(tmp_path, SEED, range(MUTATIONS), tuple(TARGETS), LOOKS))
    finally:
        logging.disable(disabled)
        set_option("logger.enableRich", rich)
        get_projections.release()
        get_manager.release()


@pytest.mark.slow
def test_damage_of_any_file_is_named_in_a_sentence_and_hides_no_other_run(looks: list[Look]) -> None:
    failures = [look for look in looks if look.verdict in FAILURES]
    assert not failures, "\n\n".join(
        f"{look.verdict}: {look.kind} of {look.run}, {look.how} -> {look.target}\n{look.detail}"
        for look in failures
    )
    assert len({look.number for look in looks}) == MUTATIONS
    assert len({look.kind for look in looks}) > 15
    assert {look.target for look in looks} == set(TARGETS)
