"""A classifier trained on a run's images alone: how it is answered, and its panel."""

import base64
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from support.fresh_interpreter import run_fresh
from support.pages import text_of
from support.small_runs import record_run
from support.waiting import until

from app.answers.question import Look, Progress
from app.answers.service import Answers
from app.components.drawing_pad import DRAWING_SIDE, read_drawing
from app.jobs.page_answers import get_page_answers
from app.run.classifier_panel import (
    probability_bars,
    progress_sentence,
    sample_test_grid,
    sample_test_sentence,
)
from app.run.classifier_question import ClassifierQuestion, ClassifierResult
from dmcore.config import CondenseConfig, EvaluateConfig, SetChange
from dmcore.data.load import load_dataset
from dmcore.execution.plan import make_plan
from dmcore.runs.creation import create_run
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.condensed import read_condensed_set
from dmcore.runs.formats.export import FORMATS
from dmcore.runs.imports import import_run
from dmcore.runs.recorder import record
from dmcore.runs.results.evaluation import evaluate_run
from dmcore.runs.results.sample_test import answer_captions
from dmcore.runs.runs_root import delete_run

SETS = CondenseConfig(
    dataset="digits",
    images_per_class=1,
    width=8,
    depth=1,
    real_batch=4,
    iterations=2,
    sets=(SetChange(init="real"), SetChange(init="noise")),
)
QUICK = EvaluateConfig(epochs=5, repeats=1)
ENDLESS = EvaluateConfig(epochs=1_000_000, repeats=1)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return record_run(tmp_path_factory.mktemp("runs"), SETS, "Two sets", device="auto")


@pytest.fixture
def answers() -> Iterator[Answers]:
    service = Answers("test")
    yield service
    service.shutdown()


@pytest.fixture
def page_answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    """The service of the pages; their classifiers are trained quickly."""
    get_page_answers.release()
    monkeypatch.setattr("app.run.classifier_panel.PROTOCOL", QUICK)
    yield get_page_answers()
    get_page_answers.release()


def answered(answers: Answers, question: ClassifierQuestion) -> Look[ClassifierResult]:
    return answers.ask(question, patience=None)


def images_of(
    run: RunFolder, name: str = "real-1", iteration: int = 2, protocol: EvaluateConfig = QUICK
) -> ClassifierQuestion:
    return ClassifierQuestion(run.path, name, iteration, protocol)


def section(run: RunFolder, at_once: bool = False) -> AppTest:
    return AppTest.from_string(
        "from pathlib import Path\n"
        "from app.run.classifier_panel import show_classifier\n"
        "from dmcore.runs.folder import RunFolder\n"
        f"show_classifier(RunFolder(Path({str(run.path)!r})), 2, at_once={at_once})\n",
        default_timeout=60,
    ).run()


def test_reader_reads_as_the_evaluation_measured(run: RunFolder, answers: Answers) -> None:
    assert not answers.look(images_of(run)).known
    result = answered(answers, images_of(run)).value
    assert result is not None
    events = list(evaluate_run(run, "real-1", load_dataset("digits"), QUICK, 2))
    assert result.classifier.accuracy == events[-1].accuracy
    again = result.classifier.probabilities(torch.from_numpy(result.sample_test.pixels))
    assert np.array_equal(again.numpy(), result.sample_test.probabilities)
    text = sample_test_sentence(result, 360)
    correct, accuracy = result.sample_test.correct, result.classifier.accuracy
    assert f"{correct} of these 12 right; on all 360 test images {accuracy:.1f} %" in text
    assert "One convnet, 5 epochs" in text


def test_a_reader_that_is_there_is_not_trained_again(run: RunFolder, answers: Answers) -> None:
    result = answered(answers, images_of(run)).value
    assert result is not None
    assert answers.ask(images_of(run)).value is result


def test_only_the_readers_looked_at_last_are_kept(run: RunFolder, answers: Answers) -> None:
    result = answered(answers, images_of(run)).value
    assert result is not None
    bytes_ = images_of(run).size(result)
    weights = sum(4 * parameter.numel() for parameter in result.classifier.network.parameters())
    assert weights <= bytes_ <= 1.1 * weights
    small = Answers("test", max_bytes=3 * bytes_)
    questions = [images_of(run, iteration=iteration) for iteration in range(5)]
    for question in questions:
        small.put(question, result)
    assert [small.look(question).known for question in questions] == [False, False, True, True, True]


def test_training_waits_while_a_run_is_computed(run: RunFolder) -> None:
    at_work = threading.Event()
    answers, question = Answers("test", at_work.is_set), images_of(run, protocol=ENDLESS)
    answers.ask(question)

    def progress() -> Progress:
        progress = answers.look(question).progress
        assert progress is not None
        return progress

    assert progress_sentence(Progress()) == "Opening the images …"
    until(lambda: progress().done > 2 / ENDLESS.epochs)
    at_work.set()
    until(lambda: progress().waiting)
    assert "when the running job has ended" in progress_sentence(progress())
    time.sleep(0.1)  # the epoch at hand ends
    stands = progress().done
    time.sleep(0.3)
    assert progress().done == stands
    at_work.clear()
    until(lambda: progress().done > stands)
    assert re.fullmatch("Training the network: epoch [0-9]+ of 1000000", progress_sentence(progress()))
    answers.shutdown()


def test_a_run_that_is_removed_while_its_reader_waits_is_a_sentence_and_one_in_memory_stays(
    answers: Answers, tmp_path: Path, run: RunFolder
) -> None:
    digits = load_dataset("digits")
    other_run = create_run(tmp_path, SETS, digits, make_plan(SETS, digits.shape, 10), "Short-lived")
    for _ in record(other_run, digits):
        pass
    first, second = images_of(other_run), images_of(other_run, "noise-1")
    trained = answered(answers, first).value
    assert trained is not None
    delete_run(other_run)
    failed = answered(answers, second).failure
    assert failed is not None
    assert failed.sentence.endswith(".")
    assert answers.look(first).value is trained
    assert answered(answers, images_of(run)).value is not None, "the thread goes on"


def test_images_that_are_gone_are_a_sentence_with_the_remedy(
    run: RunFolder, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise FileNotFoundError("7.safetensors")

    monkeypatch.setattr("dmcore.runs.results.classifier.train_classifier", gone)
    failed = answered(answers, images_of(run)).failure
    assert failed is not None
    assert failed.sentence == "The run's images are no longer there: choose another run."
    assert answers.ask(images_of(run)).pending, "a click tries again, at once"


def test_an_iteration_that_was_not_kept_is_a_sentence(run: RunFolder, answers: Answers) -> None:
    failed = answered(answers, images_of(run, iteration=77)).failure
    assert failed is not None
    assert "has no images of iteration 77: choose one of" in failed.sentence


@pytest.mark.parametrize("work", ["training", "waiting"])
def test_a_process_that_ends_while_a_reader_is_trained_ends_well(run: RunFolder, work: str) -> None:
    script = (
        "import time\nfrom pathlib import Path\n"
        "from app.answers.service import Answers\n"
        "from app.run.classifier_question import ClassifierQuestion\n"
        "from dmcore.config import EvaluateConfig\n"
        "protocol = EvaluateConfig(epochs=1_000_000, repeats=1)\n"
        f"question = ClassifierQuestion(Path({str(run.path)!r}), 'real-1', 2, protocol)\n"
        f"answers = Answers('test', lambda: {work == 'waiting'})\n"
        f"while not answers.ask(question).progress.{'waiting' if work == 'waiting' else 'done'}:\n"
        "    time.sleep(0.01)\n"
    )
    ended = run_fresh(script)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_one_click_lets_a_network_read_and_the_pad_waits_for_a_drawing(
    run: RunFolder, page_answers: Answers
) -> None:
    page = section(run)
    assert [button.label for button in page.button] == ["Train a classifier"]
    assert page.segmented_control[0].options == ["From real images", "From noise"]
    page.button[0].click().run()
    assert page_answers.look(images_of(run)).known
    assert not page_answers.look(images_of(run, "noise-1")).known
    answered(page_answers, images_of(run))
    text = text_of(page.run())
    assert "of these 12 right; on all 360 test images" in text
    assert "It knows 0, 1, 2, 3, 4, 5, 6, 7, 8, 9" in text
    assert "Draw something first" in text
    assert not page.button
    page.segmented_control[0].set_value("noise-1").run()
    assert [button.label for button in page.button] == ["Train a classifier"]


def test_a_cheap_run_is_read_without_asking(run: RunFolder, page_answers: Answers) -> None:
    page = section(run, at_once=True)
    assert not page.button
    answered(page_answers, images_of(run))
    assert "of these 12 right" in text_of(page.run())


def test_an_import_of_unknown_data_is_a_sentence_and_can_be_tried_again(
    run: RunFolder, page_answers: Answers, tmp_path: Path
) -> None:
    from dataclasses import replace

    stray = replace(read_condensed_set(run, "real-1"), dataset="")
    (file,) = FORMATS["npz"].write(stray, tmp_path / "set", None)
    other_run = import_run(file, tmp_path / "runs")
    page = section(other_run, at_once=True)
    name = other_run.set_names[0]
    assert answered(page_answers, images_of(other_run, name)).failure is not None
    text = text_of(page.run())
    assert "does not say which real images it was condensed from" in text.replace("\\", "")
    assert [button.label for button in page.button] == ["Try again"]


def test_the_grid_says_the_verdicts_to_those_who_do_not_see_it(run: RunFolder, answers: Answers) -> None:
    result = answered(answers, images_of(run)).value
    assert result is not None
    grid = sample_test_grid(result.sample_test, result.classifier.class_names)
    text = answer_captions(result.sample_test, result.classifier.class_names)
    assert tuple(grid.class_names) == text
    assert all(caption in grid.alt for caption in text)
    assert grid.lanes[0].pixels.shape == (12, 1, 1, 8, 8)
    assert len(grid.packed()) > 12 * 64


def test_bars_stand_in_class_order_with_the_likeliest_marked_and_names_escaped() -> None:
    table = probability_bars(["<b>a</b>", "b", "c"], [0.2, 0.7, 0.1])
    assert "&lt;b&gt;a&lt;/b&gt;" in table
    assert "<b>" not in table
    assert re.findall(r"<th scope='row'>(.*?)</th>", table)[1:] == ["b", "c"]
    assert re.findall(r"<tr class=top><th scope='row'>(.*?)</th>", table) == ["b"]


def test_of_many_classes_the_likeliest_ten_are_shown() -> None:
    names = [f"class {index}" for index in range(40)]
    table = probability_bars(names, [index / 780 for index in range(40)])
    assert re.findall(r"<th scope='row'>(.*?)</th>", table) == names[30:]


def test_a_drawing_comes_back_as_it_was_drawn() -> None:
    ink = np.arange(DRAWING_SIDE**2, dtype=np.uint32).astype(np.uint8).reshape(DRAWING_SIDE, DRAWING_SIDE)
    read = read_drawing(base64.b64encode(ink.tobytes()).decode())
    assert read is not None
    assert np.array_equal(read, ink)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        7,
        b"\0" * DRAWING_SIDE**2,
        {"drawing": 1},
        [0] * DRAWING_SIDE**2,
        "A" * 100,
        "!" * (4 * -(-(DRAWING_SIDE**2) // 3)),
        "é" * (4 * -(-(DRAWING_SIDE**2) // 3)),
        "A" * 10**6,
        base64.b64encode(bytes(DRAWING_SIDE**2 - 1)).decode(),
        base64.b64encode(bytes(DRAWING_SIDE**2 + 1)).decode(),
        base64.b64encode(bytes(DRAWING_SIDE**2 + 2)).decode(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_anything_else_from_the_browser_is_no_drawing(value: object) -> None:
    assert read_drawing(value) is None
