"""Presenter mode on the Watch page: whether images or a chart beside them have the width."""

import pytest
import streamlit as st

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
