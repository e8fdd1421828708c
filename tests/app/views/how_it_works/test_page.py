"""The page How it works: it asks first, records the guess, reveals; a link names chapter, guess and state."""

import json
import re
import sys
from dataclasses import replace
from html import unescape
from types import ModuleType

import pytest
from streamlit.testing.v1 import AppTest
from support.pages import components_of, html_of, open_page, text_of

from app.components.page_links import WATCH_PAGE
from app.views.how_it_works import frame
from app.views.how_it_works.chapter import (
    HALF,
    NEAR,
    NO,
    REVERSED,
    SKIPPED,
    Chapter,
    NumberScale,
    lead_of,
    truth_of,
)
from app.views.how_it_works.chapter import text_of as shown_text
from app.views.how_it_works.chapters import CHAPTERS
from app.views.how_it_works.ever_new_networks import EVER_NEW_NETWORKS

FIRST = EVER_NEW_NETWORKS
ALONE = """
from app.views.how_it_works.ever_new_networks import EVER_NEW_NETWORKS
from app.views.how_it_works.frame import show_chapters
show_chapters((EVER_NEW_NETWORKS,))
"""


def opened(**query: str) -> AppTest:
    """The page with no chapter but that of the planes."""
    page = AppTest.from_string(ALONE, default_timeout=60)
    page.query_params.update(query)
    page.run()
    assert not page.exception
    return page


def planes(page: AppTest) -> dict[str, object]:
    """What the script sent to the planes."""
    (proto,) = components_of(page, "dm_planes")
    return dict(json.loads(proto.json))


def titles(page: AppTest) -> list[str]:
    """Text of the page's first heading."""
    return [unescape(text) for body in html_of(page) for text in re.findall("<h1[^>]*>([^<]*)", body)]


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
    assert ("Right: with a new one" in text) == (guess == FIRST.right)
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
    assert "The other way round: with a new one at each step." in text_of(page)
    assert planes(page)["stars"] == 3
    page.query_params.clear()
    page.query_params.update(guess="fixed")
    page.run()
    assert planes(page)["stars"] == 12


LEFT = """
import streamlit as st
from app.views.how_it_works.ever_new_networks import EVER_NEW_NETWORKS
from app.views.how_it_works.frame import show_chapters
if not st.session_state.get("left"):
    show_chapters((EVER_NEW_NETWORKS,))
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
    assert "The other way round: with a new one at each step." in text_of(page)
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
    assert f"Right: with a new one at each step. {FIRST.reveal}" in unescape(heard)


def test_the_texts_claim_means_over_draws_of_networks() -> None:
    for text in (FIRST.question, FIRST.reveal, FIRST.correction, FIRST.explanation):
        assert isinstance(text, str)
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


def test_all_guesses_are_forgotten_together(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, str | None]] = []
    first = replace(FIRST, show=lambda guess: seen.append(("first", guess)))
    second = replace(FIRST, name="second", title="Second", show=lambda guess: seen.append(("second", guess)))
    module = ModuleType("tests_chapters")
    module.__dict__["TWO"] = (first, second)
    monkeypatch.setitem(sys.modules, "tests_chapters", module)
    page = AppTest.from_string(SCRIPT, default_timeout=60).run()
    assert "how_it_works_forget" not in {button.key for button in page.button}, "there is nothing to forget"
    page.button(key="how_it_works_guess_new").click().run()
    page.button(key="how_it_works_next").click().run()
    page.button(key="how_it_works_guess_fixed").click().run()
    page.button(key="how_it_works_forget").click().run()
    assert seen[-1] == ("second", None)
    assert "guess" not in page.query_params
    page.button(key="how_it_works_previous").click().run()
    assert seen[-1] == ("first", None)


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ({"chapter": "the-pull"}, {"PageUp", "PageDown"}),
        ({"chapter": "averaging"}, {"PageUp", "ArrowLeft", "PageDown", "ArrowRight"}),
        ({"chapter": "limits"}, {"PageUp", "ArrowLeft", "PageDown", "ArrowRight"}),
        ({"chapter": "limits", "limits_part": "privacy"}, {"PageUp", "ArrowLeft", "PageDown"}),
        ({"chapter": "what-is-asked-for"}, {"PageUp", "PageDown", "ArrowRight"}),
    ],
)
def test_a_remote_turns_the_chapters_while_presenting(query: dict[str, str], keys: set[str]) -> None:
    def listened(**query: str) -> set[str]:
        page = open_page("how_it_works.py", **query)
        return {key for proto in components_of(page, "dm_keys") for key in json.loads(proto.json)["keys"]}

    assert listened(**query) == set(), "the keys scroll"
    assert listened(**query, presenter="true") - {"p"} == keys


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


def test_the_settings_of_a_chapter_leave_the_address_with_it_and_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = replace(FIRST, show=lambda guess: None)
    second = replace(first, name="second", title="Second", parameters=("embed_drawing",))
    module = ModuleType("tests_chapters")
    module.__dict__["TWO"] = (first, second)
    monkeypatch.setitem(sys.modules, "tests_chapters", module)
    page = AppTest.from_string(SCRIPT, default_timeout=60)
    page.query_params.update(chapter="second", embed_drawing="AAAA")
    page.run()
    assert page.query_params["embed_drawing"] in ("AAAA", ["AAAA"]), "a link to the chapter keeps it"
    page.button(key=f"how_it_works_chapter_{FIRST.name}").click().run()
    assert "embed_drawing" not in page.query_params
    page.button(key="how_it_works_guess_new").click().run()
    assert "embed_drawing" not in page.query_params
    page.button(key="how_it_works_chapter_second").click().run()
    assert page.query_params["embed_drawing"] in ("AAAA", ["AAAA"])


ALL = [part for chapter in CHAPTERS for part in (chapter, *chapter.parts)]


@pytest.mark.parametrize("chapter", ALL, ids=lambda chapter: chapter.guess_key)
def test_a_chapter_is_complete(chapter: Chapter) -> None:
    names = [each.name for each in CHAPTERS]
    assert len(set(names)) == len(names)
    assert len(chapter.short) <= 16, "seven of them stand on one line"
    for field in (
        "title",
        "short",
        "sentence",
        "question",
        "reveal",
        "misconception",
        "correction",
        "explanation",
    ):
        assert shown_text(getattr(chapter, field)).strip(), field
    assert shown_text(chapter.question).endswith("?")
    assert chapter.misconception.endswith(".")


def test_no_two_chapters_share_a_parameter_and_the_address_names_them() -> None:
    parameters = [name for chapter in CHAPTERS for name in chapter.parameters]
    assert len(set(parameters)) == len(parameters)
    with pytest.raises(AssertionError):
        replace(FIRST, parameters=("stars",))


def test_the_list_of_a_phone_names_the_chapter_and_leads_to_others() -> None:
    page = open_page("how_it_works.py", chapter="the-pull")
    chapters = page.selectbox(key="how_it_works_list")
    assert chapters.value == "the-pull"
    assert chapters.options[2] == "3 of 7: The pull"
    chapters.set_value("embedding").run()
    assert titles(page) == ["What is an embedding?"]
    page.button(key="how_it_works_list_previous").click().run()
    assert titles(page) == ["What do we want?"]
    assert page.button(key="how_it_works_list_previous").disabled


def test_the_formula_is_closed_until_somebody_opens_it_and_a_link_keeps_it_open() -> None:
    page = opened(guess="new")
    assert page.session_state["how_it_works_plane_formula"] is False
    assert opened(guess="new", plane_formula="open").session_state["how_it_works_plane_formula"] is True


def test_a_chapter_that_opens_has_a_loading_frame_and_a_guess_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loading: list[str] = []
    monkeypatch.setattr(frame, "show_loading", lambda key, awaited, height: loading.append(awaited))
    first, second = (
        replace(FIRST, name=name, title=name, show=lambda guess: None) for name in ("first", "second")
    )
    module = ModuleType("tests_chapters")
    module.__dict__["TWO"] = (first, second)
    monkeypatch.setitem(sys.modules, "tests_chapters", module)
    page = AppTest.from_string(SCRIPT, default_timeout=60).run()
    page.button(key="how_it_works_guess_new").click().run()
    assert loading == ["“first” is being opened."], "a guess opens nothing"
    page.button(key="how_it_works_chapter_second").click().run()
    assert loading == ["“first” is being opened.", "“second” is being opened."]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
@pytest.mark.parametrize("guess", ["", SKIPPED])
def test_a_link_opens_each_chapter_before_and_after_the_guess(chapter: Chapter, guess: str) -> None:
    page = open_page("how_it_works.py", chapter=chapter.name, guess=guess)
    assert not page.exception
    assert titles(page) == [chapter.title]
    text = text_of(page)
    assert shown_text(chapter.question) in text, "the question stays beside the answer"
    assert ("Guess first." in text) == (not guess)
    assert (chapter.misconception in text) == bool(guess)


SCALE = NumberScale(label="Right answers", start=40)


def numbered(right: str, guess: str | None = None) -> Chapter:
    return replace(FIRST, name="numbered", answers=SCALE, right=right, show=lambda guess: None)


@pytest.mark.parametrize(
    ("guess", "right", "lead"),
    [
        ("50", "71.8", "More than you guessed: 71.8\xa0%, not 50\xa0%."),
        ("40", "71.8", "Far more than you guessed: 71.8\xa0%, not 40\xa0%."),
        ("90", "71.8", "Less than you guessed: 71.8\xa0%, not 90\xa0%."),
        ("72", "71.8", "Right: 71.8\xa0%."),
        ("70", "71.8", "Close: 71.8\xa0%, not 70\xa0%."),
        ("70", "", "You guessed 70\xa0%."),
        (SKIPPED, "71.8", "It is 71.8\xa0%."),
        (SKIPPED, "", ""),
    ],
)
def test_a_guessed_number_is_named_beside_what_came_true(guess: str, right: str, lead: str) -> None:
    assert lead_of(numbered(right), guess) == lead


@pytest.mark.parametrize("guess", ["101", "-1", "5.5", "many", "", "٣"])
def test_a_number_outside_the_scale_is_no_guess(guess: str) -> None:
    assert not numbered("50").takes(guess)
    assert numbered("50").takes("0")
    assert numbered("50").takes("100")


def test_a_number_is_guessed_on_a_slider(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str | None] = []
    module = ModuleType("tests_chapters")
    module.__dict__["TWO"] = (replace(numbered("71.8"), show=seen.append), FIRST)
    monkeypatch.setitem(sys.modules, "tests_chapters", module)
    page = AppTest.from_string(SCRIPT, default_timeout=60).run()
    page.slider(key="how_it_works_number_numbered").set_value(55).run()
    assert seen[-1] is None
    page.button(key="how_it_works_guess_number").click().run()
    assert seen[-1] == "55"
    assert dict(page.query_params)["guess"] in ("55", ["55"])
    assert "More than you guessed: 71.8 %, not 55 %." in text_of(page)


def test_the_end_leads_to_the_chapters_beside_and_the_last_to_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("tests_chapters")
    module.__dict__["TWO"] = (FIRST, replace(FIRST, name="second", title="Second", show=lambda guess: None))
    monkeypatch.setitem(sys.modules, "tests_chapters", module)
    page = AppTest.from_string(SCRIPT, default_timeout=60).run()
    keys = {button.key for button in page.button}
    assert "how_it_works_previous" not in keys
    assert "how_it_works_own_images" not in keys
    page.button(key="how_it_works_next").click().run()
    assert titles(page) == ["Second"]
    assert "how_it_works_next" not in {button.key for button in page.button}
    page.button(key="how_it_works_previous").click().run()
    assert titles(page) == [FIRST.title]
    page.button(key="how_it_works_next").click().run()
    chosen: list[object] = []
    monkeypatch.setattr("streamlit.switch_page", lambda page, query_params: chosen.append(page))
    page.button(key="how_it_works_own_images").click().run()
    assert page.session_state["form_path_missing_for"] == page.session_state["dataset"]
    page.button(key="how_it_works_watch").click().run()
    assert chosen == [WATCH_PAGE] * 2


@pytest.mark.parametrize("chapter", ALL, ids=lambda chapter: chapter.guess_key)
def test_the_first_words_after_a_guess_say_whether_it_was_right_and_what_is(chapter: Chapter) -> None:
    right, truth = shown_text(chapter.right), truth_of(chapter)
    assert truth
    scale = chapter.answers
    guesses = [str(each) for each in (scale.low, scale.high)] if isinstance(scale, NumberScale) else [*scale]
    leads = {guess: lead_of(chapter, guess) for guess in guesses}
    assert all(truth in lead for lead in leads.values())
    for guess, lead in leads.items():
        sides = (f"{far} than you guessed" for far in ("More", "Less", "Far more", "Far less"))
        grades = ("Right", NEAR, HALF, NO, REVERSED, *sides)
        assert lead.startswith(tuple(f"{grade}: " for grade in grades))
        assert guess != right or lead.startswith("Right: ")
    assert truth[1:] in lead_of(chapter, SKIPPED)
    assert not shown_text(chapter.reveal).lower().startswith(truth.lower()), "it is said once"


def test_answers_that_are_amounts_say_on_which_side_a_guess_was() -> None:
    (asked, averaging) = (each for each in CHAPTERS if each.amounts)
    assert lead_of(asked, "30").startswith("More than you guessed: about ")
    assert lead_of(asked, "10").startswith("Far more than you guessed: about ")
    assert lead_of(asked, "300").startswith("Less than you guessed: about ")
    assert lead_of(averaging, "learned").startswith("More than you guessed: ")
    assert lead_of(averaging, "mean").startswith("The other way round: "), "that was no smaller amount"
    assert lead_of(averaging, "alike").startswith("No: ")


def test_a_wrong_answer_is_graded_by_how_far_it_is_from_the_right_one() -> None:
    leads = {
        ("the-pull", "both"): "Half right: only the learned pixels.",
        ("the-pull", "weights"): "No: only the learned pixels.",
        ("ever-new-networks", "several"): "Close: with a new one at each step.",
        ("ever-new-networks", "fixed"): "The other way round: with a new one at each step.",
        ("ever-new-networks", "alike"): "No: with a new one at each step.",
        ("embedding", "chance"): "No: even untrained, the two boots mostly lie closer together.",
        ("augmentation", "zero"): "No: they lie apart.",
    }
    chapters = {chapter.name: chapter for chapter in CHAPTERS}
    for (name, guess), lead in leads.items():
        assert lead_of(chapters[name], guess) == lead
    for chapter in ALL:
        assert all({guess, right} <= set(chapter.answers) for guess, right in chapter.wrong)


def test_a_guess_is_answered_as_it_was_made_also_when_one_comes_back_to_it() -> None:
    page = open_page("how_it_works.py", chapter="embedding", guess="chance")
    said = "No: even untrained, the two boots mostly lie closer together."
    assert said in text_of(page)
    page.button(key="how_it_works_next").click().run()
    assert said not in text_of(page)
    page.button(key="how_it_works_guess_both").click().run()
    assert "Half right: only the learned pixels." in text_of(page)
    page.button(key="how_it_works_previous").click().run()
    assert said in text_of(page)
    assert "Half right" not in text_of(page)
    page.query_params["chapter"], page.query_params["guess"] = "the-pull", "both"  # as Back does
    page.run()
    assert "Half right: only the learned pixels." in text_of(page)


def test_each_chapter_has_the_switch_of_presenter_mode_at_its_end() -> None:
    page = open_page("how_it_works.py", chapter="embedding")
    page.toggle(key="app_presenter").set_value(True).run()
    assert page.query_params["presenter"] in ("true", ["true"])
    assert not [toggle for toggle in page.toggle if toggle.key == "app_presenter"], "P leaves it"


@pytest.mark.parametrize("name", ["the-pull", "ever-new-networks", "augmentation"])
def test_a_formula_of_the_paper_names_its_equation(name: str) -> None:
    page = open_page("how_it_works.py", chapter=name, guess=SKIPPED)
    assert "equation 6 of the paper" in " ".join([text_of(page), *html_of(page)])
