"""The page How it works: it asks first, records the guess, reveals; a link names chapter, guess and state."""

import json
import sys
from dataclasses import replace
from functools import partial
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


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_a_chapter_is_complete(chapter: Chapter) -> None:
    names = [each.name for each in CHAPTERS]
    assert len(set(names)) == len(names)
    for field in ("title", "sentence", "question", "reveal", "misconception", "correction", "explanation"):
        assert getattr(chapter, field).strip(), field
    assert chapter.question.endswith("?")
    assert chapter.misconception.endswith(".")
