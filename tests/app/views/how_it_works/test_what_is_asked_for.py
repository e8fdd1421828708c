"""Chapter on what is asked for: a guessed number, recorded accuracies, networks that are trained here."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from support.frames import unpack_frame
from support.pages import components_of, html_of, open_page, plain_spaces, text_of

from app.answers.question import Look, Progress
from app.data.method_accuracies import compared_accuracies, recorded_accuracies
from app.jobs.page_answers import get_page_answers
from app.text.escaping import plain_text
from app.text.provenance import provenance_text
from app.views.how_it_works import ten_images, what_is_asked_for
from app.views.how_it_works.ten_images import read_ten_images, read_test_images
from app.views.how_it_works.what_is_asked_for import WHAT_IS_ASKED_FOR
from dmcore.data.fashion import read_fashion
from dmcore.experiments.gallery.recorded import find_recorded

opened = partial(open_page, "how_it_works.py", chapter=WHAT_IS_ASKED_FOR.name)


def stream(page: AppTest) -> dict[str, object]:
    (proto,) = components_of(page, "dm_test_stream")
    return dict(unpack_frame(proto.bytes)[0])


def rows(page: AppTest) -> str:
    (body,) = [body for body in html_of(page) if "dm-accuracies'" in body]
    return re.sub("<style>.*</style>", "", unescape(body), flags=re.DOTALL)


def test_it_opens_with_the_images_and_without_an_accuracy() -> None:
    page = opened()
    assert WHAT_IS_ASKED_FOR.question in text_of(page)
    assert rows(page).count("?") == 4
    learned, random = stream(page)["lanes"]  # type: ignore[misc]
    frames, *shape = learned["images"]
    assert frames > 10
    assert shape == random["images"][1:] == [10, 1, 28, 28]
    assert learned["answers"] == random["answers"] == []
    assert learned["summary"] == random["summary"] == ""
    assert "how_it_works_train_both" not in {button.key for button in page.button}


def test_the_reveal_has_recorded_accuracies_and_the_number_that_teaches_as_much() -> None:
    page = opened(guess="10")
    known = recorded_accuracies("fashion", 1)
    known["condensed"] = next(each for each in _known() if each.method == "condensed")
    many = recorded_accuracies("fashion", 10)["random_real"]
    assert known["random_real"].sets == 3, "a single draw of random images varies much"
    for accuracy in (known["random_real"], known["condensed"], many, known["all_real"]):
        assert f"left:{accuracy.mean:.2f}%" in rows(page)
        assert accuracy.counts_text in rows(page)
    for lane, method in zip(stream(page)["lanes"], ("condensed", "random_real"), strict=True):  # type: ignore[call-overload]
        assert lane["summary"] == f"Recorded: {known[method].mean:.1f} of 100 right"
        assert not lane["answers"], "each answer is seen once networks were trained here"
    needed = what_is_asked_for.random_images_needed()
    assert needed is not None
    assert 10 < needed < 100, "between the recorded numbers of random images"
    assert f"about {round(needed, -1):.0f} random real images." in text_of(page)
    right = what_is_asked_for.right_answer()
    assert right == min(what_is_asked_for.ANSWERS, key=lambda each: abs(np.log(int(each) / needed)))
    assert "Right: about" in text_of(opened(guess=right))
    assert f"Far more than you guessed: {what_is_asked_for.truth()}." in text_of(opened(guess="10"))
    for source in ("fashion-from-noise", "table1-fashion"):
        assert plain_spaces(plain_text(provenance_text(find_recorded(source).provenance))) in text_of(page)


@pytest.mark.parametrize(("share", "needed"), [(0.0, 10), (1.0, 100), (0.5, 31.6), (2.0, 1000)])
def test_as_many_random_images_follow_from_the_recorded_numbers(
    monkeypatch: pytest.MonkeyPatch, share: float, needed: float
) -> None:
    few, many = (recorded_accuracies("fashion", size)["random_real"] for size in (1, 10))
    learned = replace(few, mean=few.mean + share * (many.mean - few.mean))
    known = {"condensed": learned, "random_real": few}
    monkeypatch.setattr(what_is_asked_for, "_accuracies", lambda ten: known)
    assert what_is_asked_for.random_images_needed() == pytest.approx(needed, rel=0.01)


def test_random_images_that_gain_nothing_tell_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    few = recorded_accuracies("fashion", 1)
    monkeypatch.setattr(what_is_asked_for, "_accuracies", lambda ten: few)
    monkeypatch.setattr(what_is_asked_for, "recorded_accuracies", lambda data, size: few)
    assert what_is_asked_for.random_images_needed() is None
    assert what_is_asked_for.right_answer() == ""


def _known() -> list[what_is_asked_for.MethodAccuracy]:
    ten = read_ten_images()
    return compared_accuracies(ten.run, ten.set, ten.iteration)


def test_the_film_ends_with_the_tested_images_and_the_stream_is_read_test_images() -> None:
    ten = read_ten_images()
    assert ten.iteration == ten.run.snapshots()[-1]
    assert not np.array_equal(ten.learned[0], ten.learned[-1])
    images, label = read_test_images()
    whole, labels = read_fashion("test")
    assert np.array_equal(images, whole[: len(images)])
    assert label == tuple(labels[: len(images)])
    train = {image.tobytes() for image in read_fashion("train")[0]}
    assert all(image.tobytes() in train for image in ten.random)


def test_both_networks_are_of_the_recorded_runs_kind() -> None:
    ten = read_ten_images()
    assert ten.run.config is not None
    assert {question.network for question in ten.questions.values()} == {ten.run.config.network_spec()}
    assert {question.protocol.repeats for question in ten.questions.values()} == {1}


def test_the_explanation_has_the_protocol_of_the_recorded_table(monkeypatch: pytest.MonkeyPatch) -> None:
    table = read_ten_images().table
    assert table.results is not None
    cells = table.results.table.cells
    whole = next(cell.recipe.training for cell in cells if cell.recipe.method == "whole")
    assert whole is not None
    protocol = table.results.table.protocol
    assert protocol.augment is None, "all operations"
    text = plain_spaces(what_is_asked_for.explanation())
    for fact in (
        f"trained for {protocol.epochs} epochs (all real images: {whole.epochs})",
        "(colour, crop, cutout, flip, scale, rotate)",
        f"{cells[0].network.depth} blocks, {cells[0].network.width} filters wide",
        r"\mathbb{E}_{x \sim \text{test}}",
        f"Where *{what_is_asked_for.truth().removesuffix(' random real images')}* comes from",
        f"of the learned ones at {what_is_asked_for.random_images_needed():.0f}.",
    ):
        assert fact in text


def test_networks_are_trained_here_and_judge_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    short = ten_images.NETWORK.model_copy(update={"epochs": 2})
    monkeypatch.setattr(ten_images, "NETWORK", short)
    ten_images._read.cache_clear()
    try:
        page = opened(guess="100")
        page.button(key="how_it_works_train_both").click().run()
        for question in read_ten_images().questions.values():
            assert get_page_answers().ask(question, 300).value is not None
        page.run()
        lanes = stream(page)["lanes"]
        for lane in lanes:  # type: ignore[attr-defined]
            assert len(lane["answers"]) == len(read_test_images()[1])
            assert set(lane["answers"]) <= set(range(10))
            assert "trained here:" in lane["remark"]
        assert "how_it_works_train_both" not in {button.key for button in page.button}
        for lane in stream(opened())["lanes"]:  # type: ignore[attr-defined]
            assert not lane["answers"], "who has yet to guess sees nothing of it"
            assert not lane["remark"]
    finally:
        ten_images._read.cache_clear()


class Service:
    """Answers as a page sees them at a moment."""

    def __init__(self, look: Look[object]) -> None:
        self._look = look

    def look(self, question: object) -> Look[object]:
        return self._look


def test_a_network_that_waits_for_a_run_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting: Callable[[], Service] = lambda: Service(Look(progress=Progress(waiting=True)))  # noqa: E731
    monkeypatch.setattr(what_is_asked_for, "get_page_answers", waiting)
    assert not opened().get("progress"), "nothing is trained before the guess"
    page = opened(guess="100")
    assert what_is_asked_for.WAITS in [each.proto.text for each in page.get("progress")]


def test_a_running_job_is_held_for_both_networks_and_the_page_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert all(question.holds_job for question in read_ten_images().questions.values())
    stands = "The running job stands still meanwhile, and goes on by itself."
    nothing: Callable[[], Service] = lambda: Service(Look())  # noqa: E731
    monkeypatch.setattr(what_is_asked_for, "get_page_answers", nothing)
    assert stands not in text_of(opened(guess="100"))
    monkeypatch.setattr(what_is_asked_for, "is_computing", lambda: True)
    assert stands in plain_spaces(text_of(opened(guess="100"))).replace("\\", "")


def test_an_installation_without_a_gallery_says_so_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DM_GALLERY", str(tmp_path))
    page = opened(guess="100")
    (sentence,) = [info.value for info in page.info]
    assert sentence == what_is_asked_for.MISSING == what_is_asked_for.reveal()
    assert "You guessed about 100." in text_of(page)


def test_before_the_first_network_is_trained_it_says_what_is_waited_for() -> None:
    assert "PyTorch" in what_is_asked_for.training_sentence(Progress(""))
    assert what_is_asked_for.training_sentence(Progress("Epoch 3", done=0.1)) == "Epoch 3"
    assert "dataset condensation" in str(WHAT_IS_ASKED_FOR.sentence)
