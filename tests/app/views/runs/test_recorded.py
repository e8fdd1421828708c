"""Recorded runs on the pages Runs, Feature space and Compare: shown, not written to, hidden in one click."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.gallery.made_up import PROVENANCE
from support.pages import image_grids_of, open_page, run_page, text_of, titles_of
from support.small_runs import made

from app.data import recorded
from app.data.folders import find_run
from app.jobs.manager import JobManager
from app.jobs.work import EvaluateWork, ResumeWork
from app.run.controls import can_resume
from app.run.live import observe_run
from app.text.status import Status
from dmcore.config import EvaluateConfig
from dmcore.experiments.gallery.recorded import find_recorded
from dmcore.runs.folder import RunFolder
from dmcore.runs.lock import PackedRunError, lock_run
from dmcore.runs.rename import rename_run
from dmcore.runs.results.result_file import check_writable
from dmcore.runs.runs_root import delete_run


@pytest.fixture
def from_noise(gallery: Path) -> RunFolder:
    run = find_recorded("from-noise").run
    assert run is not None
    return run


def contents_of(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def read(page_file: str, **query: str) -> str:
    return text_of(open_page(page_file, **query)).replace("\\", "")


def test_recorded_runs_stand_in_a_section_of_their_own_without_what_would_change_them(
    from_noise: RunFolder, root: Path
) -> None:
    own = made(root, "My own")
    page = open_page("runs.py")
    assert titles_of(page)[:2] == ["My own", "Digits from noise"]
    assert PROVENANCE in text_of(page).replace("\\", "")
    keys = {button.key for button in page.button}
    assert {f"rename_{own.id}", f"delete_{own.id}", f"continue_{own.id}"} <= keys
    assert not {f"{action}_{from_noise.id}" for action in ("rename", "delete", "continue", "resume")} & keys
    assert {f"open_{from_noise.id}", f"runs_recorded_map_{from_noise.id}"} <= keys


def test_images_of_a_recorded_run_are_downloaded(from_noise: RunFolder) -> None:
    page = open_page("runs.py")
    page.button(key=f"runs_{from_noise.id}_download").click()
    assert f"Iteration {from_noise.iteration()}." in text_of(run_page(page))
    assert page.get("download_button")


def test_run_it_here_puts_the_set_up_into_the_form(from_noise: RunFolder) -> None:
    page = open_page("runs.py")
    page.button(key=f"runs_recorded_run_{from_noise.id}").click().run()
    assert page.session_state["cloned_from"] == from_noise.id


def test_a_recorded_run_is_found_by_its_id_and_lives_at_its_addresses(
    from_noise: RunFolder, root: Path
) -> None:
    assert find_run(from_noise.id, root) == from_noise
    state = observe_run(from_noise.id)
    assert state.view.iteration == 4
    assert state.view.images
    with pytest.raises(ValueError, match="no run"):
        find_run("20200101-000000-digits-abcd", root)


def test_the_watch_page_shows_it_with_its_provenance_and_offers_nothing_that_writes(
    from_noise: RunFolder,
) -> None:
    page = open_page("watch.py", run=from_noise.id)
    assert PROVENANCE in text_of(page).replace("\\", "")
    keys = {button.key for button in page.button if button.key}
    assert "watch_recorded_run" in keys
    assert not {key for key in keys if key.startswith(("evaluate_", "resume"))}


def test_compare_opens_with_two_recorded_runs_and_with_own_ones_once_there_are_two(
    from_noise: RunFolder, root: Path
) -> None:
    page = open_page("compare.py")
    assert page.query_params["a"] == from_noise.id
    assert [header.value for header in page.subheader][:2] == ["A: Digits from noise", "B: Digits from real"]
    assert len(image_grids_of(page)) == 2
    assert text_of(page).replace("\\", "").count(PROVENANCE) == 2
    own = made(root, "Mine")
    assert open_page("compare.py").query_params["a"] == own.id, "it stands beside a recorded one"
    made(root, "Mine too", seed=1)
    assert "a" not in open_page("compare.py").query_params


def test_the_feature_space_opens_with_a_recorded_run_and_shows_its_images_while_it_waits(
    from_noise: RunFolder, root: Path
) -> None:
    page = open_page("feature_space.py")
    assert page.selectbox(key="feature_run").value == from_noise.id
    assert page.selectbox(key="feature_run").options[0] == "Digits from noise, recorded"
    assert PROVENANCE in text_of(page).replace("\\", "")
    own = made(root, "Mine")
    assert open_page("feature_space.py").selectbox(key="feature_run").value == own.id


def test_hidden_recorded_runs_are_offered_nowhere_and_shown_again_by_one_click(
    from_noise: RunFolder, root: Path
) -> None:
    page = open_page("runs.py")
    page.button(key="runs_recorded_hide").click()
    page = run_page(page)
    assert (root / recorded.FILE).is_file()
    hidden = "Recorded results are hidden. The front page and How it works go on showing theirs."
    assert hidden in text_of(page).replace("\\", "")
    assert PROVENANCE not in text_of(page)
    assert "It takes two runs to compare" in read("compare.py")
    assert "no run with images yet" in read("feature_space.py")
    for name, owner in (("compare.py", "compare"), ("feature_space.py", "feature")):
        assert open_page(name).button(key=f"{owner}_recorded_show").label == "Show recorded results"
    linked = open_page("feature_space.py", run=from_noise.id)
    assert linked.selectbox(key="feature_run").value == from_noise.id, "a link still works"
    page.button(key="runs_recorded_show").click()
    assert PROVENANCE in text_of(run_page(page)).replace("\\", "")


def test_a_damaged_setting_hides_nothing(from_noise: RunFolder, root: Path) -> None:
    recorded.set_recorded_hidden(True)
    assert recorded.recorded_hidden()
    (root / recorded.FILE).write_text("{")
    assert not recorded.recorded_hidden()


@pytest.mark.parametrize("damage", ["results", "provenance", "run"])
def test_a_damaged_recorded_file_is_left_out_with_a_sentence(
    damage: str, made_gallery: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / damage
    shutil.copytree(made_gallery, copy)
    monkeypatch.setenv("DM_GALLERY", str(copy))
    file = {
        "results": next(copy.glob("runs/tables/table1-*.json")),
        "provenance": copy / "provenance" / "table1-digits.json",
        "run": next(copy.glob("runs/*/run.json")),
    }[damage]
    file.write_text("{")
    assert f"{file.name} is damaged" in read("runs.py")
    if damage != "run":
        assert "There are no numbers yet" in read("accuracy.py", data="Digits")
    assert "no numbers yet" not in read("architectures.py", table3_data="digits")


def test_without_a_gallery_the_runs_page_says_so_with_the_remedy(root: Path) -> None:
    text = read("runs.py")
    assert text.count("ecorded") == 1
    assert "The recorded results that come with the program are missing" in text
    assert "install the program again, or set DM_GALLERY to their folder" in text


WRITERS: dict[str, Callable[[RunFolder], object]] = {
    "condensing": lambda run: lock_run(run.path).__enter__(),
    "renaming": lambda run: rename_run(run, "Mine now"),
    "deleting": delete_run,
    "evaluating": check_writable,
}


@pytest.mark.parametrize("writer", WRITERS)
def test_nobody_writes_into_a_packed_run(writer: str, from_noise: RunFolder) -> None:
    before = contents_of(from_noise.path)
    with pytest.raises(PackedRunError, match=r"recorded one and stays as it is: .+`dmcore condense .+`"):
        WRITERS[writer](from_noise)
    assert contents_of(from_noise.path) == before


def test_no_job_takes_a_recorded_run(from_noise: RunFolder, process_manager: JobManager) -> None:
    for work in (
        EvaluateWork(run=from_noise, config=EvaluateConfig(epochs=1, repeats=1)),
        ResumeWork(run=from_noise, iterations=8),
    ):
        with pytest.raises(PackedRunError):
            process_manager.submit(work)
    assert not process_manager.busy
    assert not can_resume(from_noise, Status.STOPPED)


def test_no_page_writes_into_the_gallery(from_noise: RunFolder, gallery: Path) -> None:
    before = contents_of(gallery)
    for page_file, query in (
        ("runs.py", {}),
        ("compare.py", {}),
        ("feature_space.py", {}),
        ("accuracy.py", {"data": "Digits"}),
        ("architectures.py", {"table3_data": "digits"}),
        ("network_distribution.py", {"table4_data": "Digits"}),
        ("watch.py", {"run": from_noise.id}),
    ):
        open_page(page_file, **query)
    assert contents_of(gallery) == before
