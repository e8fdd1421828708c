"""File names that are no text, in a run folder and in the root: named, and no page or address fails."""

import os
from pathlib import Path

import pytest
from support.live_routes import live_client
from support.pages import open_page, text_of
from support.small_runs import made

from app.jobs.manager import get_manager

NO_TEXT = os.fsdecode(b"\xff")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DM_RUNS", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("page_file", ["runs.py", "watch.py", "compare.py"])
def test_a_damaged_result_whose_name_is_no_text_is_named_on_the_page(root: Path, page_file: str) -> None:
    run, other = made(root), made(root, "The other")
    (run.path / "results" / f"{NO_TEXT}.json").write_text("{}")
    get_manager.release()
    try:
        page = open_page(
            page_file, **{"a": run.id, "b": other.id} if "compare" in page_file else {"run": run.id}
        )
        assert r"results/?\.json is damaged" in text_of(page)
    finally:
        get_manager.release()


def test_live_addresses_answer_about_a_root_whose_name_is_no_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / NO_TEXT
    monkeypatch.setenv("DM_RUNS", str(root))
    run = made(root)
    client = live_client()
    for name in ("status", "stops", "loss", "images"):
        assert client.get(f"/live/runs/{run.id}/{name}").status_code == 200
    (run.path / "run.json").write_text("{}")
    answer = client.get(f"/live/runs/{run.id}/status")
    assert answer.status_code == 404
    assert "run.json is damaged" in answer.json()["error"]
