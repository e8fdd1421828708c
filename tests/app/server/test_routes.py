"""What the live parts of a page are answered: from the thread, from the folder, and to whom."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from support.frames import unpack_frame
from support.jobs import start
from support.live_routes import live_client
from support.waiting import until

from app.answers.question import Look
from app.jobs.manager import JobManager
from app.run import live
from app.server import answer_cache
from app.server.routes import live_routes
from app.views.feature_space.map_questions import MapQuestion, get_projections
from dmcore.config import CondenseConfig, EvaluateConfig
from dmcore.data.load import load_dataset
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.evaluation import evaluate_run
from dmcore.runs.runs_root import delete_run, open_run

TINY = CondenseConfig(
    dataset="digits", images_per_class=1, width=8, depth=1, real_batch=4, init="noise", iterations=100_000
)


@pytest.fixture
def client(process_manager: JobManager) -> Iterator[TestClient]:
    with live_client() as client:
        yield client


def begun(manager: JobManager) -> RunFolder:
    job = start(manager, TINY)
    until(lambda: job.snapshot is not None and job.snapshot.iteration > 1)
    assert job.run_id is not None
    return open_run(job.run_id, manager.runs_root)


def text_of(line: dict) -> str:
    return " ".join(part["text"] for part in line["parts"]).replace("\u00a0", " ")


def test_a_line_is_sent_when_it_is_new_and_nothing_while_it_is_not(
    client: TestClient, process_manager: JobManager
) -> None:
    run = begun(process_manager)
    process_manager.throttle.pause()
    until(lambda: process_manager.current is not None and process_manager.current.state == "paused")
    line = client.get(f"/live/runs/{run.id}/status").json()
    assert text_of(line).startswith("paused iteration ")
    assert client.get(f"/live/runs/{run.id}/status", params={"moment": line["revision"]}).status_code == 204
    process_manager.throttle.unpause()
    until(lambda: process_manager.current is not None and process_manager.current.state == "running")
    later = client.get(f"/live/runs/{run.id}/status", params={"moment": line["revision"]}).json()
    assert text_of(later).startswith("running")
    assert later["page_revision"] != line["page_revision"]  # other buttons: the page's script runs again


def test_images_and_loss_are_of_the_same_run_and_not_compressed(
    client: TestClient, process_manager: JobManager
) -> None:
    run = begun(process_manager)
    frame = client.get(f"/live/runs/{run.id}/images?layer=change+×16", headers={"Accept-Encoding": "gzip"})
    assert frame.headers["content-encoding"] == "identity"
    head, pixels = unpack_frame(frame.content)
    assert "amplified ×16" in head["alt"]
    assert head["source"] == f"/live/runs/{run.id}/images?layer=change+%C3%9716"
    assert len(pixels) == 10 * 64  # ten images of 8 x 8
    loss = client.get(f"/live/runs/{run.id}/loss").json()
    assert loss["subject"] == head["subject"] == run.id
    assert json.loads(loss["figure"])["data"]


def test_the_bar_leaves_the_run_on_screen_to_the_page(
    client: TestClient, process_manager: JobManager
) -> None:
    run = begun(process_manager)
    assert run.description.title in text_of(client.get("/live/bar").json())
    assert run.description.title not in text_of(client.get("/live/bar", params={"on_screen": run.id}).json())


def test_the_bar_of_a_paused_run_shows_its_new_title_at_once(
    client: TestClient, process_manager: JobManager
) -> None:
    run = begun(process_manager)
    process_manager.throttle.pause()
    job = process_manager.current
    until(lambda: job is not None and job.state == "paused")
    assert job is not None
    assert run.description.title in text_of(client.get("/live/bar").json())
    job.title = "Renamed"
    assert "Renamed" in text_of(client.get("/live/bar").json())


def test_films_do_not_wait_for_the_projection_worker(
    client: TestClient, process_manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begun(process_manager)
    projections = get_projections()
    monkeypatch.setattr(projections, "_work", lambda: None)  # its worker never answers
    ask = projections.ask

    def ask_at_once(question: MapQuestion, patience: float | None = 0.0, *, again: bool = False) -> Look:
        assert patience == 0.0, "it waits for the worker"
        return ask(question, patience, again=again)

    monkeypatch.setattr(projections, "ask", ask_at_once)
    for name in ("cloud", "placements", "placement"):
        assert client.get(f"/live/runs/{run.id}/{name}?features=random&map=pca").status_code == 204


def test_a_finished_run_turns_its_page_when_a_terminal_judges_it_and_is_missed_when_removed(
    client: TestClient, process_manager: JobManager
) -> None:
    job = start(process_manager, TINY.model_copy(update={"iterations": 2}))
    until(lambda: job.state == "finished")
    assert job.run_id is not None
    run = open_run(job.run_id, process_manager.runs_root)
    before = client.get(f"/live/runs/{run.id}/status").json()
    assert text_of(before).startswith("finished iteration 2 of 2")
    for _ in evaluate_run(run, None, load_dataset("digits"), EvaluateConfig(repeats=1, epochs=1)):
        pass
    until(
        lambda: client.get(f"/live/runs/{run.id}/status").json()["page_revision"] != before["page_revision"]
    )
    delete_run(run)
    assert client.get(f"/live/runs/{run.id}/status").status_code == 404


def test_viewers_of_one_revision_cause_one_packing_and_who_has_it_is_sent_nothing(
    client: TestClient, process_manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begun(process_manager)
    process_manager.throttle.pause()
    until(lambda: process_manager.current is not None and process_manager.current.state == "paused")
    packed: list[str] = []
    for name in ("image_grid", "live_loss"):
        pack = getattr(live, name)

        def counted(*arguments: Any, name: str = name, pack: Callable[..., Any] = pack) -> Any:
            packed.append(name)
            return pack(*arguments)

        monkeypatch.setattr(live, name, counted)
    for name in ("images", "loss"):
        address = f"/live/runs/{run.id}/{name}"
        with ThreadPoolExecutor(12) as viewers:
            answers = list(viewers.map(lambda _, address=address: client.get(address), range(12)))
        assert {answer.status_code for answer in answers} == {200}
        tag = answers[0].headers["ETag"]
        known = client.get(address, headers={"If-None-Match": tag})
        assert (known.status_code, known.content, known.headers["ETag"]) == (304, b"", tag)
        other = client.get(address, headers={"If-None-Match": '"another"'})
        assert other.content == answers[0].content
    assert packed == ["image_grid", "live_loss"]


def test_a_removed_run_is_missed_at_once_and_found_when_it_is_back(
    client: TestClient, process_manager: JobManager, tmp_path: Path
) -> None:
    job = start(process_manager, TINY.model_copy(update={"iterations": 2}))
    until(lambda: job.state == "finished")
    assert job.run_id is not None
    run = open_run(job.run_id, process_manager.runs_root)
    for address in (f"/live/runs/{run.id}/status", f"/live/runs/{run.id}/images"):
        assert client.get(address).status_code == 200
        run.path.rename(tmp_path / "elsewhere")
        assert client.get(address).status_code == 404
        (tmp_path / "elsewhere").rename(run.path)
        assert client.get(address).status_code == 200


def test_a_polling_line_is_told_how_soon_to_come_again(
    client: TestClient, process_manager: JobManager
) -> None:
    tabs = [client.get("/live/bar", params={"moment": "", "viewer": f"tab {tab}"}) for tab in range(12)]
    paces = [float(answer.headers["Poll-After"]) for answer in tabs]
    assert paces[0] < 0.1
    assert paces[-1] == pytest.approx(1.0)
    line = tabs[-1].json()
    same = client.get("/live/bar", params={"moment": line["revision"], "viewer": "tab 0"})
    assert (same.status_code, float(same.headers["Poll-After"])) == (204, pytest.approx(1.0))


def test_a_server_with_too_much_to_compute_asks_to_come_again_later(
    client: TestClient, process_manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_cache, "MOST_WAITING", 0)
    refused = client.get("/live/bar")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    monkeypatch.undo()
    assert client.get("/live/bar").status_code == 200


@pytest.mark.parametrize("name", ["../elsewhere", "%2e%2e%2fetc", "nothing-here"])
def test_an_address_names_a_run_below_the_root_or_nothing(client: TestClient, name: str) -> None:
    assert client.get(f"/live/runs/{name}/status").status_code == 404


def test_addresses_follow_the_path_that_the_server_lives_under(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.components.base_path.st.get_option", {"server.baseUrlPath": "/dm/"}.get)
    assert {route.path for route in live_routes()} >= {"/dm/live/bar", "/dm/live/runs/{run}/images"}
