"""Trouble while a table is run: of one cell it stays there, of the disk it ends it; no number is lost."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from support.small_runs import made
from support.small_tables import cell_of, first_arrival, roots_in, run_to_end, table_of, tiny, tiny_table

from dmcore.config import NetworkSpec
from dmcore.data.images import DataSet
from dmcore.experiments.report.entries import entry_of
from dmcore.experiments.results import failures, read_results, results_file
from dmcore.experiments.runner import CellUpdate, run_table
from dmcore.experiments.table import Recipe
from dmcore.files.atomic import StorageError
from dmcore.runs.formats.condensed import CondensedSet
from dmcore.runs.formats.export import FORMATS
from dmcore.runs.imports import import_run, load_condensed
from dmcore.runs.lock import RunBusyError, is_used
from dmcore.runs.runs_root import delete_run, list_runs
from dmcore.training import result_cache

ONE = "1 per class"


def test_a_place_that_cannot_be_filled_says_why_and_the_others_go_on(digits: DataSet, tmp_path: Path) -> None:
    roots = roots_in(tmp_path)
    good = tiny_table(("random",)).cells[0]
    stored = load_condensed(made(tmp_path / "elsewhere"))
    names = tuple(f"animal {index}" for index in range(10))
    other = CondensedSet(stored.images, stored.label, names, stored.statistics, dataset="animals")
    (file,) = FORMATS["npz"].write(other, tmp_path / "set", None)
    animals, gone = import_run(file, roots.runs), made(roots.runs)
    deleted = made(roots.runs, seed=1)
    delete_run(deleted)
    too_many = tiny().selected("random", (500,), 0)[500]
    table = table_of(
        [
            cell_of("too deep", good.recipe, NetworkSpec(width=8, depth=8)),
            cell_of("animals", Recipe(method="run", run=animals.id, images_per_class=2)),
            cell_of("deleted", Recipe(method="run", run=deleted.id)),
            cell_of("unknown", Recipe(method="run", run="20200101-000000-digits-aaaa")),
            cell_of("gone meanwhile", Recipe(method="run", run=gone.id)),
            cell_of("too many", too_many),
            cell_of("good", good.recipe),
        ]
    )
    for event in run_table(table, digits, roots, "cpu", 1):
        if isinstance(event, CellUpdate) and event.fresh and event.cell == 4:
            with pytest.raises(RunBusyError, match="needed by a table at work"):
                delete_run(gone)
            shutil.rmtree(gone.path)
    results = read_results(roots.runs, table)
    reasons = {where.split(",")[0]: why for where, why in failures(results).items()}
    assert reasons.keys() == {"too deep", "animals", "deleted", "unknown", "gone meanwhile", "too many"}
    assert "is the largest that fits" in reasons["too deep"]
    assert "has the classes animal 0" in reasons["animals"]
    assert reasons["deleted"].startswith(f"no run '{deleted.id}' in ")
    assert "no run '20200101" in reasons["unknown"]
    assert "was deleted meanwhile" in reasons["gone meanwhile"]
    assert not gone.path.exists()
    assert not any(is_used(run.path) for run in list_runs(roots.runs))
    assert "ask for at most 139 images per class" in reasons["too many"]
    assert all("\n" not in why for why in reasons.values())
    assert entry_of(results, "good", ONE) is not None
    assert entry_of(results, "gone meanwhile", ONE) is not None  # what arrived stays
    assert entry_of(run_to_end(table, digits, roots)[0], "gone meanwhile", ONE) is not None


def test_a_tiny_class_leaves_the_sizes_that_it_can_give(digits: DataSet, tmp_path: Path) -> None:
    train = digits.train
    positions = torch.cat([train.by_class[0][:1], *train.by_class[1:]])
    few = replace(digits, train=replace(train, images=train.images[positions], label=train.label[positions]))
    results, trained = run_to_end(tiny_table(("random", "mean_image", "dm"), (1, 2)), few, roots_in(tmp_path))
    assert trained == 3
    reasons = failures(results)
    assert len(reasons) == 3
    assert all("2 per class" in where for where in reasons)
    assert set(reasons.values()) == {
        "class '0' has 1 real image, fewer than 2: ask for at most 1 images per class, "
        "or leave that class out"
    }


def test_a_damaged_run_of_somebody_else_is_passed_over(digits: DataSet, tmp_path: Path) -> None:
    table, roots = tiny_table(("random", "dm")), roots_in(tmp_path)
    results, _ = run_to_end(table, digits, roots)
    for result in results.cell_results.values():
        (roots.runs / result.run / "sets" / result.set / "set.json").write_bytes(b"")
    results_file(roots.runs, table).unlink()
    results, trained = run_to_end(table, digits, roots)
    assert (dict(failures(results)), trained) == ({}, 0)  # made anew, to the same images


def test_two_cannot_fill_one_table_at_once(digits: DataSet, tmp_path: Path) -> None:
    table, roots = tiny_table(("random",), repeats=2), roots_in(tmp_path)
    first, second = (run_table(table, digits, roots, "cpu", 1) for _ in range(2))
    first_arrival(first)
    with pytest.raises(ValueError, match=r"^another process runs this table: watch it there, or stop it"):
        next(second)
    assert first_arrival(first).fresh
    first.close()
    assert run_to_end(table, digits, roots)[1] == 0


@pytest.mark.parametrize("damage", [b"", b"{", b"{}", b"\x00\xff", None])
def test_a_damaged_results_file_is_written_anew_from_the_cells(
    digits: DataSet, tmp_path: Path, damage: bytes | None
) -> None:
    table, roots = tiny_table(("random",), repeats=2), roots_in(tmp_path)
    results, _ = run_to_end(table, digits, roots)
    file = results_file(roots.runs, table)
    file.write_bytes(file.read_bytes()[:-20] if damage is None else damage)
    assert read_results(roots.runs, table).cell_results == {}
    (roots.cache / results.cell_results[0].network_results[1].file).write_bytes(b"{")
    assert run_to_end(table, digits, roots) == (results, 1)  # the damaged cell, and no other


def test_numbers_of_images_that_were_changed_since_do_not_stay(digits: DataSet, tmp_path: Path) -> None:
    table, roots = tiny_table(("random", "dm")), roots_in(tmp_path)
    before, _ = run_to_end(table, digits, roots)
    darker = replace(digits, train=replace(digits.train, images=digits.train.images // 2))
    after, trained = run_to_end(table, darker, roots)
    assert trained == 2
    assert {result.run for result in after.cell_results.values()}.isdisjoint(
        result.run for result in before.cell_results.values()
    )
    assert run_to_end(table, digits, roots) == (before, 0)  # as they were: the cells are there


def test_trouble_with_the_disk_ends_the_filling_and_what_arrived_stays(
    digits: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, roots = tiny_table(("random", "dm")), roots_in(tmp_path)
    first = run_table(table, digits, roots, "cpu", 1)
    first_arrival(first)

    def full(_result: object) -> None:
        raise StorageError("the disk is full: make room")

    monkeypatch.setattr(result_cache, "write_cached_result", full)
    with pytest.raises(StorageError, match="the disk is full"):
        list(first)
    monkeypatch.undo()
    assert len(read_results(roots.runs, table).cell_results) == 1
    assert not failures(read_results(roots.runs, table))
    assert run_to_end(table, digits, roots)[1] == 1
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StorageError, match="file"):
        next(run_table(table, digits, roots_in(tmp_path / "file"), "cpu", 1))
