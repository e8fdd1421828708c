"""Which page a session is on its way to."""

from types import SimpleNamespace

import pytest

from app.jobs.manager import JobManager
from app.run import on_screen


def test_the_wish_for_the_watch_page_outlives_a_drawing_that_is_cut_short(
    monkeypatch: pytest.MonkeyPatch, process_manager: JobManager
) -> None:
    state = {"watch_chosen": True, "app_begun": True}
    monkeypatch.setattr(on_screen, "st", SimpleNamespace(session_state=state, query_params={}))
    monkeypatch.setattr(on_screen, "url_has_setup", lambda: False)
    assert on_screen.leaves_start_page(process_manager)
    # the Watch page was not drawn to its end: a request of the start page runs that once more
    assert on_screen.leaves_start_page(process_manager)
    on_screen.watch_page_has_come()
    assert not on_screen.leaves_start_page(process_manager)
