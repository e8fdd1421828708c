"""What the program says of its fidelity is what the records and the tests of `tests/oracle` hold."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from dmcore.experiments.gallery.recorded import recorded_entries
from dmcore.experiments.published.fidelity import ACCURACIES, CHECKS, LICENCE
from dmcore.experiments.report.entries import entry_of

ROOT = Path(__file__).parents[4]
ORACLE = ROOT / "tests" / "oracle"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.file)
def test_numbers_and_tolerances_are_those_of_the_records_and_their_tests(check) -> None:
    source = (ORACLE / check.test).read_text()
    assert f'"{check.file}"' in source
    path = ORACLE / "data" / check.file
    if path.suffix == ".json":
        assert len(json.loads(path.read_text())) == check.numbers
        return
    with np.load(path) as record:
        names = [key for key in record.files if key.split("/")[-1] in check.outputs]
        assert {key.split("/")[-1] for key in names} == set(check.outputs)
        assert sum(record[key].size for key in names) == check.numbers
    tolerances = [float(value) for value in re.findall(r'(?:atol|rtol)"?[:=]\s*([\de.-]+)', source)]
    assert max(tolerances) == check.tolerance


def test_every_record_is_named() -> None:
    files = {file.name for file in (ORACLE / "data").iterdir() if file.name != "README.md"}
    assert files == {check.file for check in CHECKS}


@pytest.mark.parametrize("accuracy", ACCURACIES, ids=lambda each: f"{each.data}-{each.images_per_class}")
def test_accuracies_are_those_of_the_recorded_tables_and_of_the_method(accuracy, monkeypatch) -> None:
    monkeypatch.delenv("DM_GALLERY", raising=False)
    (recorded,) = [each for each in recorded_entries() if each.provenance.name == accuracy.recorded]
    assert recorded.results is not None
    entry = entry_of(recorded.results, "DM", f"{accuracy.images_per_class} per class")
    assert entry is not None
    counts = f"{entry.sets} sets × {entry.networks_per_set} networks"
    assert accuracy.ours == f"{entry.mean_text} ({counts})"
    method = (ROOT / "dmcore" / "METHOD.md").read_text()
    of_theirs = method[
        method.index("## What the authors' code reaches") : method.index("Ours on the data set")
    ]
    (line,) = [
        line
        for line in of_theirs.splitlines()
        if line.lower().startswith(f"| {accuracy.data.lower()}")
        and f"| {accuracy.images_per_class} |" in line
    ]
    assert all(number in line for number in re.findall(r"[\d.]+ ± [\d.]+", accuracy.theirs))


def test_a_licence_that_is_added_is_named() -> None:
    assert any(ROOT.glob("LICEN[CS]E*")) != LICENCE.startswith("No licence")
