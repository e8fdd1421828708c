"""Cells: the number that `evaluate` gives, each trained once, recomputed when its file is damaged."""

from pathlib import Path

import pytest
import torch
from support.small_tables import Trainings

from dmcore.config import EvaluateConfig, NetworkSpec
from dmcore.data.images import DataSet
from dmcore.execution.plan import Plan, evaluation_plan
from dmcore.runs.results.evaluation import random_real
from dmcore.training.evaluate import NetworkTested, curve_epochs, evaluate
from dmcore.training.result_cache import (
    TrainingEpoch,
    TrainingSet,
    cached_result_file,
    evaluate_cached,
    stratified_subset,
)
from dmcore.training.result_cache_files import CachedResult

PROTOCOL = EvaluateConfig(epochs=12, repeats=3, learning_rate=0.05)
SPECS = [
    NetworkSpec(width=8, depth=2),
    NetworkSpec(width=8, depth=2, norm="batch"),
    NetworkSpec(network="mlp"),
]


def judged_set(digits: DataSet, seed: int = 0) -> TrainingSet:
    images, label = random_real(digits.train, 2, seed)
    return TrainingSet(digits.train.statistics.normalise(images), label, digits.train.statistics)


def cells_of(
    judged: TrainingSet,
    digits: DataSet,
    cache: Path,
    spec: NetworkSpec = SPECS[0],
    repeats: range = range(3),
    protocol: EvaluateConfig = PROTOCOL,
    plan: Plan | None = None,
) -> list[CachedResult]:
    plan = plan or evaluation_plan("cpu", 1)
    events = evaluate_cached(judged, digits, spec, repeats, protocol, cache, plan)
    return [event for event in events if isinstance(event, CachedResult)]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.network}-{spec.norm}")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_cell_is_what_evaluate_gives_though_its_first_network_is_watched(
    digits: DataSet, tmp_path: Path, spec: NetworkSpec, threads: int
) -> None:
    judged, plan = judged_set(digits), evaluation_plan("cpu", threads)
    expected = [
        event.accuracy
        for event in evaluate(judged.images, judged.label, digits.test, [spec], PROTOCOL, plan)
        if isinstance(event, NetworkTested)
    ]
    results = cells_of(judged, digits, tmp_path, spec, plan=plan)
    assert {result.repeat: result.accuracy for result in results} == dict(enumerate(expected))
    assert len(set(expected)) > 1
    assert [bool(result.curve) for result in sorted(results, key=lambda result: result.repeat)] == [
        True,
        False,
        False,
    ]
    assert [epoch for epoch, _ in results[0].curve] == sorted(curve_epochs(PROTOCOL.epochs))
    for result in results:
        assert sum(map(sum, result.confusion)) == len(digits.test)
        assert sum(row[index] for index, row in enumerate(result.confusion)) / len(digits.test) == (
            pytest.approx(result.accuracy / 100)
        )


def test_known_cells_come_at_once_and_only_the_others_are_trained(
    digits: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained, judged = Trainings(monkeypatch), judged_set(digits)
    first = cells_of(judged, digits, tmp_path, repeats=range(1))
    assert (trained.count, [result.fresh for result in first]) == (1, [True])
    every = cells_of(judged, digits, tmp_path)
    assert (trained.count, [result.fresh for result in every]) == (3, [False, True, True])
    assert every[0].accuracy == first[0].accuracy
    assert every[0].curve == first[0].curve
    assert not any(result.fresh for result in cells_of(judged_set(digits), digits, tmp_path))
    assert trained.count == 3


@pytest.mark.parametrize("damage", [b"", b"{", b'{"accuracy": 50.0}', b'{"accuracy": "much"}', b"[]"])
def test_a_damaged_cell_is_trained_again_to_the_same_number(
    digits: DataSet, tmp_path: Path, damage: bytes
) -> None:
    judged = judged_set(digits)
    before = cells_of(judged, digits, tmp_path, repeats=range(2))
    before[1].file.write_bytes(damage)
    after = {result.repeat: result for result in cells_of(judged, digits, tmp_path, repeats=range(2))}
    assert [after[0].fresh, after[1].fresh] == [False, True]
    assert after[1].accuracy == before[1].accuracy


def test_whatever_decides_the_number_decides_the_file(digits: DataSet, tmp_path: Path) -> None:
    judged = judged_set(digits)
    moved = TrainingSet(judged.images + 1e-6, judged.label, judged.statistics)
    longer = PROTOCOL.model_copy(update={"epochs": 13})
    usual = (judged, digits, SPECS[0], 0, PROTOCOL)
    others = [
        (moved, *usual[1:]),
        (judged_set(digits, 1), *usual[1:]),
        (judged, digits, SPECS[1], 0, PROTOCOL),
        (judged, digits, SPECS[0], 1, PROTOCOL),
        (judged, digits, SPECS[0], 0, longer),
    ]
    files = {cached_result_file(*arguments, tmp_path) for arguments in (usual, *others)}
    assert len(files) == 1 + len(others)
    more = PROTOCOL.model_copy(update={"repeats": 20, "networks": ("mlp", "convnet")})
    operations = ("color", "crop", "cutout", "scale", "rotate")  # what "left open" means for digits
    for alike in (more, PROTOCOL.model_copy(update={"augment": operations})):
        assert cached_result_file(*usual[:4], alike, tmp_path) == cached_result_file(*usual, tmp_path)


def test_what_cannot_be_judged_is_refused_before_anything_is_trained(digits: DataSet, tmp_path: Path) -> None:
    judged = judged_set(digits)
    with pytest.raises(ValueError, match="is the largest that fits"):
        cells_of(judged, digits, tmp_path, NetworkSpec(width=8, depth=8))
    small = TrainingSet(judged.images[..., :4], judged.label, judged.statistics)
    with pytest.raises(ValueError, match="1×8×4 but the test images are 1×8×8"):
        cells_of(small, digits, tmp_path)
    assert not (tmp_path / "cells").exists()


def test_stopping_between_two_epochs_keeps_the_networks_that_are_done(
    digits: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained, judged = Trainings(monkeypatch), judged_set(digits)
    events = evaluate_cached(
        judged, digits, SPECS[0], range(2), PROTOCOL, tmp_path, evaluation_plan("cpu", 1)
    )
    for event in events:
        if isinstance(event, TrainingEpoch) and event.repeat == 1:
            break
    events.close()  # type: ignore[attr-defined]
    assert trained.count == 1
    assert [result.fresh for result in cells_of(judged, digits, tmp_path, repeats=range(2))] == [False, True]
    assert trained.count == 2


def test_the_watched_part_has_as_many_images_of_each_class_and_is_always_the_same(digits: DataSet) -> None:
    part = stratified_subset(digits.test, 100)
    assert torch.bincount(part.label).tolist() == [10] * 10
    assert torch.equal(part.images, stratified_subset(digits.test, 100).images)
    assert stratified_subset(digits.test, 1000) is digits.test
