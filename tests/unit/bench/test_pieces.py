"""Measured pieces of work: of the size of the job that they are a part of, and given up when asked."""

import time
from pathlib import Path
from typing import Any

import pytest
import torch

from dmcore.bench import timing
from dmcore.bench.pieces import measure_pieces
from dmcore.config import CondenseConfig, EvaluateConfig, NetworkSpec, TrainingConfig
from dmcore.data.images import DataSet, LabelledImages
from dmcore.execution.cost import (
    DataShape,
    Workload,
    condensation_workload,
    training_workload,
    whole_set_workload,
)
from dmcore.execution.plan import evaluation_plan
from dmcore.execution.speed_record import SpeedRecord
from dmcore.training.evaluate import evaluate

DIGITS = DataShape((1, 8, 8), 10, 1437, 360, smallest=139)
SPEC = NetworkSpec(width=16, depth=2)


def measured(work: Workload, cache: Path) -> float:
    speeds = SpeedRecord(cache, "here")
    for seconds in measure_pieces(work.pieces, "cpu"):
        speeds.add(seconds)
    found = speeds.seconds(work)
    assert found is not None
    return found


def test_images_and_their_labels_lie_on_one_device(monkeypatch: pytest.MonkeyPatch) -> None:
    devices: list[str] = []

    def labelled(images: torch.Tensor, label: torch.Tensor, *rest: Any) -> LabelledImages:
        devices.extend((images.device.type, label.device.type))
        return LabelledImages(torch.zeros(images.shape, dtype=torch.uint8), torch.zeros(20).long(), *rest)

    monkeypatch.setattr(timing, "LabelledImages", labelled)
    timing.random_images((1, 8, 8), 10, 20, torch.device("meta"))
    assert devices == ["meta", "meta"]


@pytest.mark.timed
def test_every_kind_of_piece_is_measured_in_a_moment(tmp_path: Path) -> None:
    protocol = EvaluateConfig(epochs=20)
    condensed = condensation_workload(CondenseConfig(images_per_class=1, width=16, depth=2), DIGITS)
    works = [
        condensed,
        training_workload(SPEC, 300, 2, protocol, DIGITS, 2),
        whole_set_workload(TrainingConfig(width=16, depth=2), DIGITS),
    ]
    began = time.perf_counter()
    for number, work in enumerate(works):
        assert measured(work, tmp_path / str(number)) > 0
    assert time.perf_counter() - began < 20


@pytest.mark.timed
def test_prediction_of_an_evaluation_is_near_its_duration(digits: DataSet, tmp_path: Path) -> None:
    plan, protocol = evaluation_plan("cpu"), EvaluateConfig(epochs=60, repeats=2)
    images, label = digits.train.images[:100], digits.train.label[:100]
    ratios = []
    for attempt in range(3):  # the machine may be disturbed: the nearest of three counts
        work = training_workload(SPEC, 100, 2, protocol, DIGITS, plan.workers)
        predicted = measured(work, tmp_path / str(attempt))
        began = time.perf_counter()
        for _ in evaluate(images, label, digits.test, [SPEC], protocol, plan):
            pass
        ratios.append((time.perf_counter() - began) / predicted)
    assert min(max(ratio, 1 / ratio) for ratio in ratios) < 2


@pytest.mark.timed
def test_an_update_is_measured_with_another_size_that_tells_its_fixed_cost() -> None:
    for images, other in ((10, 256), (100, 8)):
        work = training_workload(SPEC, images, 1, EvaluateConfig(epochs=20), DIGITS, 1)
        update = work.pieces[0]
        (seconds,) = measure_pieces([update], "cpu")
        assert {piece.images for piece in seconds} == {images, other}
        few, many = sorted((images, other))
        by_size = {piece.images: each for piece, each in seconds.items()}
        assert by_size[few] < by_size[many] < by_size[few] * many / few


def test_measurement_is_given_up_when_asked() -> None:
    pieces = condensation_workload(CondenseConfig(width=16, depth=2), DIGITS).pieces
    assert list(measure_pieces(pieces, "cpu", keep_going=lambda: False)) == []


def test_what_this_machine_refuses_has_no_time() -> None:
    pieces = condensation_workload(CondenseConfig(depth=8), DIGITS).pieces  # eight halvings of 8 pixels
    with pytest.raises(ValueError, match="depth"):
        list(measure_pieces(pieces, "cpu"))
