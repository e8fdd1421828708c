"""Presenter mode on the Watch page: whether images or a chart beside them have the width."""

import pytest
import streamlit as st

from app import ROOT
from app.components.page_links import HOW_IT_WORKS_PAGE, PAPER_PAGE
from app.run.presenter import TOUR, page_turns
from app.views.watch import presenter


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    state: dict[str, object] = {"app_presenting": True}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(st, "query_params", {})
    return state


@pytest.mark.parametrize(("sets", "wide"), [(0, False), (1, False), (3, True)])
def test_images_of_several_sets_have_the_width(session: dict[str, object], sets: int, wide: bool) -> None:
    assert presenter.images_only(sets) is wide
    session["beside"] = "accuracy"
    assert presenter.images_only(sets) is False, "a chosen panel is seen"
    session["app_presenting"] = False
    assert presenter.images_only(sets) is False


def test_the_key_turns_it_and_the_next_chart_ends_it(
    session: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    from types import SimpleNamespace

    keys: dict[str, object] = {}
    monkeypatch.setattr(presenter, "listen_for_shortcuts", lambda key, actions: keys.update(actions))
    manager = SimpleNamespace(busy=False, current=None)
    presenter.listen_for_presenter_keys(manager, None, sets=1)  # type: ignore[arg-type]
    keys["f"]()  # type: ignore[operator]
    assert presenter.images_only(1)
    keys["c"]()  # type: ignore[operator]
    assert not presenter.images_only(1)
    keys["f"]()  # type: ignore[operator]
    assert presenter.images_only(1)
    keys["f"]()  # type: ignore[operator]
    assert not presenter.images_only(1)


def page_keys(monkeypatch: pytest.MonkeyPatch, sets: int) -> dict[str, object]:
    keys: dict[str, object] = {}
    monkeypatch.setattr(presenter, "listen_for_shortcuts", lambda key, actions: keys.update(actions))
    presenter.listen_for_page_keys(sets=sets)
    return keys


def test_page_keys_lead_from_chart_to_chart_and_at_both_ends_to_another_page(
    session: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    while "app_presenter_turn" not in session:
        seen.append(session.get("beside"))
        page_keys(monkeypatch, 1)["PageDown"]()  # type: ignore[operator]
    assert seen == [None, "accuracy", "features", "step by step"], "no image is picked"
    assert TOUR[session.pop("app_presenter_turn")] == PAPER_PAGE  # type: ignore[call-overload]
    while "app_presenter_turn" not in session:
        seen.append(session["beside"])
        page_keys(monkeypatch, 1)["PageUp"]()  # type: ignore[operator]
    assert seen[4:] == ["step by step", "features", "accuracy", "loss"]
    assert TOUR[session["app_presenter_turn"]] == HOW_IT_WORKS_PAGE  # type: ignore[call-overload]


def test_page_down_first_brings_the_chart_that_the_images_have_pushed_out(
    session: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert presenter.images_only(3)
    page_keys(monkeypatch, 3)["PageDown"]()  # type: ignore[operator]
    assert not presenter.images_only(3)
    assert session["beside"] == "loss"


def test_the_next_presentation_begins_without_what_was_pressed_in_the_last(
    session: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    from types import SimpleNamespace

    session["watch_images_only"] = True
    session["app_presenting"] = False
    presenter.listen_for_presenter_keys(SimpleNamespace(busy=False), None, sets=1)  # type: ignore[arg-type]
    session["app_presenting"] = True
    assert not presenter.images_only(1)
    assert page_keys(monkeypatch, 0).keys() == {"PageDown", "PageUp"}


def test_the_tour_has_every_page_once_and_its_end_leads_to_its_beginning(session: dict[str, object]) -> None:
    assert sorted(TOUR) == sorted((ROOT / "pages").glob("*.py"))
    assert len(TOUR) == len({page.stem for page in TOUR})
    page_turns(TOUR[-1].stem)["PageDown"]()
    assert session["app_presenter_turn"] == 0
    assert page_turns(TOUR[0].stem).keys() == {"PageDown"}, "nothing is before it"
