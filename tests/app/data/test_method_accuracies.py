"""Accuracies of a run and of its simple alternatives: its own, and recorded ones only where they fit."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.data import method_accuracies
from app.data.method_accuracies import METHODS, compared_accuracies, recorded_accuracies, recorded_table1
from dmcore.config import CondenseConfig, EvaluateConfig
from dmcore.config.models import SetChange
from dmcore.experiments.gallery.recorded import find_recorded
from dmcore.experiments.report.entries import entry_of
from dmcore.runs.description import SetDescription, StoredResult
from dmcore.runs.folder import RunFolder

OF_TABLE = tuple(method for method in METHODS if method != "start")


@pytest.fixture
def recorded() -> RunFolder:
    run = find_recorded("fashion-from-noise").run
    assert run is not None
    return run


class Changed(RunFolder):
    """A run whose configuration differs from that on the disk; its set is named as there."""

    config_shown: CondenseConfig

    @property
    def config(self) -> CondenseConfig:
        return self.config_shown

    @property
    def sets(self) -> tuple[SetDescription, ...]:
        specs = self.config_shown.all_sets()
        return tuple(
            shown.model_copy(update={"spec": spec}) for shown, spec in zip(super().sets, specs, strict=True)
        )


def changed(run: RunFolder, **fields: object) -> Changed:
    """The run with a changed configuration, and as if it were one of somebody's own."""
    other = Changed(run.path)
    assert run.config is not None
    other.config_shown = run.config.model_copy(update=fields)
    return other


@pytest.mark.parametrize("images", [1, 10])
def test_recorded_accuracies_are_those_of_the_table(images: int) -> None:
    table = recorded_table1("fashion")
    assert table is not None
    assert table.results is not None
    known = recorded_accuracies("fashion", images)
    assert tuple(known) == OF_TABLE
    entry = entry_of(table.results, "DM", f"{images} per class")
    assert entry is not None
    assert (known["condensed"].mean, known["condensed"].sets) == (entry.mean, entry.sets)
    assert known["all_real"].counts_text == "3 networks"
    assert recorded_accuracies("mnist", images) == {}


def test_a_run_has_its_own_accuracy_and_the_recorded_ones_beside_it(recorded: RunFolder) -> None:
    accuracies = {each.method: each for each in compared_accuracies(recorded, "noise-1", 500)}
    assert tuple(accuracies) == OF_TABLE, "noise is no start to compare with"
    own = next(result for result in method_accuracies.results_at(recorded, 500) if result.kind == "condensed")
    assert accuracies["condensed"].mean == own.mean
    assert accuracies["condensed"].sets == 1
    assert accuracies["mean_image"] == recorded_accuracies("fashion", 1)["mean_image"]
    assert accuracies["herding"].recorded


def test_a_run_that_was_not_evaluated_gets_the_recorded_condensed_one_if_it_is_made_alike(
    recorded: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(method_accuracies, "results_at", lambda run, iteration: ())
    from_noise = [each.method for each in compared_accuracies(recorded, "noise-1", 500)]
    assert from_noise == ["random_real", "mean_image", "herding", "all_real"]
    alike = compared_accuracies(changed(recorded, init="real", seed=7), "noise-1", 500)
    assert tuple(each.method for each in alike) == METHODS, "it has a test of its start, here called real"
    assert alike[0] == recorded_accuracies("fashion", 1)["condensed"]
    earlier = compared_accuracies(changed(recorded, init="real", seed=7), "noise-1", 20)
    assert [each.method for each in earlier] == ["start", *from_noise], (
        "it was recorded after the last iteration"
    )


@pytest.mark.parametrize(
    "own", [{"init": "noise"}, {"init": "wrong_class"}, {"image_lr": 5.0}, {"momentum": 0.9}]
)
def test_a_set_that_starts_or_steps_otherwise_than_its_run_says_gets_no_recorded_condensed_one(
    recorded: RunFolder, monkeypatch: pytest.MonkeyPatch, own: dict[str, object]
) -> None:
    monkeypatch.setattr(method_accuracies, "results_at", lambda run, iteration: ())
    for sets, alike in (((SetChange(**own),), False), ((SetChange(),), True)):
        run = changed(recorded, init="real", sets=sets)
        methods = [each.method for each in compared_accuracies(run, "noise-1", 500)]
        assert ("condensed" in methods) == alike


@pytest.mark.parametrize(
    "fields", [{"width": 64}, {"norm": "batch"}, {"dataset": "digits"}, {"dataset": "somewhere/else"}]
)
def test_other_networks_or_data_get_no_recorded_accuracy(
    recorded: RunFolder, monkeypatch: pytest.MonkeyPatch, fields: dict[str, object]
) -> None:
    monkeypatch.setattr(method_accuracies, "results_at", lambda run, iteration: ())
    accuracies = compared_accuracies(changed(recorded, **fields), "noise-1", 500)
    fashion = recorded_accuracies("fashion", 1)
    assert not any(each == fashion[each.method] for each in accuracies)


def test_another_protocol_gets_no_recorded_accuracy(
    recorded: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own,) = [each for each in method_accuracies.results_at(recorded, 500) if each.kind == "condensed"]

    def longer(run: RunFolder, iteration: int) -> tuple[StoredResult, ...]:
        protocol: EvaluateConfig = own.protocol.model_copy(update={"epochs": 1000})
        return (own.model_copy(update={"protocol": protocol}),)

    monkeypatch.setattr(method_accuracies, "results_at", longer)
    assert [each.method for each in compared_accuracies(recorded, "noise-1", 500)] == ["condensed"]


def test_an_installation_without_a_gallery_has_none(
    recorded: RunFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DM_GALLERY", str(tmp_path))
    assert recorded_table1("fashion") is None
    assert [each.method for each in compared_accuracies(recorded, "noise-1", 500)][:1] == ["condensed"]


def test_the_text_has_mean_deviation_and_both_numbers() -> None:
    accuracy = replace(
        recorded_accuracies("fashion", 1)["condensed"], mean=71.52, std=0.96, sets=3, networks=9
    )
    assert accuracy.text == "71.5\xa0±\xa01.0\xa0%"
    assert accuracy.counts_text == "3 sets, 9 networks"
    assert replace(accuracy, std=None).text == "71.5\xa0%"
