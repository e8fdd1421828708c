"""The gallery that comes with the package: everything opens, and is what its configuration says today."""

import re
from pathlib import Path

import numpy as np
import pytest
from support.fresh_interpreter import run_fresh

from dmcore.experiments.figure4.config import Figure4Config
from dmcore.experiments.figure4.report import time_to_accuracy
from dmcore.experiments.figure4.results import FOLDER as RACES
from dmcore.experiments.figure4.results import race_folder, read_images
from dmcore.experiments.gallery.entries import (
    ENTRIES,
    GalleryEntry,
    GalleryRace,
    GalleryRun,
    GalleryTable,
    chosen_entries,
)
from dmcore.experiments.gallery.fitting import difference
from dmcore.experiments.gallery.packing import folder_bytes
from dmcore.experiments.gallery.recorded import (
    RecordedEntry,
    find_recorded,
    gallery_folder,
    is_recorded,
    nearest_race,
    nearest_recorded,
    read_gallery,
    recorded_entries,
    recorded_problems,
    recorded_root,
)
from dmcore.experiments.presets import catalogue_facts
from dmcore.experiments.table1 import Table1Config
from dmcore.experiments.table3 import Table3Config
from dmcore.runs.description import Status
from dmcore.runs.doctor.examination import examine_run, run_folders
from dmcore.runs.recompute.map_file import CLOUD, fresh_name, map_file, read_map, stored_name
from dmcore.runs.runs_root import list_runs, unreadable_runs

LARGEST = 20 * 10**6
SHIPPED = {entry.name: entry for entry in recorded_entries()}
COMMIT = r"([0-9a-f]{7}|v?\d+(\.\d+)+(-\d+-g[0-9a-f]{7})?|version \d+(\.\d+)+)"
UNKNOWN_COMMIT = "table1-fashion"
"""The one entry that was computed before commits were kept, which its note says."""
CONFIGURED = {entry.name: entry for entry in ENTRIES}
KINDS = {GalleryRun: "run", GalleryTable: "table", GalleryRace: "race"}


@pytest.fixture(params=SHIPPED)
def entry(request: pytest.FixtureRequest) -> RecordedEntry:
    return SHIPPED[request.param]


def test_it_has_runs_and_tables_of_both_data_sets_within_its_size() -> None:
    assert {"fashion-from-noise", "table1-fashion", "table1-digits"} <= SHIPPED.keys() <= CONFIGURED.keys()
    assert recorded_problems() == ()
    assert folder_bytes(gallery_folder()) <= LARGEST


def test_the_doctor_finds_nothing_in_any_run() -> None:
    paths, others = run_folders(recorded_root())
    assert paths
    assert others == []
    assert unreadable_runs(recorded_root()) == []
    assert [finding.sentence for path in paths for finding in examine_run(path)] == []


def test_an_entry_is_what_its_configuration_asks_for_today(entry: RecordedEntry) -> None:
    assert difference(CONFIGURED[entry.name], entry) == ""


def test_the_provenance_is_complete_and_that_of_the_entry(entry: RecordedEntry) -> None:
    facts, configured = entry.provenance, CONFIGURED[entry.name]
    assert (facts.name, facts.title, facts.command) == (entry.name, configured.title, configured.command)
    assert (facts.kind, facts.dataset) == (KINDS[type(configured)], configured.dataset)
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", facts.date)
    if entry.name == UNKNOWN_COMMIT:
        assert facts.commit == "unknown"
        assert "before commits were kept" in facts.note
    else:
        assert re.fullmatch(rf"{COMMIT}(, {COMMIT})*", facts.commit)
    assert "dirty" not in facts.commit
    assert re.search(r"x\d+, \S+, \d+ threads", facts.machine)
    assert facts.seconds is not None
    assert facts.seconds > 0
    if entry.results is not None:
        table = entry.results.table
        assert facts.sets == max(len(table.at(cell.row, cell.column)) for cell in table.cells)
        assert facts.networks == max(cell.repeats for cell in table.cells)
    elif entry.race is not None:
        assert (facts.sets, facts.networks) == (entry.race.config.seeds, entry.race.config.repeats)
        assert facts.machine == entry.race.machine
        assert facts.source == f"figure4-{entry.race.config.key}"
    else:
        assert entry.run is not None
        assert {result.n for result in entry.run.results()} == {facts.networks}


def test_a_run_has_images_from_its_start_to_its_end_and_its_evaluations(entry: RecordedEntry) -> None:
    run, configured = entry.run, CONFIGURED[entry.name]
    if run is None:
        assert isinstance(configured, GalleryTable | GalleryRace)
        return
    assert isinstance(configured, GalleryRun)
    assert run.status() == Status.FINISHED
    assert run.config is not None
    stored = run.snapshots()
    assert (stored[0], stored[-1]) == (0, run.config.iterations)
    assert min(10, configured.most_snapshots) <= len(stored) <= configured.most_snapshots
    assert {result.kind for result in run.results()} == set(configured.kinds)
    for name in run.set_names:
        assert len(run.losses(name).iteration) == run.config.iterations
    assert is_recorded(run)
    assert not is_recorded(type(run)(run.path.parent.parent / run.id))


def test_the_map_of_the_run_that_the_map_s_page_opens_is_there_in_little_space() -> None:
    run = SHIPPED["fashion-from-noise"].run
    assert run is not None
    assert map_file(run, "random", "tsne").stat().st_size < 500_000
    answers = read_map(run, "random", "tsne")
    assert {CLOUD, fresh_name(1), *map(stored_name, run.snapshots())} == answers.keys()
    assert len({answer.header["map_key"] for answer in answers.values()}) == 1
    newest = answers[stored_name(run.snapshots()[-1])]
    assert newest.arrays[f"{run.set_names[0]}/place"].shape == (len(run.class_names), 2)
    assert all(
        np.isfinite(answer.arrays[f"{run.set_names[0]}/place"]).all()
        for name, answer in answers.items()
        if name.startswith("iteration")
    )


def test_the_race_is_complete_and_its_last_images_are_there() -> None:
    race = SHIPPED["figure4-fashion"].race
    assert race is not None
    assert race.complete
    assert race.complete_seeds == (0, 1, 2)
    assert time_to_accuracy(race) is not None
    folder = race_folder(recorded_root(), race.config)
    for point in race.pictured:
        images = read_images(folder, point)
        assert images is not None
        assert images.shape == (10, 10, 1, 28, 28)
    nearest = nearest_race(Figure4Config())  # that of the page as it opens
    assert nearest is not None
    assert nearest.name == "figure4-fashion"
    assert nearest_race(Figure4Config(images_per_class=1)) is None


def test_every_run_that_a_cell_names_is_there_and_the_first_seed_s_images(entry: RecordedEntry) -> None:
    if entry.results is None:
        return
    runs = {run.id: run for run in list_runs(recorded_root())}
    table = entry.results.table
    for index, result in entry.results.cell_results.items():
        if not result.run:
            continue
        run, cell = runs[result.run], table.cells[index]
        if index == table.at(cell.row, cell.column)[0]:
            assert run.snapshots(result.set)[-1] == result.iteration
            assert run.snapshot(result.set).pixels.shape[1] == cell.recipe.images_per_class


def test_no_run_is_shipped_that_no_entry_names() -> None:
    used = {entry.provenance.source for entry in SHIPPED.values()}
    for entry in SHIPPED.values():
        if entry.results is not None:
            used |= {result.run for result in entry.results.cell_results.values()}
    assert {run.id for run in list_runs(recorded_root())} <= used
    assert {path.name for path in (recorded_root() / RACES).iterdir()} <= used


def test_it_is_read_in_a_moment_without_torch() -> None:
    script = """
import sys, time
from dmcore.experiments.gallery.recorded import recorded_entries
from dmcore.experiments.gallery import entries, fitting, provenance
began = time.perf_counter()
assert recorded_entries()
took = time.perf_counter() - began
print(took)
assert not {'torch', 'torchvision', 'plotly', 'streamlit'} & sys.modules.keys()
"""
    took = []
    for _ in range(3):
        done = run_fresh(script)
        assert done.returncode == 0, done.stderr
        took.append(float(done.stdout))
    assert min(took) < 0.05
    assert recorded_entries() is recorded_entries()


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean fashion-from-noise"):
        find_recorded("fashion-from-nose")
    with pytest.raises(ValueError, match=r"choose from .*table1-digits"):
        find_recorded("?")
    with pytest.raises(ValueError, match="did you mean table1-digits"):
        chosen_entries(["tabel1-digits"])
    assert chosen_entries(()) == ENTRIES
    assert [each.name for each in chosen_entries(["table1-digits", "fashion-ten"])] == [
        "fashion-ten",
        "table1-digits",
    ]


def table_of(entry: GalleryEntry) -> Table1Config:
    assert isinstance(entry, GalleryTable)
    assert isinstance(entry.config, Table1Config)
    return entry.config


def test_the_nearest_is_the_same_table_else_the_data_set_s_else_what_differs_least() -> None:
    digits = catalogue_facts("digits")
    assert digits is not None
    same = table_of(CONFIGURED["table1-digits"])
    for config in (same, same.model_copy(update={"iterations": 20}), same.model_copy(update={"seeds": 5})):
        nearest = nearest_recorded(config.table(digits))
        assert nearest is not None
        assert nearest.name == "table1-digits"
    other = catalogue_facts("cifar10")
    assert other is not None
    nearest = nearest_recorded(Table1Config(dataset="cifar10").table(other))
    assert nearest is not None
    assert nearest.name.startswith("table1-")
    own = same.table(digits).model_copy(update={"name": "own"})
    assert nearest_recorded(own) is None
    nearest = nearest_recorded(Table3Config(dataset="digits").table(digits))
    assert nearest is None or nearest.name == "table3-digits"


def test_a_gallery_that_is_missing_or_no_folder_has_no_entries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DM_GALLERY", str(tmp_path))
    assert recorded_entries() == ()
    assert recorded_problems() == ()
    assert nearest_recorded(Table1Config().table(catalogue_facts("digits"))) is None  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="choose from none"):
        find_recorded("table1-digits")
    (tmp_path / "provenance").write_text("no folder")
    ((), (problem,)) = read_gallery(gallery_folder())
    assert "cannot be listed" in problem
