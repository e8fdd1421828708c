"""Building a gallery: end to end, resumed, with trouble; every loss is one sentence."""

import json
import shutil
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.gallery.small import RUN, TABLE, built, packed
from support.small_runs import TINY

from dmcore.data.images import DataSet
from dmcore.data.load import load_dataset
from dmcore.execution.plan import evaluation_plan
from dmcore.experiments.gallery.build import EntryFailed, EntryPacked, EntryProgress, build_gallery
from dmcore.experiments.gallery.comparison import compare_runs
from dmcore.experiments.gallery.computing import compute
from dmcore.experiments.gallery.entries import GalleryRun, GalleryTable
from dmcore.experiments.gallery.fitting import difference, untested
from dmcore.experiments.gallery.origin import Part, begun_part, provenance_of
from dmcore.experiments.gallery.packing import LARGEST_CELL_BYTES, GalleryWriter
from dmcore.experiments.gallery.recorded import read_gallery
from dmcore.experiments.gallery.work import Progress, WorkFolder
from dmcore.experiments.results import FOLDER
from dmcore.files.atomic import StorageError
from dmcore.runs.doctor.examination import examine_run
from dmcore.runs.folder import RunFolder
from dmcore.runs.program import code_version
from dmcore.runs.runs_root import list_runs


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a finished gallery, and the work folder that it was computed in."""
    folder = tmp_path_factory.mktemp("gallery")
    assert packed(built(folder, RUN, TABLE)) == {"tiny-run": True, "tiny-table": True}
    return folder


def test_a_built_gallery_fits_its_configurations_and_names_its_origin(folder: Path) -> None:
    entries, problems = read_gallery(folder / "gallery")
    assert problems == ()
    run, table = entries
    assert (difference(RUN, run), difference(TABLE, table)) == ("", "")
    assert difference(TABLE, run) == "it is recorded as a run"
    assert difference(RUN, table) == "it is recorded as a table"
    for entry in entries:
        facts = entry.provenance
        assert facts.commit == code_version()
        assert facts.machine.endswith("cpu, 1 threads")
        assert facts.machine_identity == evaluation_plan("cpu", 1).machine_identity != ""
        assert facts.seconds is not None
        assert 0 < facts.seconds < 300
        assert (facts.networks, facts.note) == (2, "")
        assert entry.problem == ""
    assert (run.provenance.sets, table.provenance.sets) == (1, 2)
    assert run.run is not None
    assert [result.n for result in run.run.results()] == [2, 2]
    assert table.results is not None
    assert table.results.complete_cells == 8


def test_a_build_adds_the_iterations_that_a_recorded_run_is_not_tested_at(tmp_path: Path) -> None:
    built(tmp_path, RUN)
    shutil.copytree(tmp_path / "gallery", tmp_path / "older")
    moments = replace(RUN, tested_at=(0,))
    (before,) = read_gallery(tmp_path / "older")[0]
    assert (difference(moments, before), untested(moments, before)) == ("", (0,)), "an older gallery fits"
    assert untested(RUN, before) == ()
    assert packed(built(tmp_path, moments)) == {"tiny-run": True}
    (after,) = read_gallery(tmp_path / "gallery")[0]
    assert untested(moments, after) == ()
    assert before.run is not None
    assert after.run is not None
    assert after.run.id == before.run.id, "the run is not condensed again"
    assert (after.provenance.commit, after.provenance.note) == (code_version(), ""), "all of known code"
    assert before.provenance.seconds is not None
    assert after.provenance.seconds is not None
    assert after.provenance.seconds > before.provenance.seconds, "both parts together"
    tested = {(result.kind, result.iteration): result.accuracies for result in after.run.results()}
    assert tested.keys() == {("condensed", 0), ("condensed", TINY.iterations), ("random_real", 0)}
    assert packed(built(tmp_path, moments)) == {"tiny-run": False}
    compared = compare_runs(moments, before.run, after.run, 3, is_same=True)
    assert [each.what for each in compared][1:] == [
        "trained on condensed images",
        "trained on random real images",
    ]
    compared = compare_runs(moments, after.run, after.run, 4, is_same=True)
    assert compared[-1].what == "trained on condensed images of iteration 0"
    assert all(each.holds for each in compared)


def test_the_packed_runs_are_those_of_the_cells_and_sound(folder: Path) -> None:
    root = folder / "gallery" / "runs"
    runs = list_runs(root)
    assert len(runs) == 1 + 2 * 2
    assert [finding.sentence for run in runs for finding in examine_run(run.path)] == []
    for run in runs:
        for name in run.set_names:
            assert run.snapshots(name)  # such small sets are kept of every seed


def test_large_sets_are_kept_of_the_first_seed_only(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dmcore.experiments.gallery.packing.LARGEST_CELL_BYTES", 2 * 10 * 64)
    assert LARGEST_CELL_BYTES > 2 * 10 * 64
    entry = read_gallery(folder / "gallery")[0][1]
    assert entry.results is not None
    GalleryWriter(tmp_path).add_table(entry.results, folder / "work" / "runs", entry.provenance)
    runs = {run.id: run for run in list_runs(tmp_path / "runs")}
    for index, result in entry.results.cell_results.items():
        recipe = entry.results.table.cells[index].recipe
        kept = runs[result.run].snapshots(result.set)
        assert bool(kept) == (recipe.seed == 0 or recipe.images_per_class == 1)
        assert examine_run(runs[result.run].path) == []


def test_a_second_build_computes_and_packs_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("it is computed again")

    monkeypatch.setattr("dmcore.experiments.gallery.build.compute", refuse)
    assert packed(built(folder, RUN, TABLE)) == {"tiny-run": False, "tiny-table": False}


def test_packed_again_from_the_work_folder_it_is_the_same(folder: Path) -> None:
    assert packed(built(folder, RUN, TABLE, out="again")) == {"tiny-run": True, "tiny-table": True}

    def contents(name: str) -> dict[str, bytes]:
        root = folder / name
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}

    assert contents("again") == contents("gallery")


def test_a_build_that_is_stopped_anywhere_goes_on_and_sums_its_parts(tmp_path: Path, digits: DataSet) -> None:
    stops, events = 0, 0

    def start() -> Iterator[object]:
        work = WorkFolder(tmp_path / "work")
        return build_gallery((RUN, TABLE), work, tmp_path / "gallery", load_dataset, "cpu", 1)

    done: dict[str, bool] = {}
    while len(done) < 2:
        building = start()
        for count, event in enumerate(building):
            events += 1
            if isinstance(event, EntryPacked):
                done[event.name] = event.is_new or done.get(event.name, False)
            elif isinstance(event, EntryProgress) and count >= 2 + stops // 4:  # an evaluation begins anew
                stops += 1
                break
        building.close()  # type: ignore[attr-defined]
        assert stops < 60, "it does not get on"
    assert stops > 1
    entries, problems = read_gallery(tmp_path / "gallery")
    assert (problems, [entry.problem for entry in entries]) == ((), ["", ""])
    run, table = entries
    assert (difference(RUN, run), difference(TABLE, table)) == ("", "")
    parts = WorkFolder(tmp_path / "work").parts(TABLE)
    assert table.provenance.seconds == pytest.approx(sum(part.seconds for part in parts), abs=0.11)
    assert sum(part.trained for part in parts) == 16
    assert len(list_runs(tmp_path / "work" / "runs")) == 1 + 2 * 2  # none was begun twice


def test_an_entry_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    lost = GalleryRun("lost", "lost", RUN.config.model_copy(update={"dataset": "nowhere"}))
    wide = GalleryRun("wide", "wide", RUN.config.model_copy(update={"images_per_class": 10**6}))
    failed = [event for event in built(tmp_path, lost, wide, RUN) if not isinstance(event, EntryProgress)]
    assert [event.name for event in failed] == ["lost", "wide", "tiny-run"]
    assert isinstance(failed[0], EntryFailed)
    assert "nowhere" in failed[0].sentence
    assert isinstance(failed[1], EntryFailed)
    assert isinstance(failed[2], EntryPacked)


def test_a_folder_of_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "gallery" / "runs" / "mine"
    mine.mkdir(parents=True)
    with pytest.raises(ValueError, match="is no gallery, and other files are in it: name"):
        built(tmp_path, RUN)
    assert mine.is_dir()
    assert not (tmp_path / "gallery" / "provenance").exists()


@pytest.mark.parametrize(("name", "option"), [("gallery", "--out"), ("work", "--work")])
def test_a_folder_that_cannot_be_written_to_is_named_with_the_option(
    tmp_path: Path, name: str, option: str
) -> None:
    (tmp_path / name).write_text("a file is in the way")
    with pytest.raises(StorageError, match=f"cannot be written to .*{option}"):
        built(tmp_path, RUN)


def test_two_builds_in_one_work_folder_are_refused(tmp_path: Path) -> None:
    with (
        WorkFolder(tmp_path / "work").locked(),
        pytest.raises(ValueError, match=r"another build is at work in .*--work"),
    ):
        built(tmp_path, RUN)


def test_two_builds_into_one_gallery_are_refused(tmp_path: Path) -> None:
    with (
        GalleryWriter(tmp_path / "gallery").locked(),
        pytest.raises(ValueError, match=r"another build packs into .*--out"),
    ):
        built(tmp_path, RUN, work="other-work")


def test_a_file_that_is_gone_is_found_and_packed_again(folder: Path, tmp_path: Path) -> None:
    scenic = replace(RUN, scenes=True)
    shutil.copytree(folder / "work", tmp_path / "work")
    assert packed(built(tmp_path, scenic, TABLE)) == {"tiny-run": True, "tiny-table": True}
    out = tmp_path / "gallery"
    run, table = read_gallery(out)[0]
    assert run.run is not None
    assert table.results is not None
    cell_run = out / "runs" / table.results.cell_results[0].run
    path = run.run.path
    damages = {
        "scenes": lambda: next(path.glob("scenes/*.npz")).unlink(),
        "images": lambda: next(path.glob("sets/*/snapshots/*")).unlink(),
        "losses": (path / "events.jsonl").unlink,
        "what it holds": (path / "packed.json").unlink,
        "no run": lambda: shutil.rmtree(cell_run),
        "of a cell": lambda: next(cell_run.glob("sets/*/snapshots/*")).unlink(),
    }
    for what, damage in damages.items():
        damage()
        run, table = read_gallery(out)[0]
        broken = {"tiny-run": difference(scenic, run) != "", "tiny-table": difference(TABLE, table) != ""}
        assert broken == {"tiny-run": what in list(damages)[:4], "tiny-table": what in list(damages)[4:]}, (
            what
        )
        assert packed(built(tmp_path, scenic, TABLE)) == broken, what
        run, table = read_gallery(out)[0]
        assert (difference(scenic, run), difference(TABLE, table)) == ("", ""), what


def test_an_entry_whose_scenes_fail_has_no_provenance(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("no scenes today")

    shutil.copytree(folder / "work", tmp_path / "work")
    monkeypatch.setattr("dmcore.runs.recompute.scene_file.write_scenes", refuse)
    events = built(tmp_path, replace(RUN, scenes=True))
    assert isinstance(events[-1], EntryFailed)
    assert read_gallery(tmp_path / "gallery") == ((), ())


def test_damage_costs_one_entry_and_one_sentence(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "gallery", tmp_path / "gallery")
    out = tmp_path / "gallery"
    (file,) = (out / "runs" / FOLDER).glob("*.json")
    file.write_bytes(file.read_bytes()[:-200])
    entries, problems = read_gallery(out)
    assert problems == ()
    run, table = entries
    assert (run.problem, table.results) == ("", None)
    assert table.problem.startswith(f"{file} is damaged")
    file.unlink()
    table = read_gallery(out)[0][1]
    assert (table.results, table.problem.count("missing")) == (None, 1)
    (out / "runs" / run.provenance.source / "run.json").write_text("{}")
    run = read_gallery(out)[0][0]
    assert run.run is None
    assert "run.json is damaged" in run.problem
    (out / "provenance" / "tiny-run.json").write_text("no")
    entries, problems = read_gallery(out)
    assert [entry.name for entry in entries] == ["tiny-table"]
    (problem,) = problems
    assert "tiny-run.json is damaged" in problem
    assert "dmcore gallery build" in problem
    before = set((out / "runs").iterdir())
    GalleryWriter(out).remove_unused()
    assert set((out / "runs").iterdir()) == before  # nobody knows what the damaged ones name
    shutil.copytree(folder / "work", tmp_path / "work")
    assert packed(built(tmp_path, RUN, TABLE)) == {"tiny-run": True, "tiny-table": True}
    assert not [entry.problem for entry in read_gallery(out)[0] if entry.problem]


def test_what_no_entry_names_any_more_is_removed(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "gallery", tmp_path / "gallery")
    (tmp_path / "gallery" / "provenance" / "tiny-table.json").unlink()
    GalleryWriter(tmp_path / "gallery").remove_unused()
    (run,) = list_runs(tmp_path / "gallery" / "runs")
    assert run.config == RUN.config
    assert list((tmp_path / "gallery" / "runs" / FOLDER).iterdir()) == []


def test_parts_of_other_code_and_results_of_unknown_origin_are_told(folder: Path) -> None:
    results = read_gallery(folder / "gallery")[0][1].results
    assert results is not None

    def part(commit: str, **facts: object) -> Part:
        return Part.model_validate(
            {"commit": commit, "date": "2026-01-02", "machine": "M x2, cpu, 2 threads", "seconds": 3.04}
            | facts
        )

    told = provenance_of(TABLE, results, [part("a", trained=6), part("b", trained=4, reused=2)])
    assert told.commit == "a, b, unknown"
    assert told.seconds == 6.1
    assert "2 networks of 16 had been trained before" in told.note
    assert "the program trained 4 networks of 16 is not known" in told.note
    assert "different versions" in told.note
    known = provenance_of(TABLE, results, [part("a", trained=14, reused=2)])
    assert known.commit == "a, unknown"  # what was in the cache is not of this code
    assert known.machine_identity == ""
    unknown = provenance_of(TABLE, results, [])
    assert (unknown.commit, unknown.machine, unknown.seconds) == ("unknown", "unknown", None)
    whole = provenance_of(TABLE, results, [part("a", trained=16, note="Beside other work.")])
    assert (whole.commit, whole.note) == ("a", "Beside other work.")


def test_a_killed_build_leaves_the_time_of_its_part(tmp_path: Path) -> None:
    work = WorkFolder(tmp_path)
    events = work.measured(
        RUN, begun_part("machine", "same"), compute(RUN, load_dataset("digits"), work.roots, "cpu", 1)
    )
    next(events)
    next(events)
    (part,) = json.loads((tmp_path / "parts" / "tiny-run.json").read_text())["parts"]  # before it is closed
    assert (part["machine"], part["machine_identity"]) == ("machine", "same")
    events.close()
    assert len(work.parts(RUN)) == 1


@pytest.mark.parametrize(("cached", "expected"), [(False, (3, 0)), (True, (2, 1))])
def test_what_another_cell_of_the_same_part_trained_is_of_its_code(
    cached: bool, expected: tuple[int, int], tmp_path: Path
) -> None:
    work = WorkFolder(tmp_path)
    if cached:
        (work.roots.cache / "earlier.json").write_text("{}")

    def computing() -> Generator[Progress, None, RunFolder]:
        yield Progress("a cell", trained=2)
        (work.roots.cache / "new.json").write_text("{}")
        yield Progress("an equal cell", reused=1)
        return RunFolder(tmp_path)

    list(work.measured(TABLE, begun_part("machine", "same"), computing()))
    (part,) = work.parts(TABLE)
    assert (part.trained, part.reused) == expected


def test_parts_of_another_configuration_do_not_count(tmp_path: Path) -> None:
    def compute_part(entry: GalleryRun | GalleryTable) -> None:
        events = iter([Progress("step", trained=1)])
        for _ in work.measured(entry, begun_part("machine", "same"), (event for event in events)):
            pass

    work = WorkFolder(tmp_path)
    wide = replace(RUN, config=RUN.config.model_copy(update={"width": 16}))
    longer = replace(RUN, protocol=RUN.protocol.model_copy(update={"epochs": 3}))
    more = replace(TABLE, config=TABLE.config.model_copy(update={"iterations": 7}))
    assert len({entry.key for entry in (RUN, wide, longer, TABLE, more)}) == 5
    for entry, changed in ((RUN, wide), (RUN, longer), (TABLE, more)):
        (tmp_path / "parts" / f"{entry.name}.json").unlink(missing_ok=True)
        compute_part(entry)
        compute_part(entry)
        assert len(work.parts(entry)) == 2
        assert work.parts(changed) == ()
        compute_part(changed)
        assert len(work.parts(changed)) == 1
        assert work.parts(entry) == ()
