"""Chapter on limits: recorded results of the usual data set, else of digits, and published numbers."""

import json
import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from support.pages import components_of, open_page, plain_spaces, text_of

from app.data.method_accuracies import recorded_accuracies
from app.text.escaping import plain_text
from app.views.how_it_works.chapter import Chapter, NumberScale
from app.views.how_it_works.chapter import text_of as shown_text
from app.views.how_it_works.limits import easy, networks, numbers, texts
from app.views.how_it_works.limits.chapter import LIMITS
from app.views.how_it_works.limits.easy import SIMPLER, plain_alternatives
from app.views.how_it_works.limits.networks import other_networks
from app.views.how_it_works.limits.numbers import (
    hard_data,
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


PARTS = (LIMITS, *LIMITS.parts)


def figures(page: AppTest) -> list[str]:
    """Accessible names of all figures."""
    return [json.loads(proto.json)["figures"][0]["name"] for proto in components_of(page, "dm_small_figure")]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.part_title)
def test_each_part_asks_one_question_with_one_figure(part: Chapter) -> None:
    page = opened(limits_part=part.part)
    assert plain_spaces(shown_text(part.question)) in plain_spaces(text_of(page))
    assert plain_spaces(shown_text(part.reveal)) not in plain_spaces(text_of(page))
    assert "how_it_works_next_part" not in {button.key for button in page.button}
    assert len(figures(page)) == (part.part != "privacy")
    guess = part.answers.start if isinstance(part.answers, NumberScale) else next(iter(part.answers))
    page = opened(limits_part=part.part, guess=str(guess))
    assert plain_spaces(shown_text(part.reveal)) in plain_spaces(text_of(page))
    assert plain_spaces(shown_text(part.question)) in plain_spaces(text_of(page)), "the question stays"
    assert not any("?" in name for name in figures(page))
    assert ("how_it_works_next_part" in {button.key for button in page.button}) == (part is not PARTS[-1])


@pytest.mark.parametrize("part", ["", "last", "once"])
def test_a_curve_names_its_data_and_both_axes(part: str) -> None:
    page = opened(limits_part=part)
    (proto,) = components_of(page, "dm_small_figure")
    words = plain_spaces(proto.json)
    data = {"": "Digits", "last": "CIFAR-10", "once": "CIFAR-10, 50 per class"}[part]
    height = "minutes altogether" if part == "once" else "share of the accuracy after all real images"
    assert f"{data}: {height}" in words
    assert ("networks trained" if part == "once" else "images per class") in words


def test_a_lead_that_chapter_5_has_otherwise_is_told_apart() -> None:
    curve = recorded_curve()
    assert curve is not None
    accuracies = recorded_accuracies("digits", 1)
    lead = accuracies["condensed"].mean - accuracies["random_real"].mean
    assert f"{lead:.1f}" != f"{curve.lead(1):.1f}"
    note = plain_spaces(texts.many_note())
    assert f"1 per class: {lead:.1f} ahead. There images are learned for 500 iterations" in note
    assert "2 networks on each set, here for 100 iterations and by 1 network." in note
    assert note in plain_spaces(text_of(opened(guess="10"))).replace("\\", "")
    assert "Chapter 5 has another" not in text_of(opened()), "it would tell the answer"


def test_without_random_images_in_table_1_no_other_lead_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_random(results: Results, row: str, column: str) -> TableEntry | None:
        is_left_out = results.table.name == "table1" and row == NAMES["random"]
        return None if is_left_out else entry_of(results, row, column)

    assert "Chapter 5" in texts.many_note()
    monkeypatch.setattr(numbers, "entry_of", without_random)
    assert "Chapter 5" not in texts.many_note()
    assert "nan" not in texts.many_note()
    assert easy.note(), "it tells of learned images alone"


def test_no_number_that_is_asked_for_is_shown_before() -> None:
    assert "with 10" not in figures(opened())[0]
    assert "with 10" not in figures(opened(limits_part="last"))[0]
    simple, hard, other = (figures(opened(limits_part=part))[0] for part in ("easy", "hard", "other"))
    assert "%" not in simple
    assert hard.count("?") == 3
    assert re.search(r"learned with. ConvNet: [\d.]+.%; .+: \?", other)


def test_each_part_keeps_its_guess_and_a_link_keeps_the_place() -> None:
    page = opened(guess="10")
    page.button(key="how_it_works_next_part").click().run()
    assert page.query_params["limits_part"] in ("last", ["last"])
    assert plain_spaces(shown_text(PARTS[1].question)) in plain_spaces(text_of(page))
    page.button(key="how_it_works_skip").click().run()
    assert plain_spaces(shown_text(PARTS[1].reveal)) in plain_spaces(text_of(page))
    page.segmented_control(key="how_it_works_part").set_value("").run()
    assert "not 10 of 100." in plain_spaces(text_of(page))
    page.button(key="how_it_works_chapter_embedding").click().run()
    assert "limits_part" not in page.query_params
    page.button(key="how_it_works_chapter_limits").click().run()
    page.segmented_control(key="how_it_works_part").set_value("last").run()
    assert plain_spaces(shown_text(PARTS[1].reveal)) in plain_spaces(text_of(page))


def test_a_part_that_is_not_there_is_the_first() -> None:
    assert texts.many_question() in text_of(opened(limits_part="<b>"))


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
    assert texts.many_right() == lead
    page = opened(guess="10")
    assert f"ess than you guessed: {lead} of 100, not 10 of 100." in plain_spaces(text_of(page))
    assert plain_text(curve.entry.provenance.title) in text_of(page), "it says where the numbers come from"
    page = opened(limits_part="easy", guess="dm")
    assert plain_text(find_recorded("table1-digits").provenance.title) in text_of(page)
    assert texts.PUBLISHED in text_of(opened(limits_part="hard", guess="50"))


def test_the_usual_data_set_is_taken_where_it_was_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    digits, fashion = find_recorded("table1-digits"), find_recorded("table1-fashion")
    for entries in ((digits, fashion), (fashion, digits)):
        monkeypatch.setattr(numbers, "recorded_entries", lambda entries=entries: entries)
        assert recorded_of("table1") is fashion
    monkeypatch.setattr(numbers, "recorded_entries", lambda: (digits,))
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
    assert f"{cost.networks}th network" in texts.once_truth(cost)
    part = next(part for part in PARTS if part.part == "once")
    assert shown_text(part.right) == "5"
    assert f"up to {cost.condensing:.0f} minutes" in shown_text(part.question)


def test_simpler_images_are_judged_by_what_was_recorded() -> None:
    size, values = plain_alternatives()
    known = recorded_accuracies("digits", size)
    assert {value.label: value.number for value in values} == {
        "learned": known["condensed"].mean,
        "averages": known["mean_image"].mean,
        "picked real": known["herding"].mean,
        "random real": known["random_real"].mean,
    }
    assert "averages do better than learned ones" in easy.told(size, values)
    assert easy.right() == "mean_image"
    assert easy.reveal().endswith(
        "do better than learned ones. That seems to hold. The simpler ways cost next to nothing."
    )
    ahead = [value._replace(number=99.0) if value.label == "learned" else value for value in values]
    assert "averages come closest" in easy.told(size, ahead)
    level = [
        value._replace(number=values[1].number) if value.label == "learned" else value for value in values
    ]
    assert "averages do as well" in easy.told(size, level)


@pytest.mark.parametrize("kept", [{"dm"}, {"mean_image", "herding", "random"}])
def test_simpler_images_are_not_judged_without_both(monkeypatch: pytest.MonkeyPatch, kept: set[str]) -> None:
    names = {NAMES[method] for method in SIMPLER if method in kept}

    def known(results: Results, row: str, column: str) -> TableEntry | None:
        return entry_of(results, row, column) if row in names else None

    monkeypatch.setattr(easy, "entry_of", known)
    assert plain_alternatives() == (0, [])


def test_images_of_other_networks_are_compared_by_one_and_the_same_network() -> None:
    known = other_networks()
    assert known is not None
    results = known.entry.results
    assert results is not None
    tested = known.tested
    for value in known.learned:
        entry = entry_of(results, value.label, tested)
        assert entry is not None
        assert value.number == entry.mean
    assert known.learned[0].label == tested
    assert networks.right() == f"{known.worst.number:.1f}"
    assert f"{known.learned[0].number:.1f} of 100" in networks.question()


def test_what_is_said_of_other_networks_is_what_was_recorded_and_published() -> None:
    known = other_networks()
    assert known is not None
    assert known.learned[0].number > known.worst.number + numbers.ALIKE, "the correction says so"
    sentence = plain_spaces(networks.told(known))
    assert "Published for the same two on CIFAR-10: 65.2 % and 54.2 %." in sentence
    assert known.elsewhere is not None
    name, own, other = known.elsewhere
    assert f"{name} gets {own:.1f} right after its own, {other:.1f} after those of the" in sentence
    better = networks.told(replace(known, elsewhere=(name, other + 5, other)))
    assert "own images always best" not in better
    elsewhere = [known.learned[0], known.worst._replace(label="MLP")]
    assert "Published" not in networks.told(replace(known, learned=elsewhere)), "the paper has none"


def test_other_numbers_for_the_same_images_per_class_are_told_apart() -> None:
    table1 = recorded_accuracies("digits", 10)["condensed"]
    note = plain_spaces(networks.note())
    assert note.startswith("Each number is of one learned set")
    assert f"{table1.mean:.1f} % after 10 learned images per class" in note
    assert "learned for 500 iterations, here for 300." in note
    page = opened(limits_part="other", guess="85")
    assert note in plain_spaces(text_of(page)).replace("\\", "")


def test_the_curve_has_another_number_for_learned_digits() -> None:
    curve = recorded_curve()
    assert curve is not None
    assert curve.learned[10] != recorded_accuracies("digits", 10)["condensed"].mean
    note = plain_spaces(easy.note())
    assert f"{curve.learned[10]:.1f} % after 10 learned images per class" in note
    assert "learned for 100 iterations, here for 500." in note
    assert note in plain_spaces(text_of(opened(limits_part="easy", guess="dm"))).replace("\\", "")


def test_a_curve_that_ends_above_all_real_images_is_explained() -> None:
    curve = recorded_curve()
    assert curve is not None
    more = curve.learned[curve.largest] - curve.whole
    assert f"ends {more:.1f} above all real images" in texts.many_note()
    assert "trained for 60 epochs, not 200." in texts.many_note()


def test_what_faster_training_costs_is_published() -> None:
    assert plain_spaces(texts.once_reveal()).endswith("less accurate: 63.0 %, not 84.8 %.")


def test_without_a_gallery_the_published_numbers_are_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DM_GALLERY", str(tmp_path))
    assert recorded_entries() == ()
    page: Any = opened(guess="10")
    assert [info.value for info in page.info] == [texts.MISSING]
    assert "You guessed 10 of 100." in plain_spaces(text_of(page))
    for part in ("easy", "other"):
        assert not figures(opened(limits_part=part))
    for part in ("last", "hard", "once"):
        assert len(figures(opened(limits_part=part))) == 1, "these are published"


def test_it_says_what_learned_images_are_not() -> None:
    text = text_of(opened(limits_part="privacy", guess="none"))
    for word in ("privacy", "test set", "classes only"):
        assert word in text
