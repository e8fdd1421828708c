"""`dmcore gallery`: what it prints, its exit codes, and one sentence for bad input."""

import json
import shutil
from pathlib import Path

import pytest
from support.command_line import Command
from support.gallery.small import RUN, TABLE, built

from dmcore.experiments.gallery import entries
from dmcore.experiments.gallery.entries import ENTRIES
from dmcore.experiments.gallery.provenance import Provenance
from dmcore.experiments.gallery.recorded import read_gallery
from dmcore.files.checked_json import read_record, write_record


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gallery")
    built(folder, RUN, TABLE)
    return folder


@pytest.fixture
def small(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders of a finished small gallery of its own, which is that of `dmcore gallery`."""
    monkeypatch.setattr(entries, "ENTRIES", (RUN, TABLE))
    shutil.copytree(finished, tmp_path / "small")
    monkeypatch.setenv("DM_GALLERY", str(tmp_path / "small" / "gallery"))
    return tmp_path / "small"


def test_list_has_every_entry_with_its_provenance_and_state(dmcore: Command) -> None:
    code, out, _ = dmcore("gallery", "list")
    assert code == 0
    rows = {line.split()[0]: line for line in out.splitlines()[1:]}
    for entry in ENTRIES:
        assert rows[entry.name].endswith(("recorded", "not built"))
    code, out, err = dmcore("gallery", "list", "table1-digits", "--json")
    (listed,) = json.loads(out)["entries"]
    assert (code, listed["name"], listed["state"]) == (0, "table1-digits", "recorded")
    assert listed["provenance"]["sets"] == 3
    assert "table1-digits" in err


def test_build_of_what_is_there_and_the_check_of_it(dmcore: Command, small: Path) -> None:
    code, out, _ = dmcore("gallery", "build", "--work", str(small / "work"), "--device", "cpu")
    assert code == 0
    assert "tiny-run: in the gallery already" in out
    code, out, err = dmcore(
        "gallery", "build", "--check", "--sample", "1", "--device", "cpu", "--threads", "1", "--json"
    )
    found = json.loads(out)
    assert (code, found["entries"], found["failing"], found["problems"]) == (0, 1, 0, [])
    assert all(each["holds"] for each in found["comparisons"])
    assert "recomputing 1 entry, the cheapest by their recorded time: tiny-" in err


def test_a_note_on_the_computing_is_part_of_the_provenance(dmcore: Command, small: Path) -> None:
    out = small / "noted"
    code, _, _ = dmcore(
        *("gallery", "build", "tiny-run", "--work", str(small / "new"), "--out", str(out)),
        *("--device", "cpu", "--note", "Other jobs ran meanwhile."),
    )
    assert code == 0
    (entry,) = read_gallery(out)[0]
    assert entry.provenance.note == "Other jobs ran meanwhile."


def test_a_stored_number_that_was_altered_fails_the_check(dmcore: Command, small: Path) -> None:
    table = read_gallery(small / "gallery")[0][1]
    assert table.results is not None
    cell = table.results.cell_results[0]
    networks = [network.model_copy(update={"accuracy": 99.0}) for network in cell.network_results]
    cells = {**table.results.cell_results, 0: cell.model_copy(update={"network_results": tuple(networks)})}
    changed = table.results.model_copy(update={"cell_results": cells})
    write_record(small / "gallery" / "runs" / "tables" / table.provenance.source, changed)
    code, out, _ = dmcore("gallery", "build", "tiny-table", "--check", "--device", "cpu", "--threads", "1")
    assert code == 1
    assert "differs by" in out
    assert "3 of 4 comparisons hold" in out


def test_damage_is_told_and_does_not_stop_the_list_or_the_check_of_others(
    dmcore: Command, small: Path
) -> None:
    (file,) = (small / "gallery" / "runs" / "tables").glob("*.json")
    file.write_text("{}")
    code, _, err = dmcore("gallery", "list")
    assert code == 1
    assert err.startswith(f"dmcore: {file} is damaged")
    code, out, err = dmcore("gallery", "build", "--check", "--device", "cpu", "--threads", "1")
    assert code == 1
    assert "tiny-run" in out
    assert f"dmcore: tiny-table: {file} is damaged" in err
    code, _, err = dmcore("gallery", "build", "tiny-table", "--check")
    assert code == 1
    assert err.count("\n") == 1
    assert "has no entry that fits its configuration" in err


def test_a_provenance_record_that_cannot_be_read_fails_the_check(dmcore: Command, small: Path) -> None:
    file = small / "gallery" / "provenance" / "tiny-table.json"
    file.write_text("no record")
    code, out, err = dmcore("gallery", "build", "--check", "--device", "cpu", "--threads", "1")
    assert code == 1
    assert "3 of 3 comparisons hold" in out
    assert f"dmcore: {file} is damaged" in err


def test_of_another_machine_what_says_nothing_does_not_count_as_holding(dmcore: Command, small: Path) -> None:
    file = small / "gallery" / "provenance" / "tiny-run.json"
    facts = read_record(Provenance, file).model_copy(update={"machine_identity": ""})
    write_record(file, facts)
    code, out, _ = dmcore(
        "gallery", "build", "tiny-run", "--check", "--device", "cpu", "--threads", "1", "--json"
    )
    found = json.loads(out)
    verdicts = [each["verdict"] for each in found["comparisons"]]
    images, *accuracies = verdicts
    assert images == "holds, the same", "the same bits, on whatever machine"
    assert "holds, the same" not in accuracies
    assert found["says_nothing"] == verdicts.count("says nothing")
    assert found["says_nothing"] + sum(each.startswith("holds") for each in verdicts) == len(verdicts)
    assert (found["failing"], code) == (0, 0)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["paint"], 2, "choose from build, list"),
        (["build", "table1-digit"], 1, "did you mean table1-digits?"),
        (["list", "--check"], 2, "only build has this option"),
        (["build", "--check", "--sample", "0"], 2, "--sample 0: must be at least 1"),
        (["build", "--check", "--out", "nowhere"], 1, "`dmcore gallery build` computes it"),
    ],
)
def test_bad_input_is_one_sentence(dmcore: Command, arguments: list[str], code: int, message: str) -> None:
    found, out, err = dmcore("gallery", *arguments)
    assert (found, out) == (code, "")
    assert message in err
    assert err.count("\n") == 1


def test_an_entry_that_fails_is_named_and_the_code_says_so(
    dmcore: Command, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("the disk of the moon is far")

    (small / "gallery" / "provenance" / "tiny-run.json").unlink()
    monkeypatch.setattr("dmcore.experiments.gallery.build.compute", refuse)
    code, out, err = dmcore("gallery", "build", "--work", str(small / "work"), "--device", "cpu")
    assert code == 1
    assert "dmcore: failed: tiny-run: the disk of the moon is far" in err
    assert "tiny-table: in the gallery already" in out
