"""The page How it works: it asks first, records the guess, reveals; a link names chapter, guess and state."""

import json
import sys
from dataclasses import replace
from functools import partial
from html import unescape
from types import ModuleType

import pytest
from streamlit.testing.v1 import AppTest
from support.pages import components_of, open_page, text_of

from app.views.how_it_works.chapter import SKIPPED, Chapter
from app.views.how_it_works.chapters import CHAPTERS

opened = partial(open_page, "how_it_works.py")
FIRST = CHAPTERS[0]


def planes(page: AppTest) -> dict[str, object]:
    """What the script sent to the planes."""
    (proto,) = components_of(page, "dm_planes")
    return dict(json.loads(proto.json))


def test_a_chapter_asks_before_it_shows_how_it_ends() -> None:
    page = opened()
    text = text_of(page)
    assert FIRST.title in text
    assert FIRST.question in text
    assert FIRST.reveal not in text
    assert FIRST.misconception not in text
    assert planes(page)["revealed"] is False


@pytest.mark.parametrize("guess", [*FIRST.answers, SKIPPED])
def test_a_guess_is_recorded_and_what_came_true_is_shown_with_the_misconception(guess: str) -> None:
    page = opened()
    key = "how_it_works_skip" if guess == SKIPPED else f"how_it_works_guess_{guess}"
    page.button(key=key).click().run()
    text = text_of(page)
    assert FIRST.reveal in text
    assert FIRST.misconception in text
    assert ("As you guessed." in text) == (guess == FIRST.right)
    assert dict(page.query_params)["guess"] in (guess, [guess])
    assert planes(page)["revealed"] is True
    page.button(key="how_it_works_again").click().run()
    assert FIRST.question in text_of(page)
    assert "guess" not in dict(page.query_params)


def test_a_link_reproduces_chapter_guess_and_state() -> None:
    page = opened(
        chapter=FIRST.name,
        guess="several",
        plane_stars="3",
        plane_networks="1.new",
        plane_features="2",
        plane_seed="9",
        plane_cloud="moon",
        plane_behind="loss",
    )
    assert planes(page) == {
        **{"cloud": "moon", "stars": 3, "features": 2, "networks": ["1", "new"], "seed": 9},
        **{"behind": "loss", "points": "", "revealed": True, "guessed": ["4", "16"]},
    }
    page.run()
    query = {name: str(value) for name, value in dict(page.query_params).items()}
    assert "3" in query["plane_stars"]
    assert "1.new" in query["plane_networks"]


def test_an_unknown_guess_or_chapter_asks_as_at_the_beginning() -> None:
    page = opened(chapter="<b>nothing", guess="<i>", plane_stars="many")
    text = text_of(page)
    assert FIRST.question in text
    assert "There is no chapter" in text
    assert "<b>" not in text.replace(r"\<b\>", "")
    assert planes(page)["stars"] == 12


def test_back_shows_what_its_address_names() -> None:
    page = opened()
    page.button(key="how_it_works_guess_new").click().run()
    page.query_params.clear()
    page.run()
    assert FIRST.question in text_of(page)
    page.query_params.update(guess="fixed", plane_stars="3")
    page.run()
    assert "You guessed" in text_of(page)
    assert planes(page)["stars"] == 3
    page.query_params.clear()
    page.query_params.update(guess="fixed")
    page.run()
    assert planes(page)["stars"] == 12


LEFT = """
import streamlit as st
from app.views.how_it_works.chapters import CHAPTERS
from app.views.how_it_works.frame import show_chapters
if not st.session_state.get("left"):
    show_chapters(CHAPTERS)
"""


def test_who_leaves_the_page_and_comes_back_finds_what_was_there() -> None:
    page = AppTest.from_string(LEFT, default_timeout=60)
    page.query_params.update(guess="fixed", plane_stars="4")
    page.run()
    page.query_params.clear()  # as the browser does
    page.session_state["left"] = True
    page.run()
    page.session_state["left"] = False
    page.run()
    assert "You guessed" in text_of(page)
    assert planes(page)["stars"] == 4
    assert "plane_stars" in dict(page.query_params)


def test_a_guess_for_a_chapter_that_is_not_there_reveals_nothing() -> None:
    page = opened(chapter="other", guess="new")
    assert FIRST.question in text_of(page)
    assert FIRST.reveal not in text_of(page)
    assert planes(page)["revealed"] is False


def test_what_came_true_is_announced() -> None:
    page = opened()
    empty = [each.proto.body for each in page.get("html") if 'role="status"' in each.proto.body]
    assert empty == ['<div role="status"></div>']
    page.button(key="how_it_works_guess_new").click().run()
    (heard,) = [each.proto.body for each in page.get("html") if 'role="status"' in each.proto.body]
    assert f"As you guessed. {FIRST.reveal}" in unescape(heard)


def test_the_texts_claim_means_over_draws_of_networks() -> None:
    for text in (FIRST.question, FIRST.reveal, FIRST.correction, FIRST.explanation):
        assert "on average" in text.lower()


SCRIPT = """
from app.views.how_it_works.frame import show_chapters
from tests_chapters import TWO
show_chapters(TWO)
"""


def test_chapters_are_chosen_and_each_keeps_its_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, str | None]] = []
    second: Chapter = replace(
        FIRST, name="second", title="Second", show=lambda guess: seen.append(("second", guess))
    )
    first = replace(FIRST, show=lambda guess: seen.append(("first", guess)))
    module = ModuleType("tests_chapters")
    module.__dict__["TWO"] = (first, second)
    monkeypatch.setitem(sys.modules, "tests_chapters", module)
    page = AppTest.from_string(SCRIPT, default_timeout=60).run()
    page.button(key="how_it_works_guess_new").click().run()
    page.button(key="how_it_works_chapter_second").click().run()
    assert seen[-1] == ("second", None)
    assert dict(page.query_params)["chapter"] in ("second", ["second"])
    page.button(key="how_it_works_guess_fixed").click().run()
    assert seen[-1] == ("second", "fixed")
    page.button(key=f"how_it_works_chapter_{FIRST.name}").click().run()
    assert seen[-1] == ("first", "new")


def test_a_guess_that_came_by_link_is_kept_under_its_chapter(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, str | None]] = []
    second = replace(FIRST, name="second", title="Second", show=lambda guess: seen.append(("second", guess)))
    first = replace(FIRST, show=lambda guess: seen.append(("first", guess)))
    module = ModuleType("tests_chapters")
    module.__dict__["TWO"] = (first, second)
    monkeypatch.setitem(sys.modules, "tests_chapters", module)
    page = AppTest.from_string(SCRIPT, default_timeout=60)
    page.query_params.update(chapter="second", guess="fixed")
    page.run()
    page.button(key=f"how_it_works_chapter_{FIRST.name}").click().run()
    assert seen[-1] == ("first", None)
    page.button(key="how_it_works_chapter_second").click().run()
    assert seen[-1] == ("second", "fixed")


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_a_chapter_is_complete(chapter: Chapter) -> None:
    names = [each.name for each in CHAPTERS]
    assert len(set(names)) == len(names)
    for field in ("title", "sentence", "question", "reveal", "misconception", "correction", "explanation"):
        assert getattr(chapter, field).strip(), field
    assert chapter.question.endswith("?")
    assert chapter.misconception.endswith(".")
