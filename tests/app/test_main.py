"""The entry script: what a person reads when the script of a page fails."""

import pytest
from streamlit.testing.v1 import AppTest
from support.pages import BROKEN, run_page

from app.views.watch import front


def test_a_page_that_fails_says_so_in_a_sentence_and_is_drawn_again(
    visit: AppTest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(front, "start_times", lambda manager: [][0])
        page = visit.run()
        assert not page.exception
        (said,) = [error.value for error in page.error]
        assert said.startswith(f"{BROKEN} \\(IndexError\\: list index out of range\\)")
        assert "nothing is lost" in said
        assert "Traceback" in caplog.text, "the trace is in the terminal"
    page.button(key="app_page_remedy").click()
    run_page(page)
    assert page.button(key="watch_start").label.startswith("**Watch it happen")
