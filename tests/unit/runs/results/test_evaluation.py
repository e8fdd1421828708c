"""Evaluation of a run: labels of the data set, errors before training, finished networks are stored."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from dmcore.config import EvaluateConfig
from dmcore.data.images import DataSet, LabelledImages, Statistics
from dmcore.execution.plan import Plan
from dmcore.networks import REGISTRY, feature_width
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.condensed import CondensedSet
from dmcore.runs.formats.export import FORMATS
from dmcore.runs.imports import import_run
from dmcore.runs.lock import RunBusyError
from dmcore.runs.results import evaluation
from dmcore.runs.results.evaluation import evaluate_run
from dmcore.runs.results.evaluation_tasks import architectures_of
from dmcore.runs.runs_root import delete_run
from dmcore.training.evaluate import NetworkTested

NAMES = ("ant", "bee", "cat")
STATISTICS = Statistics((0.5,), (0.25,))
QUICK = EvaluateConfig(networks=("mlp",), epochs=60, repeats=3, augment=(), learning_rate=0.05)
ALL = tuple(REGISTRY)


def data_set(side: int = 8) -> DataSet:
    """Each class is a level of grey: a network that learned the right labels names all of them."""
    label = torch.arange(12) % 3
    images = (label * 80).to(torch.uint8)[:, None, None, None].expand(12, 1, side, side).contiguous()
    labelled = LabelledImages(images, label, NAMES, STATISTICS)
    return DataSet("animals", "Animals", labelled, labelled)


def imported(tmp_path: Path, names: tuple[str, ...], side: int = 8) -> RunFolder:
    """An import of one image per class, in this order of the classes."""
    levels = [80 * NAMES.index(name) if name in NAMES else 80 * index for index, name in enumerate(names)]
    images = torch.tensor(levels, dtype=torch.uint8)[:, None, None, None].expand(-1, 1, side, side)
    label = torch.arange(len(names))
    condensed = CondensedSet(STATISTICS.normalise(images), label, names, STATISTICS, dataset="animals")
    (file,) = FORMATS["npz"].write(condensed, tmp_path / "set", None)
    return import_run(file, tmp_path / "runs")


def evaluate_accuracies(run: RunFolder, config: EvaluateConfig = QUICK, side: int = 8) -> list[float]:
    events = evaluate_run(run, None, data_set(side), config, plan=Plan())
    return [event.accuracy for event in events if isinstance(event, NetworkTested)]


@pytest.mark.parametrize("names", [NAMES, ("cat", "ant", "bee"), ("0", "1", "2")], ids=str)
def test_an_import_is_evaluated_by_the_data_sets_order_of_classes(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    assert evaluate_accuracies(imported(tmp_path, names)) == [100.0] * 3


@pytest.mark.parametrize(
    "names", [("ant", "bee", "dog"), ("ant", "bee"), ("0", "1"), (*NAMES, "dog")], ids=str
)
def test_an_import_of_other_classes_is_refused_with_both(tmp_path: Path, names: tuple[str, ...]) -> None:
    for kind in ("condensed", "random_real"):
        events = evaluate_run(imported(tmp_path, names), None, data_set(), QUICK, kind=kind, plan=Plan())
        with pytest.raises(
            ValueError, match=rf"classes .*{names[-1]}.*, Animals has .*cat.*: evaluate it on"
        ):
            next(events)


@pytest.mark.parametrize("side", [8, 28, 32, 64])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_architecture_can_be_asked_for_at_every_size(tmp_path: Path, side: int, channels: int) -> None:
    specs = architectures_of(EvaluateConfig(networks=ALL), imported(tmp_path, NAMES), (channels, side, side))
    assert tuple(spec.network for spec in specs) == ALL
    assert all(feature_width(spec, channels, side, side) > 0 for spec in specs)
    assert [spec.depth for spec in specs if spec.network == "convnet"] == [4 if side == 64 else 3]


def test_large_images_are_evaluated_by_another_network_than_convnet(tmp_path: Path) -> None:
    quick = QUICK.model_copy(update={"epochs": 1, "repeats": 1})
    assert len(evaluate_accuracies(imported(tmp_path, NAMES, side=64), quick, side=64)) == 1


def test_a_network_that_cannot_be_built_is_refused_before_the_first_is_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trained(*_arguments: object) -> Iterator[NetworkTested]:
        raise AssertionError("the first network was trained")

    monkeypatch.setattr(evaluation, "evaluate", trained)
    config = QUICK.model_copy(update={"networks": ("mlp", "convnet")})
    with pytest.raises(ValueError, match="depth 2 is the largest that fits"):
        evaluate_accuracies(imported(tmp_path, NAMES, side=2), config, side=2)


@pytest.mark.parametrize("ending", ["closed", "interrupted", "killed"])
def test_whatever_ends_an_evaluation_the_networks_tested_are_kept_with_their_number(
    tmp_path: Path, ending: str
) -> None:
    run = imported(tmp_path, NAMES)
    events = evaluate_run(run, None, data_set(), QUICK, plan=Plan())
    tested = []
    for event in events:
        if isinstance(event, NetworkTested):
            tested.append(event.accuracy)
        if len(tested) == 2:
            break
    if ending == "closed":
        events.close()  # type: ignore[attr-defined]
    elif ending == "interrupted":
        with pytest.raises(KeyboardInterrupt):
            events.throw(KeyboardInterrupt)  # type: ignore[attr-defined]
    (result,) = run.results()
    assert (result.n, list(result.accuracies)) == (2, tested)
    assert result.mean == pytest.approx(np.mean(tested))
    assert result.protocol.repeats == 3


@pytest.mark.parametrize("ending", ["finished", "closed"])
def test_a_run_is_not_deleted_while_it_is_evaluated(tmp_path: Path, ending: str) -> None:
    run = imported(tmp_path, NAMES)
    events = evaluate_run(run, None, data_set(), QUICK, plan=Plan())
    next(events)
    with pytest.raises(RunBusyError, match="is being tested"):
        delete_run(run)
    if ending == "closed":
        events.close()  # type: ignore[attr-defined]
    else:
        assert len([event for event in events if isinstance(event, NetworkTested)]) == 3
    delete_run(run)
    assert not run.path.exists()
