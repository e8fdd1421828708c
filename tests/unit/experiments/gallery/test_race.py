"""A race in a gallery: built, packed, resumed, taken over as it was run before, and checked at its starts."""

import shutil
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from support.gallery.small import RACE, RUN, TABLE, built, packed

from dmcore.data.load import load_dataset
from dmcore.experiments.figure4.results import (
    FILE,
    FOLDER,
    RaceResults,
    race_folder,
    read_race,
    write_race,
)
from dmcore.experiments.gallery.build import EntryFailed, EntryProgress, build_gallery
from dmcore.experiments.gallery.check import CheckProgress, EntryCompared, check_gallery
from dmcore.experiments.gallery.comparison import BY_SPEED, compare_races
from dmcore.experiments.gallery.fitting import difference
from dmcore.experiments.gallery.origin import Part, Parts
from dmcore.experiments.gallery.packing import GalleryWriter
from dmcore.experiments.gallery.recorded import RecordedEntry, nearest_race, read_gallery
from dmcore.experiments.gallery.work import WorkFolder
from dmcore.files.checked_json import write_record
from dmcore.runs.program import code_version

NETWORKS = 2
LANES = 2 * 2
"""Of both races together."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a gallery that has a race, and the work folder that it was run in."""
    folder = tmp_path_factory.mktemp("gallery")
    assert packed(built(folder, RACE)) == {"tiny-race": True}
    return folder


@pytest.fixture
def copied(folder: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    shutil.copytree(folder, tmp_path / "copy")
    return tmp_path / "copy"


def entry_of(folder: Path, gallery: str = "gallery") -> RecordedEntry:
    (entry,) = read_gallery(folder / gallery)[0]
    return entry


def race_of(entry: RecordedEntry) -> RaceResults:
    assert entry.race is not None
    return entry.race


def test_a_built_race_fits_and_names_its_origin(folder: Path) -> None:
    entry = entry_of(folder)
    facts = entry.provenance
    assert difference(RACE, entry) == entry.problem == ""
    assert (facts.kind, facts.title, facts.command) == ("race", RACE.title, RACE.command)
    assert (facts.commit, facts.sets, facts.networks, facts.note) == (code_version(), 2, NETWORKS, "")
    assert facts.machine == race_of(entry).machine
    assert facts.seconds is not None
    assert facts.seconds >= LANES * RACE.config.seconds
    assert (entry.run, entry.results) == (None, None)
    assert difference(RUN, entry) == difference(TABLE, entry) == "it is recorded as a race"


def test_the_results_are_kept_and_the_last_images_of_the_first_race(folder: Path) -> None:
    entry = entry_of(folder)
    assert race_of(entry) == read_race(folder / "work" / "runs", RACE.config)
    kept = {path.name for path in race_folder(entry.root, RACE.config).iterdir()}
    assert kept == {FILE, *(f"{each.method}-0-{each.moment}.npy" for each in race_of(entry).pictured)}
    assert len(kept) == 1 + len(RACE.config.lanes)


def test_a_second_build_runs_nothing_and_packs_nothing(folder: Path) -> None:
    assert packed(built(folder, RACE)) == {"tiny-race": False}


def test_a_stopped_race_goes_on_and_its_parts_are_summed(tmp_path: Path) -> None:
    def build() -> Generator[object, None, None]:
        return build_gallery(
            (RACE,), WorkFolder(tmp_path / "work"), tmp_path / "gallery", load_dataset, "cpu", 1
        )

    with closing(build()) as events:
        tested = 0
        for event in events:
            tested += isinstance(event, EntryProgress) and event.progress.trained
            if tested >= 3 * NETWORKS:
                break
    assert packed(built(tmp_path, RACE)) == {"tiny-race": True}
    parts = WorkFolder(tmp_path / "work").parts(RACE)
    facts = entry_of(tmp_path).provenance
    assert len(parts) == 2
    assert sum(part.trained for part in parts) == NETWORKS * len(race_of(entry_of(tmp_path)).points)
    assert (facts.commit, facts.note) == (code_version(), "")
    assert facts.seconds == pytest.approx(sum(part.seconds for part in parts), abs=0.11)


def test_a_race_that_was_run_before_is_only_packed_and_its_origin_is_not_made_up(
    folder: Path, tmp_path: Path
) -> None:
    place = race_folder(tmp_path / "work" / "runs", RACE.config)
    shutil.copytree(race_folder(folder / "work" / "runs", RACE.config), place)
    assert not any(isinstance(event, EntryProgress) for event in built(tmp_path, RACE))
    facts = entry_of(tmp_path).provenance
    assert (facts.commit, facts.date, facts.seconds) == ("unknown", "unknown", None)
    assert facts.machine == race_of(entry_of(folder)).machine
    assert "is not known" in facts.note


def test_a_race_that_was_run_before_has_the_origin_that_its_parts_tell(folder: Path, tmp_path: Path) -> None:
    place = race_folder(tmp_path / "work" / "runs", RACE.config)
    shutil.copytree(race_folder(folder / "work" / "runs", RACE.config), place)
    part = Part(
        commit="abc1234",
        date="2026-01-02",
        machine=race_of(entry_of(folder)).machine,
        seconds=12.5,
        trained=NETWORKS * len(race_of(entry_of(folder)).points),
        note="Run by the command.",
    )
    (tmp_path / "work" / "parts").mkdir()
    write_record(tmp_path / "work" / "parts" / "tiny-race.json", Parts(key=RACE.key, parts=(part,)))
    built(tmp_path, RACE)
    facts = entry_of(tmp_path).provenance
    assert (facts.commit, facts.date, facts.seconds) == ("abc1234", "2026-01-02", 12.5)
    assert facts.note == "Run by the command."


def test_the_starts_are_recomputed_and_must_be_the_same_the_rest_says_nothing(folder: Path) -> None:
    events = list(check_gallery([(RACE, entry_of(folder))], load_dataset, "cpu", 1))
    progress = [event.progress for event in events if isinstance(event, CheckProgress)]
    assert sum(each.trained for each in progress) == LANES * NETWORKS, "at the start only"
    (compared,) = (event.comparisons for event in events if isinstance(event, EntryCompared))
    assert [(each.what, each.verdict) for each in compared] == [
        ("DM, at the start", "holds, the same"),
        ("DSA, at the start", "holds, the same"),
        ("DM, later", "says nothing"),
        ("DSA, later", "says nothing"),
    ]
    assert [each.recomputed for each in compared[2:]] == [BY_SPEED] * 2


@pytest.mark.parametrize(("moment", "verdicts"), [(0, {"differs"}), (8, set())])
def test_an_altered_start_does_not_hold(folder: Path, moment: int, verdicts: set[str]) -> None:
    sound = race_of(entry_of(folder))
    points = tuple(
        point.model_copy(update={"accuracies": (99.0, *point.accuracies[1:])})
        if point.moment == moment
        else point
        for point in sound.points
    )
    altered = sound.model_copy(update={"points": points})
    found = {each.verdict for each in compare_races("tiny-race", altered, sound, 2, is_same=True)}
    assert found - {"holds, the same", "says nothing"} == verdicts


def test_a_lane_that_is_not_recomputed_is_missing(folder: Path) -> None:
    race = race_of(entry_of(folder))
    without = race.model_copy(
        update={"points": tuple(point for point in race.points if point.method != "dm")}
    )
    first = compare_races("tiny-race", race, without, 2, is_same=False)[0]
    assert (first.recomputed, first.verdict) == ("missing", "differs")


def test_what_a_packed_race_lacks_is_said(copied: Path) -> None:
    entry = entry_of(copied)
    place = race_folder(entry.root, RACE.config)
    longer = replace(RACE, config=RACE.config.model_copy(update={"seconds": 2}))
    assert "its configuration" in difference(longer, entry)
    next(place.glob("dsa-*.npy")).unlink()
    assert difference(RACE, entry_of(copied)) == "the last images of DSA are missing"
    points = race_of(entry).points
    write_race(place, race_of(entry).model_copy(update={"points": points[:-1]}))
    assert "of its tests are missing" in difference(RACE, entry_of(copied))
    (place / FILE).write_text("{")
    assert "is damaged" in difference(RACE, entry_of(copied))
    assert entry_of(copied).race is None
    (place / FILE).unlink()
    assert f"{place / FILE} is missing" in entry_of(copied).problem
    assert packed(built(copied, RACE)) == {"tiny-race": True}, "a build mends it"
    assert difference(RACE, entry_of(copied)) == ""


def test_images_that_are_gone_in_the_work_folder_fail_the_entry(copied: Path) -> None:
    for file in race_folder(copied / "work" / "runs", RACE.config).glob("*.npy"):
        file.unlink()
    (failed,) = [event for event in built(copied, RACE, out="new") if isinstance(event, EntryFailed)]
    assert "the last images of DM in" in failed.sentence


def test_a_race_that_no_entry_names_is_removed(copied: Path) -> None:
    other = copied / "gallery" / "runs" / FOLDER / "figure4-0123456789ab"
    write_race(other, race_of(entry_of(copied)))
    GalleryWriter(copied / "gallery").remove_unused()
    assert not other.exists()
    assert difference(RACE, entry_of(copied)) == ""


def test_the_nearest_race_is_of_the_same_data_and_size(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DM_GALLERY", str(folder / "gallery"))
    near = nearest_race(RACE.config.model_copy(update={"seconds": 77}))
    assert near is not None
    assert near.name == "tiny-race"
    assert nearest_race(RACE.config.model_copy(update={"images_per_class": 10})) is None
    assert nearest_race(RACE.config.model_copy(update={"dataset": "fashion"})) is None
