"""Data sets that a table can be made of: which are listed, which can be opened, and what is known before."""

from pathlib import Path

import pytest
from support.small_runs import made
from support.small_zip import made_zip

from app.data.available import AvailableDataset, available_datasets, known_facts, read_facts
from dmcore.data.catalogue import canonical_name, is_there
from dmcore.experiments.presets import DataFacts
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import change_description, list_runs

FASHION = "Fashion-MNIST subset"
DIGITS = AvailableDataset(DataFacts("digits", "Digits", (1, 8, 8), 1437), "Digits", 10)


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of runs, on a machine without downloaded data."""
    monkeypatch.setenv("DM_DATA", str(tmp_path / "nothing"))
    return tmp_path / "runs"


def run_of(root: Path, name: str, title: str = "Digits") -> RunFolder:
    """A run of the digits that says it was made from another data set."""
    run = made(root)
    change_description(run.path, data=run.description.data.model_copy(update={"name": name, "title": title}))
    return next(listed for listed in list_runs(root) if listed.id == run.id)


def test_data_sets_of_this_machine_and_of_runs_are_listed(runs: Path) -> None:
    run = made(runs)
    assert available_datasets([]) == available_datasets([run])
    assert list(available_datasets([])) == [FASHION, "Digits"]
    assert available_datasets([])["Digits"] == DIGITS
    assert [data.most_per_class for data in available_datasets([]).values()] == [500, 139]
    assert DIGITS.can_be_opened()
    (missing,) = [
        dataset
        for dataset in available_datasets([run_of(runs, "fashion_mnist")]).values()
        if not dataset.on_disk
    ]
    assert (missing.label, missing.most_per_class) == ("Fashion-MNIST", 6000)
    assert not missing.can_be_opened()


def test_a_path_is_listed_once_under_its_own_label_and_opened_only_where_it_exists(
    runs: Path, tmp_path: Path
) -> None:
    path = tmp_path / "photographs"
    listed = available_datasets([run_of(runs, str(path)), run_of(runs, str(path))])
    assert list(listed) == [FASHION, "Digits", f"Digits ({path})"]
    dataset = listed[f"Digits ({path})"]
    assert (dataset.facts.name, dataset.classes, dataset.on_disk) == (str(path), 10, True)
    assert dataset.most_per_class == 129, "nine tenths of the average"
    assert not dataset.can_be_opened()
    path.mkdir()
    assert dataset.can_be_opened()


def test_facts_are_known_from_the_catalogue_and_from_runs_and_else_read(runs: Path, tmp_path: Path) -> None:
    assert known_facts("digits", []) == DIGITS.facts
    with pytest.raises(ValueError, match="SVHN is not on this machine: `dmcore prepare svhn`"):
        known_facts("svhn", [])
    path = str(made_zip(tmp_path))
    assert known_facts(path, []) is None
    facts = read_facts(path)
    assert (facts.name, facts.shape, facts.train_count) == (path, (1, 8, 8), 24)
    facts = known_facts(path, [run_of(runs, path, "Photographs")])
    assert facts == DataFacts(path, "Photographs", (1, 8, 8), 1437)


def test_a_path_has_the_same_name_from_every_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = made_zip(tmp_path)
    assert canonical_name(path.name) == str(path)
    assert canonical_name("digits") == "digits"
    assert canonical_name("nowhere.zip") == "nowhere.zip"


def test_a_path_that_cannot_be_looked_at_is_not_there(tmp_path: Path) -> None:
    too_long, nobodys = str(tmp_path / ("x" * 300)), "~nobody-of-this-name/photos"
    for path in (too_long, nobodys):
        assert not is_there(path)
        assert canonical_name(path) == path
        facts = DataFacts(path, "Photographs", (1, 8, 8), 1437)
        assert not AvailableDataset(facts, "Photographs", 10).can_be_opened()
