"""`dmcore runs` with filters, `dmcore tag` and `dmcore delete`: what they print, and what is left on disk."""

import io
import json
import sys
from pathlib import Path

import pytest
from support.bare_runs import bare_run
from support.command_line import Command

from dmcore.config import DsaConfig
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import list_runs


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """'First' by DM, 'Second' by DSA, 'Third' of a table: images by herding."""
    root = tmp_path / "runs"
    bare_run(root, "First")
    bare_run(root, "Second", config=DsaConfig(dataset="digits", images_per_class=10))
    bare_run(root, "Third", selected="herding", made_for="table")
    return root


def titles(root: Path) -> list[str]:
    return [run.description.title for run in list_runs(root)]


def named(root: Path, title: str) -> RunFolder:
    return next(run for run in list_runs(root) if run.description.title == title)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_runs_are_filtered_sorted_and_cut(dmcore: Command, root: Path) -> None:
    def listed(*flags: str) -> list[str]:
        code, out, _ = dmcore("runs", "--json", *flags)
        assert code == 0
        return [run["title"] for run in json.loads(out)["runs"]]

    assert listed() == ["Third", "Second", "First"]
    assert listed("--method", "dm,herding") == ["Third", "First"]
    assert listed("--images-per-class", "10") == ["Second"]
    assert listed("--made-by", "person", "--sort", "title") == ["First", "Second"]
    assert listed("--text", "sec", "--since", "1h") == ["Second"]
    assert listed("--before", "1h") == []
    assert listed("--sort", "oldest", "--limit", "2") == ["First", "Second"]
    assert "1 run of 3 in" in dmcore("runs", "--status", "finished")[1]
    assert "none of the 3 runs" in dmcore("runs", "--text", "zebra")[1]


def test_the_facts_in_json_are_named_as_the_flags(dmcore: Command, root: Path) -> None:
    dmcore("tag", named(root, "Second").id, "lecture", "+best")
    out = dmcore("runs", "--json", "--tag", "LECTURE", "--limit", "5")[1]
    (run,) = json.loads(out)["runs"]
    assert json.loads(out)["filter"] == {"tag": ["LECTURE"], "sort": "newest", "limit": 5}
    facts = {"dataset": "digits", "method": ["dsa"], "status": "interrupted", "images_per_class": [10]}
    facts |= {"tag": ["lecture", "best"], "made_by": "person", "accuracy": None, "loss": None}
    assert {name: run[name] for name in facts} == facts
    assert run["bytes"] > 0
    assert "Second #lecture #best" in dmcore("runs")[1]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--method", "dsb"), "--method dsb: did you mean dsa?"),
        (("--status", "finish"), "did you mean finished?"),
        (("--since", "soon"), "--since soon: must be a date such as 2026-11-30"),
        (("--images-per-class", "x"), "--images-per-class x: must be a whole number"),
        (("--limit", "0"), "--limit 0: must be greater than or equal to 1"),
        (("--tag", ""), "--tag: name at least one"),
        (("--sort", "size,title"), "--sort"),
    ],
)
def test_wrong_filters_are_refused_in_a_sentence(
    dmcore: Command, root: Path, flags: tuple[str, ...], message: str
) -> None:
    code, _, err = dmcore("runs", *flags)
    assert (code, message in err) == (2, True), err


def test_tags_are_printed_and_taken_away(dmcore: Command, root: Path) -> None:
    run = named(root, "First").id
    assert f"run {run} has no tags" in dmcore("tag", run)[1]
    assert json.loads(dmcore("tag", run, "a", "b", "c", "--json")[1]) == {"run": run, "tag": ["a", "b", "c"]}
    assert f"run {run} has the tags b" in dmcore("tag", run, "--remove", "a,c")[1]
    code, _, err = dmcore("tag", run, "two words")
    assert (code, "a tag is one word" in err) == (1, True), err
    assert dmcore("tag", run, "--remove", "")[0] == 2
    (root / run / "tags.json").write_text("{")
    code, out, err = dmcore("tag", run)
    assert (code, "no tags" in out, "tags.json is damaged" in err, "delete it" in err) == (
        1,
        False,
        True,
        True,
    )
    assert dmcore("runs")[0] == 0, "a list of runs never fails by one"


def test_a_dry_run_says_what_would_go_and_changes_nothing(dmcore: Command, root: Path) -> None:
    code, out, _ = dmcore("delete", "--made-by", "table", "--dry-run")
    assert code == 0
    assert "Third" in out
    assert "would delete 1 run and free" in out
    assert len(titles(root)) == 3
    told = json.loads(dmcore("delete", "--method", "dm", "--dry-run", "--json")[1])
    assert (told["deleted"], [run["title"] for run in told["runs"]], told["kept"]) == (False, ["First"], [])
    assert told["bytes"] == told["runs"][0]["bytes"] > 0


def test_runs_are_deleted_by_name_and_by_filter_and_the_freed_space_is_said(
    dmcore: Command, root: Path, tmp_path: Path
) -> None:
    (root / "tables").mkdir()
    (root / "tables" / "kept.json").write_text("{}")
    first = named(root, "First")
    (tmp_path / "link").symlink_to(root)
    by_path = (str(first.path), str(tmp_path / "link" / first.id))
    code, out, err = dmcore("delete", first.id, first.id, *by_path, "--yes", "--json")
    told = json.loads(out)
    assert (code, told["deleted"], [run["run"] for run in told["runs"]]) == (0, True, [first.id]), err
    assert titles(root) == ["Third", "Second"]
    code, out, _ = dmcore("delete", "--made-by", "table", "--yes")
    assert (code, "deleted 1 run, " in out, "are free again" in out) == (0, True, True)
    assert titles(root) == ["Second"]
    assert "no run in" in dmcore("delete", "--made-by", "table", "--yes")[1]
    assert dmcore("delete", "latest", "--yes")[0] == 0
    assert [path.name for path in root.iterdir()] == ["tables"]


@pytest.mark.parametrize(("answer", "left"), [("y\n", 2), ("YES\n", 2), ("n\n", 3), ("\n", 3), ("", 3)])
def test_a_terminal_is_asked(
    dmcore: Command, root: Path, monkeypatch: pytest.MonkeyPatch, answer: str, left: int
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    code, out, err = dmcore("delete", named(root, "First").id)
    assert "Delete 1 run, " in err
    assert "cannot be undone. [y/N]" in err
    assert (code, len(titles(root))) == (int(left == 3), left)
    assert ("nothing was deleted" in out) == (left == 3)


def test_a_terminal_is_told_what_it_is_asked_about_beside_json(
    dmcore: Command, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = named(root, "First").id
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    code, out, err = dmcore("delete", first, "--json")
    assert (code, json.loads(out)["deleted"]) == (0, True)
    assert err.index(first) < err.index("Delete 1 run, ")
    assert "First" in err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "one of them is needed"),
        (("FIRST", "--method", "dm", "--yes"), 2, "not both"),
        (("FIRST",), 2, "add --yes, or --dry-run"),
        (("--tag", "", "--yes"), 2, "--tag: name at least one"),
        (("FIRST", "20200101-000000-digits-none", "--yes"), 1, "no run"),
        (("tables", "--yes"), 1, "no run"),
        (("FIRST", "fashion-gallery", "--yes"), 1, "is a recorded one and stays as it is"),
    ],
)
def test_what_must_not_be_deleted_is_refused_and_all_runs_stay(
    dmcore: Command,
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    code: int,
    message: str,
) -> None:
    (tmp_path / "gallery" / "runs" / "fashion-gallery").mkdir(parents=True)
    (tmp_path / "gallery" / "runs" / "fashion-gallery" / "packed.json").write_text("{}")
    monkeypatch.setenv("DM_GALLERY", str(tmp_path / "gallery"))
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    first = named(root, "First").id
    found, _, err = dmcore("delete", *(first if name == "FIRST" else name for name in arguments))
    assert (found, message in err) == (code, True), err
    assert len(titles(root)) == 3


def test_a_run_at_work_is_refused_by_name_and_left_out_by_a_filter(dmcore: Command, root: Path) -> None:
    from dmcore.runs.lock import lock_run

    busy = named(root, "First")
    with lock_run(busy.path):
        code, _, err = dmcore("delete", named(root, "Second").id, busy.id, "--yes")
        assert (code, "nothing was deleted: run" in err) == (1, True), err
        assert len(titles(root)) == 3
        code, out, _ = dmcore("delete", "--dataset", "digits", "--yes")
        assert (code, "not deleted: run" in out) == (1, True)
        assert dmcore("delete", "--dataset", "digits", "--yes")[0] == 1, "none could go"
        code, out, _ = dmcore("delete", "--dataset", "digits", "--dry-run")
        assert (code, "not deleted: run" in out) == (0, True)
    assert titles(root) == ["First"]
