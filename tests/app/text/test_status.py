"""The displayed status: one word and one colour for whatever pages show, of runs, jobs, tables and pools."""

import pytest

from app.text.status import Status
from dmcore.runs.description import Status as StoredStatus


@pytest.mark.parametrize("stored", StoredStatus)
def test_every_status_of_a_run_folder_is_displayed_and_only_an_interrupted_run_by_another_word(
    stored: StoredStatus,
) -> None:
    displayed = Status.of(stored)
    assert str(displayed) == ("stopped" if stored is StoredStatus.INTERRUPTED else stored.value)
    assert displayed.markdown == f":{displayed.colour}[●] **{displayed}**"


def test_what_waits_for_a_person_or_a_turn_has_the_colour_of_waiting() -> None:
    waiting = (Status.QUEUED, Status.PAUSING, Status.PAUSED, Status.WAITING, Status.STOPPING)
    assert {status for status in Status if status.colour == "orange"} == set(waiting)
    assert {status for status in Status if status.in_progress} == {
        Status.RUNNING,
        Status.PAUSED,
        Status.WAITING,
        Status.STOPPING,
    }
