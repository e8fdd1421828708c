"""Chapter on limits: recorded results of the usual data set, else of digits, and published numbers."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from support.pages import components_of, open_page, plain_spaces, text_of

from app.data.method_accuracies import recorded_accuracies
from app.text.escaping import plain_text
from app.views.how_it_works import limits_numbers, limits_texts
from app.views.how_it_works.limits import LIMITS
from app.views.how_it_works.limits_numbers import (
    SIMPLER,
    hard_data,
    other_networks,
    plain_alternatives,
    published_cost,
    published_curve,
    recorded_curve,
    recorded_of,
)
from dmcore.experiments.gallery.recorded import find_recorded, recorded_entries
from dmcore.experiments.published.numbers import FIGURE5, TABLE1, TABLE3
from dmcore.experiments.report.entries import TableEntry, entry_of
from dmcore.experiments.results import Results
from dmcore.experiments.table1 import NAMES

opened = partial(open_page, "how_it_works.py", chapter=LIMITS.name)


def figures(page: AppTest) -> list[str]:
    """Accessible names of all figures."""
    return [json.loads(proto.json)["figures"][0]["name"] for proto in components_of(page, "dm_small_figure")]


def test_the_guess_comes_before_any_number() -> None:
    page = opened()
    assert limits_texts.question() in text_of(page)
    first, *others = figures(page)
    assert "with 1" in first
    assert "with 10" not in first
    assert all("?" in name and "%" not in name for name in others)


def test_the_right_answer_is_the_recorded_lead_with_the_most_images() -> None:
    curve = recorded_curve()
    assert curve is not None
    assert curve.entry is not None
    results = curve.entry.results
    assert results is not None
    column = f"{curve.largest} per class"
    learned, random = entry_of(results, "DM", column), entry_of(results, "Random", column)
    assert learned is not None
    assert random is not None
    lead = f"{learned.mean - random.mean:.1f}"
    assert limits_texts.right_answer() == lead
    page = opened(guess="10")
    assert f"it is {lead} points." in plain_spaces(text_of(page))
    assert len(figures(page)) == 5
    assert not any("?" in name for name in figures(page))
    for entry in (curve.entry, find_recorded("table1-fashion"), find_recorded("table1-digits")):
        assert plain_text(entry.provenance.title) in text_of(page), "it says where the numbers come from"


def test_the_usual_data_set_is_taken_where_it_was_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    digits, fashion = find_recorded("table1-digits"), find_recorded("table1-fashion")
    for entries in ((digits, fashion), (fashion, digits)):
        monkeypatch.setattr(limits_numbers, "recorded_entries", lambda entries=entries: entries)
        assert recorded_of("table1") is fashion
    monkeypatch.setattr(limits_numbers, "recorded_entries", lambda: (digits,))
    assert recorded_of("table1") is digits
    assert recorded_of("figure5") is None


def test_published_numbers_are_those_of_the_paper() -> None:
    curve = published_curve()
    assert curve.learned[1250] == FIGURE5[1250]
    assert curve.learned[50] == 63.0
    assert curve.random[50] == 43.4
    assert curve.whole == 84.8
    assert TABLE3["convnet"]["convnet"] == 65.2
    shares = {value.label: value.number for value in hard_data()}
    assert shares["TinyImageNet"] == pytest.approx(100 * 12.9 / 37.6)
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    assert TABLE1["tinyimagenet"]["dm"].split(" / ")[1].startswith("12.9")


def test_condensing_pays_from_the_network_on_with_which_it_takes_less_time() -> None:
    cost = published_cost()

    def saves(networks: int) -> bool:
        return cost.condensing + networks * cost.training_learned < networks * cost.training_all

    assert saves(cost.networks)
    assert not saves(cost.networks - 1)
    assert f"{cost.networks}th network" in limits_texts.cost(cost)


def test_simpler_images_are_judged_by_what_was_recorded() -> None:
    size, values = plain_alternatives()
    known = recorded_accuracies("digits", size)
    assert {value.label: value.number for value in values} == {
        "learned": known["condensed"].mean,
        "averages": known["mean_image"].mean,
        "picked real": known["herding"].mean,
        "random real": known["random_real"].mean,
    }
    assert "averages do better than learned ones" in limits_texts.easy(size, values)
    ahead = [value._replace(number=99.0) if value.label == "learned" else value for value in values]
    assert "averages come closest" in limits_texts.easy(size, ahead)
    level = [
        value._replace(number=values[1].number) if value.label == "learned" else value for value in values
    ]
    assert "averages do as well" in limits_texts.easy(size, level)


@pytest.mark.parametrize("kept", [{"dm"}, {"mean_image", "herding", "random"}])
def test_simpler_images_are_not_judged_without_both(monkeypatch: pytest.MonkeyPatch, kept: set[str]) -> None:
    names = {NAMES[method] for method in SIMPLER if method in kept}

    def known(results: Results, row: str, column: str) -> TableEntry | None:
        return entry_of(results, row, column) if row in names else None

    monkeypatch.setattr(limits_numbers, "entry_of", known)
    assert plain_alternatives() == (0, [])


def test_what_another_network_loses_is_told_beside_what_it_reaches_by_itself() -> None:
    networks = other_networks()
    assert networks is not None
    results = networks.entry.results
    assert results is not None
    assert networks.tested[0].label == networks.learned_on
    worst = min(networks.tested[1:], key=lambda value: value.number)
    sentence = plain_spaces(limits_texts.others(networks))
    assert f"{networks.tested[0].number - worst.number:.0f} points less for {worst.label}" in sentence
    own = entry_of(results, worst.label, worst.label)
    assert (own is not None) == ("it learned itself" in sentence)
    if own is not None:
        assert f"({own.mean:.0f} % from images" in sentence
    assert "it learned itself" not in limits_texts.others(replace(networks, own={}))


def test_without_a_gallery_the_published_numbers_are_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DM_GALLERY", str(tmp_path))
    assert recorded_entries() == ()
    page: Any = opened(guess="10")
    assert [info.value for info in page.info] == [limits_texts.MISSING]
    assert "CIFAR-10" in figures(page)[0]
    assert len(figures(page)) == 3
    assert "You guessed 10 points." in plain_spaces(text_of(page))


def test_it_says_what_learned_images_are_not() -> None:
    text = text_of(opened(guess="none"))
    for word in ("privacy", "test set", "classes only"):
        assert word in text
