"""Classifier of a set: the first network of its evaluation; sample test and drawn images."""

from collections.abc import Generator
from typing import Any

import numpy as np
import pytest
import torch

from dmcore.config import CondenseConfig, EvaluateConfig
from dmcore.config.formatting import probability_text
from dmcore.data.drawing import BACKGROUND_INK, Framing, drawing_to_image, measure_framing
from dmcore.data.images import DataSet
from dmcore.execution.plan import Plan, make_plan
from dmcore.runs.creation import create_run
from dmcore.runs.folder import RunFolder
from dmcore.runs.recorder import record
from dmcore.runs.results.classifier import TrainedClassifier, train_classifier
from dmcore.runs.results.evaluation import evaluate_run
from dmcore.runs.results.sample_test import SAMPLE_SIZE, answer_captions, run_sample_test, sample_positions
from dmcore.training.evaluate import ImagesTested, NetworkTested, evaluate
from dmcore.training.testing import accuracy

SMALL = CondenseConfig(
    dataset="digits",
    images_per_class=1,
    width=8,
    depth=2,
    real_batch=4,
    iterations=2,
    norm="batch",
    init="real",
)
PROTOCOL = EvaluateConfig(epochs=15, repeats=2)
PAD = (56, 56)
"""Rows and columns of a drawing; any would do."""


@pytest.fixture(scope="module")
def run(digits: DataSet, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """With batch norm, where eval mode matters."""
    plan = make_plan(SMALL, digits.shape, len(digits.class_names))
    made = create_run(tmp_path_factory.mktemp("runs"), SMALL, digits, plan, "Small")
    for _ in record(made, digits):
        pass
    return made


@pytest.fixture(scope="module")
def classifier(run: RunFolder, digits: DataSet) -> TrainedClassifier:
    trained: TrainedClassifier = returned(train_classifier(run, None, digits, PROTOCOL, 2))
    return trained


@pytest.fixture(scope="module")
def framing(digits: DataSet) -> Framing:
    return measure_framing(digits.train.images.numpy())


def returned(steps: Generator[Any, None, Any]) -> Any:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def test_classifier_is_the_first_network_of_the_evaluation(
    run: RunFolder, digits: DataSet, classifier: TrainedClassifier
) -> None:
    events = evaluate_run(run, None, digits, PROTOCOL, 2)
    first = next(event for event in events if isinstance(event, NetworkTested) and event.repeat == 0)
    assert classifier.accuracy == first.accuracy
    assert classifier.spec == first.network


def test_classifier_predicts_as_it_was_tested(digits: DataSet, classifier: TrainedClassifier) -> None:
    probabilities = classifier.probabilities(digits.test.images)
    assert torch.allclose(probabilities.sum(1), torch.ones(len(digits.test)))
    right = (probabilities.argmax(1) == digits.test.label).float().mean().item()
    assert 100 * right == pytest.approx(classifier.accuracy)
    assert accuracy(classifier.network, digits.test, torch.channels_last) == classifier.accuracy


def test_answers_do_not_depend_on_the_other_images_nor_on_who_normalises(
    digits: DataSet, classifier: TrainedClassifier
) -> None:
    together = classifier.probabilities(digits.test.images[:12])
    alone = torch.cat([classifier.probabilities(image[None]) for image in digits.test.images[:12]])
    assert torch.allclose(together, alone, atol=1e-5)
    assert torch.equal(
        together, classifier.probabilities(classifier.statistics.normalise(digits.test.images[:12]))
    )


def test_training_a_classifier_leaves_the_evaluation_bit_identical(digits: DataSet) -> None:
    spec, config = SMALL.network_spec(), EvaluateConfig(epochs=3, repeats=2)
    few = digits.train.images[:20], digits.train.label[:20]

    def losses(workers: int) -> list[tuple[int, float]]:
        events = evaluate(*few, digits.test, [spec], config, Plan(workers=workers))
        return sorted(
            (event.repeat, event.accuracy if isinstance(event, NetworkTested) else event.loss.item())
            for event in events
            if not isinstance(event, ImagesTested)
        )

    assert losses(1) == losses(2)


def test_the_sample_test_is_the_same_for_everyone_and_balanced(digits: DataSet) -> None:
    label = digits.test.label.numpy()
    chosen = sample_positions(label)
    assert np.array_equal(chosen, sample_positions(label))
    assert len(set(chosen.tolist())) == SAMPLE_SIZE
    assert list(label[chosen]) == sorted(label[chosen])
    assert set(np.bincount(label[chosen], minlength=10)) == {1, 2}


@pytest.mark.parametrize(
    ("label", "counts"),
    [([0] * 50 + [1] * 50, [6, 6]), ([0, 0, 1], [2, 1]), (list(range(100)), None), ([], [])],
    ids=["two classes", "three images", "a hundred classes", "no images"],
)
def test_the_sample_test_fits_any_number_of_classes_and_images(
    label: list[int], counts: list[int] | None
) -> None:
    each = np.array(label, np.int64)
    chosen = sample_positions(each)
    if counts is None:
        assert len(set(each[chosen])) == SAMPLE_SIZE
    else:
        assert np.bincount(each[chosen]).tolist() == counts


def test_verdicts_say_what_a_direct_question_answers(digits: DataSet, classifier: TrainedClassifier) -> None:
    sample_test = run_sample_test(classifier, digits)
    chosen = sample_positions(digits.test.label.numpy())
    direct = classifier.probabilities(digits.test.images[chosen])
    captions = answer_captions(sample_test, tuple("abcdefghij"))
    marks = []
    for text, row, true in zip(captions, direct, digits.test.label[chosen], strict=True):
        read, name = int(row.argmax()), "abcdefghij"[int(row.argmax())]
        right = read == int(true)
        answer = name if right else f"{'abcdefghij'[int(true)]}, called {name}"
        assert text == f"{'✓' if right else '✗'} {answer}, {probability_text(float(row[read]))}"
        marks.append(right)
    assert sample_test.correct == sum(marks)


@pytest.mark.parametrize(
    ("probability", "text"), [(0.001, "< 1 %"), (0.615, "62 %"), (0.97, "97 %"), (0.9999, "> 99 %")]
)
def test_probabilities_never_claim_certainty(probability: float, text: str) -> None:
    assert probability_text(probability).replace("\u00a0", " ") == text


def test_an_enlarged_digit_that_is_sent_back_is_nearly_the_same_picture(
    digits: DataSet, framing: Framing, classifier: TrainedClassifier
) -> None:
    centred = [image for image in digits.test.images[:, 0].numpy() if _is_centred(image)]
    assert len(centred) > 50
    for digit in centred:
        back = drawing_to_image(np.kron(digit, np.ones((7, 7), np.uint8)), framing)
        assert back is not None
        assert np.abs(back.astype(int) - digit).max() <= 20
    pictures = [drawing_to_image(np.kron(image, np.ones((7, 7), np.uint8)), framing) for image in centred]
    as_drawn, as_stored = (
        classifier.probabilities(torch.from_numpy(np.stack(each))[:, None]).argmax(1)  # type: ignore[arg-type]
        for each in (pictures, centred)
    )
    assert (as_drawn == as_stored).float().mean() > 0.95


def _is_centred(digit: np.ndarray) -> bool:
    columns = np.flatnonzero((digit > BACKGROUND_INK).any(0))
    rows = np.flatnonzero((digit > BACKGROUND_INK).any(1))
    return bool(columns[0] + columns[-1] == 7 and rows[0] == 0 and rows[-1] == 7 and digit.max() == 255)


def test_digits_fill_their_frame(framing: Framing) -> None:
    assert (framing.longest, framing.centre, framing.dark_on_light) == (8.0, (4.0, 4.0), False)
    assert 0.05 <= framing.brush <= 0.25


def test_nothing_drawn_is_no_picture(framing: Framing) -> None:
    empty = np.zeros(PAD, np.uint8)
    assert drawing_to_image(empty, framing) is None
    assert drawing_to_image(empty + np.uint8(BACKGROUND_INK), framing) is None


@pytest.mark.parametrize(("row", "column"), [(0, 0), (36, 0), (0, 40), (36, 40), (18, 20)])
def test_a_drawing_is_centred_wherever_it_was_drawn(row: int, column: int) -> None:
    framing = Framing(28, 28, longest=20.0, centre=(14.0, 14.0), stroke=0.12, dark_on_light=False)
    ink = np.zeros(PAD, np.uint8)
    ink[row : row + 20, column : column + 16] = 200
    picture = drawing_to_image(ink, framing)
    assert picture is not None
    assert picture.shape == (28, 28)
    expected = np.zeros((28, 28), np.uint8)
    expected[4:24, 6:22] = 255
    assert np.array_equal(picture, expected), "the margin of the real images, the strongest ink full"


def test_data_that_are_dark_on_light_are_drawn_dark_on_light() -> None:
    paper = np.full((6, 1, 16, 16), 255, np.uint8)
    paper[:, :, 4:12, 6:10] = 0
    framing = measure_framing(paper)
    assert (framing.dark_on_light, framing.longest, framing.centre) == (True, 8.0, (8.0, 8.0))
    ink = np.zeros(PAD, np.uint8)
    ink[:32, :16] = 255
    picture = drawing_to_image(ink, framing)
    assert picture is not None
    assert np.array_equal(picture, paper[0, 0])


def test_a_dot_stays_small(framing: Framing) -> None:
    ink = np.zeros(PAD, np.uint8)
    ink[3:6, 50:53] = 255
    picture = drawing_to_image(ink, framing)
    assert picture is not None
    assert (picture > 0).sum() <= 16


@pytest.mark.parametrize("size", [1, 3, 64])
def test_any_size_of_image_can_be_drawn_for(size: int) -> None:
    blank = measure_framing(np.zeros((2, 1, size, size), np.uint8))
    ink = np.zeros(PAD, np.uint8)
    ink[10:50, 20:24] = 255
    picture = drawing_to_image(ink, blank)
    assert picture is not None
    assert picture.shape == (size, size)
