"""Tags of a run: a file of their own, which changes nothing else and may be damaged or gone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.bare_runs import bare_run

from dmcore.runs.collection.tags import FILE, MOST_TAGS, change_tags, read_tags, tag_runs
from dmcore.runs.doctor.examination import examine_run
from dmcore.runs.folder import RunFolder
from dmcore.runs.lock import PackedRunError
from dmcore.runs.packing.packed import FILE as PACKED
from dmcore.runs.problems import find_damage
from dmcore.runs.rename import rename_run
from dmcore.runs.runs_root import delete_run, lock_description


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return bare_run(tmp_path, "Tagged")


def test_tags_are_added_and_taken_away_and_nothing_else_changes(run: RunFolder) -> None:
    before = (run.path / "run.json").read_bytes()
    assert read_tags(run) == ()
    assert change_tags(run, ["Lecture-3", "größe", "Lecture-3"]) == ("Lecture-3", "größe")
    assert change_tags(run, ["LECTURE-3", "new"], ["GRÖSSE", "größe"]) == ("Lecture-3", "new")
    assert read_tags(run) == ("Lecture-3", "new")
    assert (run.path / "run.json").read_bytes() == before
    assert not [finding for finding in examine_run(run.path) if finding.file.name == FILE]
    assert change_tags(run, remove=["lecture-3", "new"]) == ()


@pytest.mark.parametrize("tag", ["", "two words", "a,b", "+plus", "-minus", "x" * 41, "a\nb", "\u202etest"])
def test_what_is_no_tag_is_refused_and_nothing_is_written(run: RunFolder, tag: str) -> None:
    with pytest.raises(ValueError, match="a tag "):
        change_tags(run, ["fine", tag])
    assert not (run.path / FILE).exists()


def test_a_run_has_so_many_tags_at_most(run: RunFolder) -> None:
    change_tags(run, [f"t{number}" for number in range(MOST_TAGS)])
    with pytest.raises(ValueError, match="at most 20 tags"):
        change_tags(run, ["one-more"])
    assert len(change_tags(run, ["one-more"], ["t0"])) == MOST_TAGS


def test_runs_that_cannot_be_tagged_do_not_keep_the_others_from_it(tmp_path: Path) -> None:
    gone, damaged, full, last = (bare_run(tmp_path, title) for title in ("Gone", "Damaged", "Full", "Last"))
    delete_run(gone)
    (damaged.path / FILE).write_text("{")
    change_tags(full, [f"t{number}" for number in range(MOST_TAGS)])
    runs = [gone, damaged, full, last]
    with pytest.raises(ValueError, match="a tag is one word"):
        tag_runs(runs, ["fine", "two words"])
    assert read_tags(last) == ()
    untagged = tag_runs(runs, iter(["fine"]), iter(["old"]))
    assert [each.run for each in untagged] == [gone, damaged, full]
    assert all(
        words in each.reason
        for words, each in zip(("no run", "is damaged", "at most 20"), untagged, strict=True)
    )
    assert read_tags(last) == ("fine",)
    assert not gone.path.exists()


def test_damaged_tags_are_none_and_are_named_with_the_remedy(run: RunFolder) -> None:
    change_tags(run, ["kept"])
    (run.path / FILE).write_text("{")
    assert read_tags(run) == ()
    (damage,) = find_damage(run)
    assert "tags.json is damaged" in str(damage)
    assert "delete it" in str(damage)
    with pytest.raises(ValueError, match=r"tags\.json is damaged"):
        change_tags(run, ["more"])
    (run.path / FILE).unlink()
    assert change_tags(run, ["more"]) == ("more",)


def test_a_packed_run_and_one_that_is_gone_get_no_tags(run: RunFolder) -> None:
    (run.path / PACKED).write_text("{}")
    with pytest.raises(PackedRunError, match="recorded one"):
        change_tags(run, ["mine"])
    (run.path / PACKED).unlink()
    delete_run(run)
    with pytest.raises(ValueError, match="no run"):
        change_tags(run, ["ghost"])
    assert not run.path.exists()


@pytest.mark.parametrize(
    "change", [lambda run: change_tags(run, ["ghost"]), lambda run: rename_run(run, "Ghost")]
)
def test_a_run_that_is_deleted_before_the_lock_is_had_does_not_come_back(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch, change: Callable[[RunFolder], object]
) -> None:
    @contextmanager
    def late_lock(path: Path) -> Iterator[None]:
        delete_run(run)
        with lock_description(path):
            yield

    for module in ("collection.tags", "runs_root"):
        monkeypatch.setattr(f"dmcore.runs.{module}.lock_description", late_lock)
    with pytest.raises(ValueError, match="no run"):
        change(run)
    assert not run.path.exists()


def test_a_run_that_is_deleted_while_its_lock_is_held_is_gone_without_a_word(run: RunFolder) -> None:
    with lock_description(run.path):
        delete_run(run)
    assert not run.path.exists()
