"""Chapter on averaging: it asks, hides what comes true, and all its numbers are those of recorded tables."""

import re
from functools import partial
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from support.frames import unpack_frame
from support.pages import components_of, html_of, open_page, plain_spaces, text_of

from app.data.method_accuracies import recorded_accuracies, recorded_table1
from app.run.accuracy_rows import interval
from app.text.escaping import plain_text
from app.views.how_it_works import averaging_texts as texts
from app.views.how_it_works.averaging import AVERAGING, NAMES
from app.views.how_it_works.averaging_images import recorded_images
from app.views.how_it_works.averaging_state import DATA, PARAMETERS, AveragingState
from app.views.how_it_works.outcomes import remark_of
from dmcore.data.catalogue import CATALOGUE
from dmcore.data.fashion import read_fashion
from dmcore.experiments.report.comparisons import column_verdicts, comparisons_note

opened = partial(open_page, "how_it_works.py", chapter=AVERAGING.name)
RECORDED = [name for name in DATA if recorded_table1(name) is not None]


def rows(page: AppTest) -> str:
    """The rows with the accuracies, without their style sheet and pictures."""
    (body,) = [body for body in html_of(page) if "dm-accuracies'" in body]
    return re.sub("<img[^>]*>|<style>.*</style>", "", unescape(body), flags=re.DOTALL)


def stacked(page: AppTest) -> tuple[dict[str, object], bytes]:
    (proto,) = components_of(page, "dm_averaging")
    return unpack_frame(proto.bytes)


def test_no_accuracy_is_shown_before_the_guess() -> None:
    page = opened()
    assert AVERAGING.question in text_of(page)
    assert rows(page).count("?") == len(NAMES)
    assert not re.search(r"\d\.\d", rows(page))
    assert "clear" not in rows(page)
    assert stacked(page)[0]["revealed"] is False


@pytest.mark.parametrize("data", RECORDED)
@pytest.mark.parametrize("images", ["1", "10"])
def test_a_link_shows_the_recorded_accuracies_and_verdicts(data: str, images: str) -> None:
    page = opened(guess="alike", averaging_data=data, averaging_images=images)
    shown = rows(page)
    for accuracy in recorded_accuracies(data, int(images)).values():
        assert plain_spaces(accuracy.text) in shown
        assert accuracy.counts_text in shown
    table = recorded_table1(data)
    assert table is not None
    assert table.results is not None
    verdicts = texts.verdicts(data, images)
    assert {each.verdict for each in verdicts.values()} <= {
        each.verdict for each in column_verdicts(table.results, f"{images} per class")
    }
    wanted = list(verdicts.values())
    below = text_of(page)
    assert plain_text(comparisons_note(wanted)) in below
    which = texts.from_noise(AveragingState(data=data))
    assert plain_spaces(plain_text(which)) in below
    assert ("one set, " in which) == (data == "fashion")
    assert len(wanted) == 3
    for comparison in wanted:
        assert f"{comparison.outcome} (sets differ by" in shown
        assert plain_spaces(remark_of(comparison)) in shown
        assert plain_spaces(comparison.verdict_sentence) in shown
    assert stacked(page)[0]["revealed"] is True


@pytest.mark.parametrize("count", ["1", "10"])
def test_the_picture_has_real_images_of_the_class_its_mean_and_the_learned_one(count: str) -> None:
    head, pixels = stacked(opened(averaging_images=count, averaging_kind="Bag"))
    assert head["name"] == "Bag"
    images, label = read_fashion("train")
    shown, *shape = head["real"]  # type: ignore[misc]
    real = images[label == 8][:shown]
    assert shape == [1, 28, 28]
    assert pixels[: real.nbytes] == real.tobytes()
    mean = np.frombuffer(pixels[real.nbytes : real.nbytes + 784], np.uint8)
    whole = images[label == 8].mean(axis=0).ravel()
    assert np.abs(mean - whole).max() <= 1, "the mean image is that of all 500"


def test_the_common_sentence_names_the_training_that_all_real_images_have() -> None:
    table = recorded_table1("fashion")
    assert table is not None
    assert table.results is not None
    whole = next(cell for cell in table.results.table.cells if cell.recipe.method == "whole")
    assert whole.recipe.training is not None
    epochs = table.results.table.protocol.epochs
    assert whole.recipe.training.epochs != epochs
    assert f"goes through them {whole.recipe.training.epochs} times, not {epochs} times." in texts.same(
        "fashion"
    )
    text = texts.explanation(AveragingState())
    assert f"{epochs} epochs (on all real images {whole.recipe.training.epochs})" in text


@pytest.mark.parametrize("data", DATA)
def test_what_is_computed_is_told_for_the_data_that_are_chosen(data: str) -> None:
    assert interval(CATALOGUE[data].test_count) in texts.explanation(AveragingState(data))


def test_another_data_set_shows_another_class() -> None:
    assert texts.changed("data", "fashion", "digits").endswith("Another class is shown, too.")
    first = stacked(opened())[0]["name"]
    assert stacked(opened(averaging_data="digits"))[0]["name"] != first


def test_the_right_answer_and_the_sentences_follow_from_the_tables() -> None:
    known = recorded_accuracies("fashion", 1)
    gap = known["condensed"].mean - known["mean_image"].mean
    assert texts.right_answer() == ("much" if gap > 15 else "learned" if gap > 5 else "alike")
    better = f"{gap:.0f} more of 100 right after the learned images"
    assert texts.truth() == f"on clothes, one image per class, {better}"
    assert f"{known['condensed'].mean:.1f}" in texts.reveal(AveragingState())
    assert f"{known['mean_image'].mean:.1f}" in texts.reveal(AveragingState())
    for data in RECORDED:
        mean, whole = (recorded_accuracies(data, 1)[name] for name in ("mean_image", "all_real"))
        assert f"{whole.mean - mean.mean:.0f} points" in texts.why(AveragingState(data=data))


def test_the_headline_has_the_numbers_of_what_is_chosen_and_names_where_it_is_not_so() -> None:
    assert texts.outcome_of("digits", "10") == "seems reversed"
    for data in RECORDED:
        for images in ("1", "10"):
            headline = texts.reveal(AveragingState(data=data, images=images))
            for method in ("condensed", "mean_image"):
                assert f"{recorded_accuracies(data, int(images))[method].mean:.1f}" in headline
            assert len(re.findall(r"\d\d\.\d", headline)) == 2, "no other number"
            assert not re.search(r"\bsets?\b|holds", headline), "no words of the tables"
            assert ("On digits it is not so: choose them below." in headline) == (data == "fashion")
    assert texts.reveal(AveragingState(data="digits")).endswith(
        "87.4 after mean images: not resolved, it may be chance."
    )
    below = texts.all_outcomes()
    assert below.endswith(": the mean images seem better.")
    assert below.count("\n- ") == 2 * len(RECORDED) - 1
    page = opened(guess="much", averaging_images="10")
    assert "the mean images seem better" in text_of(page)
    told = rows(opened(guess="much", averaging_data="digits", averaging_images="10"))
    spread = r"seems reversed \(sets differ by ±.0\.\d and ±.\d\.\d\)"
    assert re.search(spread, told), "the table's words, and what decides stands beside them"


def test_the_headline_says_which_data_the_question_is_of() -> None:
    shown = text_of(opened(guess="much", averaging_data="digits"))
    assert "on clothes, one image per class, 17 more of 100 right after the learned images" in shown
    assert "Digits: 88.4 of 100 right" in shown


def test_networks_of_one_set_are_told_apart_from_sets() -> None:
    mean, random = (texts.verdicts("fashion", "1")[name] for name in ("mean_image", "random_real"))
    assert mean.theirs.fixed
    assert "networks by ±" in remark_of(mean)
    assert "networks" not in remark_of(random)
    assert random.outcome in remark_of(random)


def test_why_a_larger_difference_is_less_certain_is_told_by_how_far_the_sets_lie_apart() -> None:
    compared = texts.verdicts("fashion", "1")
    far, near = compared["random_real"], compared["herding"]
    assert far.difference > near.difference
    sentence = texts.less_certain(AveragingState())
    assert f"Why +{far.difference:.1f} is less certain than +{near.difference:.1f}: " in sentence
    for means in (far.theirs.set_means, near.theirs.set_means):
        assert f"({min(means):.1f} to {max(means):.1f}" in sentence
    assert not texts.less_certain(AveragingState(images="10")), "there the smaller one is"
    assert sentence in plain_spaces(text_of(opened(guess="much")))
    assert sentence not in plain_spaces(text_of(opened()))


def test_the_accuracy_of_random_images_is_told_apart_from_that_of_one_draw() -> None:
    random = recorded_accuracies("fashion", 1)["random_real"]
    sentence = texts.one_draw(AveragingState())
    assert sentence.startswith(
        f"{random.mean:.1f} for random real images is the mean of {random.sets} draws."
    )
    assert sentence.endswith("the run of the front page 56.4.")
    assert not texts.one_draw(AveragingState(images="10"))
    assert not texts.one_draw(AveragingState(data="digits"))


@pytest.mark.parametrize(
    ("learned", "mean", "answer"),
    [(70.0, 54.0, "much"), (60.0, 54.0, "learned"), (56.0, 54.0, "alike"), (40.0, 54.0, "mean")],
)
def test_another_table_would_have_another_right_answer(
    monkeypatch: pytest.MonkeyPatch, learned: float, mean: float, answer: str
) -> None:
    from dataclasses import replace

    known = recorded_accuracies("fashion", 1)
    other = {name: replace(known[name], mean=value) for name, value in
             (("condensed", learned), ("mean_image", mean))}  # fmt: skip
    monkeypatch.setattr(texts, "recorded_accuracies", lambda dataset, images: other)
    assert texts.right_answer() == answer
    assert ("after the mean images" in texts.truth()) == (answer == "mean")


def test_a_choice_is_written_to_the_address_and_the_line_says_what_changed() -> None:
    page = opened(guess="much")
    assert "Changed" not in text_of(page)
    assert texts.same("fashion") in text_of(page)
    page.segmented_control(key="how_it_works_averaging_images").set_value("10").run()
    assert "10" in dict(page.query_params)["averaging_images"]
    assert "Changed: images per class, from 1 to 10. The data and the class shown stay." in text_of(page)
    page.selectbox(key="how_it_works_averaging_kind").set_value("Coat").run()
    assert "Changed: the class shown" in text_of(page)
    assert stacked(page)[0]["name"] == "Coat"
    page.query_params.pop("averaging_images")  # as Back does
    page.run()
    assert "Changed" not in text_of(page), "it tells of another choice"
    assert page.segmented_control(key="how_it_works_averaging_images").value == "1"


def test_invalid_parameters_get_the_default() -> None:
    state = AveragingState.of_query({f"averaging_{name}": "<b>" for name in ("data", "images")})
    assert state == AveragingState()
    assert not any(AveragingState().as_query().values())
    assert set(AveragingState().as_query()) == set(PARAMETERS)
    page = opened(averaging_data="mnist", averaging_images="7", averaging_kind="<i>")
    assert stacked(page)[0]["name"] == "Sandal"


def test_an_installation_without_a_gallery_says_so_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DM_GALLERY", str(tmp_path))
    page = opened(guess="much")
    (sentence,) = [info.value for info in page.info]
    assert sentence == texts.missing("Clothes")
    assert page.segmented_control(key="how_it_works_averaging_data").value == "fashion"


def test_the_ten_images_of_a_method_are_those_of_its_recorded_run() -> None:
    table = recorded_table1("fashion")
    assert table is not None
    one, ten = recorded_images(table, 1), recorded_images(table, 10)
    assert one.by_method["condensed"].shape == (10, 1, 1, 28, 28)
    assert ten.by_method["condensed"].shape == (10, 10, 1, 28, 28)
    drawn = ten.by_method["random_real"]
    images, label = read_fashion("train")
    for index in (0, 9):
        real = {image.tobytes() for image in images[label == index]}
        assert all(image.tobytes() in real for image in drawn[index])
