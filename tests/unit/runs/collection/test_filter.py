"""Filter and order of runs: each field by itself and all together, dates as people write them."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from support.bare_runs import CONFIG, bare_run
from support.recorded_runs import stored_result

from dmcore.config import DsaConfig, EvaluateConfig
from dmcore.runs.collection import facts
from dmcore.runs.collection.filter import RunFilter, RunOrder, parse_moment
from dmcore.runs.collection.tags import change_tags
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import list_runs

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Four runs: 'Old digits' four days old, 'My photos' three, 'Herded' two and of a table, 'By DSA' one."""
    bare_run(tmp_path, "Old digits", created=NOON - 4 * DAY)
    photos = bare_run(tmp_path, "My photos", dataset="/data/Pets.zip", config=None, created=NOON - 3 * DAY)
    bare_run(
        *(tmp_path, "Herded"),
        selected="herding",
        sizes=(1, 10),
        made_for="table",
        created=NOON - 2 * DAY,
    )
    bare_run(tmp_path, "By DSA", config=DsaConfig(dataset="digits", images_per_class=10), created=NOON - DAY)
    change_tags(photos, ["Lecture-3", "best"])
    return tmp_path


@pytest.mark.parametrize(
    ("wanted", "titles"),
    [
        ({"dataset": ("DIGITS",)}, ["By DSA", "Herded", "Old digits"]),
        ({"dataset": ("pets.zip",)}, ["My photos"]),
        ({"method": ("dm", "import")}, ["My photos", "Old digits"]),
        ({"method": ("herding",)}, ["Herded"]),
        ({"status": ("interrupted",)}, ["By DSA", "Old digits"]),
        ({"status": ("finished",)}, ["Herded", "My photos"]),
        ({"status": ("running",)}, []),
        ({"images_per_class": (10,)}, ["By DSA", "Herded"]),
        ({"since": NOON - 2 * DAY}, ["By DSA", "Herded"]),
        ({"before": NOON - 2 * DAY}, ["My photos", "Old digits"]),
        ({"since": NOON - 3 * DAY, "before": NOON - 2 * DAY}, ["My photos"]),
        ({"text": "dsa STOPPED"}, ["By DSA"]),
        ({"text": "imported lecture"}, ["My photos"]),
        ({"tag": ("lecture-3",)}, ["My photos"]),
        ({"made_by": ("person",)}, ["By DSA", "My photos", "Old digits"]),
        ({"made_by": ("table",), "dataset": ("pets.zip",)}, []),
        ({}, ["By DSA", "Herded", "My photos", "Old digits"]),
    ],
    ids=str,
)
def test_runs_are_found_by_what_they_are_like(
    root: Path, wanted: dict[str, object], titles: list[str]
) -> None:
    found = RunFilter.model_validate(wanted).select(list_runs(root))
    assert [run.description.title for run in found] == titles
    assert RunFilter.model_validate(wanted).is_set == bool(wanted)


def test_a_date_is_of_this_machines_clock_and_an_age_counts_from_now() -> None:
    assert parse_moment("2026-11-30") == datetime(2026, 11, 30).astimezone()
    assert parse_moment("2026-11-30T18:05+02:00") == datetime(2026, 11, 30, 16, 5, tzinfo=UTC)
    for text, age in {"90min": timedelta(minutes=90), "12h": DAY / 2, "3d": 3 * DAY, "2 w": 14 * DAY}.items():
        assert abs(datetime.now(UTC) - age - parse_moment(text)) < timedelta(seconds=30)


@pytest.mark.parametrize("text", ["", "yesterday", "3y", "2026-13-01", "999999w"])
def test_what_is_no_time_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="must be a date such as 2026-11-30"):
        parse_moment(text)


@pytest.mark.parametrize("field", ["dataset", "method", "status", "images_per_class", "tag", "made_by"])
def test_an_empty_value_does_not_stand_for_all_runs(field: str) -> None:
    with pytest.raises(ValidationError, match="name at least one"):
        RunFilter.model_validate({field: ()})
    with pytest.raises(ValidationError, match="name at least one"):
        RunFilter(text="  ")


def test_runs_are_put_in_order_and_cut(root: Path) -> None:
    runs = list_runs(root)
    dsa, herded = runs[:2]
    result = stored_result(herded.set_names[0], 0, (70.0,), EvaluateConfig(repeats=1, epochs=1))
    (herded.path / "results" / "one.json").write_text(result.model_dump_json())
    (dsa.path / "events.jsonl").write_text("x" * 100_000)
    orders = {
        "newest": ["By DSA", "Herded", "My photos", "Old digits"],
        "oldest": ["Old digits", "My photos", "Herded", "By DSA"],
        "title": ["By DSA", "Herded", "My photos", "Old digits"],
        "dataset": ["By DSA", "Herded", "Old digits", "My photos"],
        "accuracy": ["Herded", "By DSA", "My photos", "Old digits"],
    }
    for sort, titles in orders.items():
        order = RunOrder.model_validate({"sort": sort})
        assert [run.description.title for run in order.arrange(runs)] == titles, sort
    assert RunOrder(sort="size", limit=1).arrange(runs) == [dsa]


@pytest.mark.parametrize("name", ["set.json", ""], ids=["description", "all"])
def test_a_damaged_selection_counts_as_no_import(tmp_path: Path, name: str) -> None:
    run = bare_run(tmp_path, "Chosen", selected="herding")
    for folder in (run.path / "sets").iterdir():
        (folder / name).write_text("{") if name else shutil.rmtree(folder)
    damaged = RunFolder(run.path)
    assert facts.methods(damaged) == ()
    assert not RunFilter(method=("import",)).matches(damaged)
    assert "chosen from real images" in facts.searched_text(damaged)
    assert facts.methods(bare_run(tmp_path, "Imported", config=None)) == ("import",)


def test_facts_of_a_run_without_losses_or_tests_are_missing(tmp_path: Path) -> None:
    run = bare_run(tmp_path, "Bare", config=CONFIG)
    assert (facts.best_accuracy(run), facts.last_loss(run)) == (None, None)
    assert facts.methods(run) == ("dm",)
    size = sum(file.stat().st_size for file in run.path.rglob("*") if file.is_file())
    assert facts.size_on_disk(run.path) == size > 0
    (tmp_path / "link").symlink_to(run.path)
    assert facts.size_on_disk(tmp_path / "link") == 0
