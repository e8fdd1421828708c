"""The results file of a table: its JSON keys are those of older versions, and it reads back equal."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.small_tables import tiny_table

from dmcore.experiments.results import (
    CellResult,
    NetworkResult,
    Results,
    read_results,
    results_file,
    write_results,
)


def test_stored_keys_stay_those_of_older_versions(tmp_path: Path) -> None:
    table = tiny_table(("random",))
    network = NetworkResult(repeat=0, accuracy=50.0, file="a")
    result = CellResult(digest="d", description="Random images.", network_results=(network,))
    results = Results(table=table, cell_results={0: result})
    write_results(tmp_path, results)
    stored = json.loads(results_file(tmp_path, table).read_bytes())
    assert stored.keys() == {"table", "filled", "notes", "data", "sha256"}
    assert [cell["row"] for cell in stored["table"]["places"]] == ["Random"]
    assert "cells" not in stored["table"]
    assert stored["filled"]["0"]["said"] == "Random images."
    assert [cell["accuracy"] for cell in stored["filled"]["0"]["cells"]] == [50.0]
    assert stored["filled"]["0"].keys().isdisjoint({"description", "network_results"})
    assert read_results(tmp_path, table) == results


DAMAGES = {
    "a flipped digit": lambda content: content.replace(b"50.0", b"60.0"),
    "half": lambda content: content[: len(content) // 2],
    "100,000 brackets": lambda content: b"[" * 100_000,
    "other types": lambda content: b'{"table": 3, "filled": []}',
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_gives_no_numbers_and_a_note_that_names_it(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    table = tiny_table(("random",))
    network = NetworkResult(repeat=0, accuracy=50.0, file="a")
    write_results(tmp_path, Results(table=table, cell_results={0: CellResult(network_results=(network,))}))
    file = results_file(tmp_path, table)
    file.write_bytes(damage(file.read_bytes()))
    stored = read_results(tmp_path, table)
    assert stored.cell_results == {}
    (note,) = stored.notes
    assert note.startswith(f"{file} is damaged (")
    assert "run the table again: its numbers are taken from the cache" in note


def test_a_folder_of_that_name_is_damage(tmp_path: Path) -> None:
    results_file(tmp_path, tiny_table(("random",))).mkdir(parents=True)
    (note,) = read_results(tmp_path, tiny_table(("random",))).notes
    assert "it is no file" in note
