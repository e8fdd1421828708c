"""The results file of a table: its JSON keys are those of older versions, and it reads back equal."""

import json
from pathlib import Path

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
