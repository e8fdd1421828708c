"""The page Race: empty, running, paused, stopped, finished, failed; what it says, and its address."""

import re
import time
from functools import partial

import pytest
from support.gallery.made_up import PROVENANCE, write_provenance
from support.jobs import ended
from support.live_routes import live_client
from support.pages import figures_of, image_grids_of, lines_of, open_page, plain_spaces, tables_of, text_of
from support.waiting import until

from app.answers.question import Look
from app.jobs.race_work import IMAGES_SECONDS, RaceWork
from app.text.status import Status
from app.views.race import sections
from app.views.race.plot import ITERATIONS, race_figure
from app.views.race.race_state import race_state
from app.views.race.texts import fairness_text
from dmcore.execution.cost import Estimate
from dmcore.experiments.figure4.config import Figure4Config
from dmcore.experiments.figure4.results import (
    FILE,
    LaneFailure,
    RacePoint,
    RaceResults,
    race_folder,
    read_race,
    write_race,
)

TINY = Figure4Config(
    dataset="digits", images_per_class=1, seconds=1, seeds=1, repeats=1, epochs=1, width=4, real_batch=4
)
QUERY = {"race_images": "1", "race_seconds": "1", "race_seeds": "1", "race_repeats": "1", "race_epochs": "1"}
QUERY |= {"race_width": "4", "race_real": "4"}
opened = partial(open_page, "race.py", race_data="Digits")


def labels(page):
    return [button.label for button in page.button]


def finished(runs_root, **changes):
    points = [
        RacePoint(
            seed=seed,
            method=method,
            moment=moment,
            seconds=moment / 8,
            iterations=10 * moment,
            accuracies=(50 + moment + seed + (2 if method == "dm" else 0),),
        )
        for seed in range(TINY.seeds)
        for method in TINY.lanes
        for moment in range(9)
    ]
    results = RaceResults(
        config=TINY, points=tuple(points), data_title="Digits", machine="two cores", **changes
    )
    write_race(race_folder(runs_root, TINY), results)
    return results


def test_it_opens_with_the_papers_points_their_machine_and_the_button(process_manager):
    page = opened()
    text = text_of(page)
    assert "Nothing ran here yet: 27 min of condensing" in text.replace("\\", "")
    assert "on one GTX 1080" in text
    assert labels(page) == ["Run it here"]
    (figure,) = figures_of(page)
    assert "DSA 15 h" in plain_spaces(figure["alt"])
    assert "One clock." in text


def test_a_race_runs_and_tells_who_is_ahead(process_manager):
    page = opened(**QUERY)
    page.button(key="race_run").click().run()
    job = process_manager.job_about("race", TINY.key)
    assert ended(job) == Status.FINISHED
    page = opened(**QUERY)
    assert labels(page) == []
    lines = lines_of(page)
    assert any("finished" in line and "27 of 27 tests" in line for line in lines)
    assert any("%" in line and "with" in line for line in lines)
    assert len(image_grids_of(page)[0]["lanes"]) == 3
    assert "Computed on" in text_of(page)
    assert len(tables_of(page)) == 1


def test_progress_is_published_and_a_stop_leaves_it_to_be_continued(process_manager):
    long = TINY.model_copy(update={"seconds": 3600, "images_per_class": 10})
    job = process_manager.submit(RaceWork(config=long))
    until(lambda: job.race_progress is not None, "a lane has moved")
    state = race_state(process_manager, long)
    assert state.status is Status.RUNNING
    assert "clocks: DM" in " ".join(part.text for part in state.line.parts)
    assert set(state.progress.images) <= {"dm", "dc", "dsa"}
    assert state.progress.images["dm"].shape == (10, 10, 1, 8, 8)
    job.throttle.pause()
    until(lambda: job.state is Status.PAUSED, "it is paused")
    clocks = race_state(process_manager, long).progress.clocks
    time.sleep(IMAGES_SECONDS + 0.3)  # by then it would have been published again
    assert race_state(process_manager, long).progress.clocks == clocks
    process_manager.stop()
    assert ended(job) == Status.STOPPED
    page = opened(**{**QUERY, "race_seconds": "3600", "race_images": "10"})
    assert labels(page) == ["Continue"]
    stored = read_race(process_manager.runs_root, long)
    assert {point.method for point in stored.points} == {"dm", "dc", "dsa"}


def test_a_recorded_race_is_shown_thin_until_one_ran_here(process_manager, tmp_path, monkeypatch):
    monkeypatch.setenv("DM_GALLERY", str(tmp_path / "gallery"))
    finished(tmp_path / "gallery" / "runs")
    write_provenance(tmp_path / "gallery", "race", "race", "A race", f"figure4-{TINY.key}")
    page = opened(**{**QUERY, "race_seconds": "9"})  # another time: the nearest recorded race is shown
    text = text_of(page).replace("\\", "")
    assert "Recorded: 1 race of DM, DC and DSA, 1 s each." in text
    assert "With the settings above it takes, here: 27 s of condensing" in text
    assert PROVENANCE in text
    assert labels(page) == ["Run it here", "Hide recorded results"]
    page.button(key="race_recorded_hide").click().run()
    page = opened(**QUERY)
    assert "Nothing ran here yet" in text_of(page)
    assert labels(page) == ["Run it here", "Show recorded results"]
    page.button(key="race_recorded_show").click().run()
    finished(process_manager.runs_root)
    assert "Recorded:" not in text_of(opened(**QUERY))
    page = opened(race_images="10")
    assert "Nothing ran here yet" in text_of(page)


def test_the_recorded_race_stays_until_the_first_test_of_ones_own(process_manager, monkeypatch):
    monkeypatch.delenv("DM_GALLERY")
    first = process_manager.submit(RaceWork(config=TINY.model_copy(update={"seconds": 3600})))
    until(lambda: first.race_progress is not None, "the first race is at work")
    process_manager.submit(RaceWork(config=Figure4Config()), queue=True)
    page = open_page("race.py")
    text = text_of(page).replace("\\", "")
    assert "It stays below until the first test of yours." in text
    assert "With the settings above" not in text
    (figure,) = figures_of(page)
    assert "DM 80.2 ± 0.3 %" in plain_spaces(figure["alt"])
    assert len(image_grids_of(page)[0]["lanes"]) == 3, "of the recorded race, while nothing has moved"


def test_it_opens_with_the_race_that_came_with_the_program(process_manager, monkeypatch):
    monkeypatch.delenv("DM_GALLERY")
    page = open_page("race.py")
    text = text_of(page).replace("\\", "")
    assert "Recorded: 3 races of DM, DC and DSA, 3 min each." in text
    assert re.search(r"Recorded \d+ \w+ 20\d\d on .*, 3 sets × 2 networks, .*commit [0-9a-f]{7}\.", text)
    assert "Run it here" in labels(page)
    assert len(image_grids_of(page)[0]["lanes"]) == 3
    assert "DM against DSA after 3 min" in text


def test_the_time_of_the_tests_is_told_before_it_is_started(process_manager, monkeypatch):
    workloads = []

    def estimate(workload):
        workloads.append(workload)
        return Look(Estimate(190.0, 190.0))

    monkeypatch.setattr(sections, "job_estimate", estimate)
    text = text_of(opened(**QUERY)).replace("\\", "")
    assert "3 s of condensing (1 race of 3 methods, 1 s each), and about 3 min of tests (27 networks)" in text
    workload = workloads[0]
    (updates,) = (count for piece, count in workload.counts if piece.kind == "update")
    assert updates == 27 * 2, "an epoch of one minibatch, and the one more of the published loop"


def test_live_addresses_answer_and_unknown_races_are_refused(process_manager):
    finished(process_manager.runs_root)
    client = live_client()
    race = f"/live/races/figure4-{TINY.key}"
    assert client.get(f"{race}/status").json()["parts"][0]["text"] == "finished"
    assert "%" in client.get(f"{race}/answer").json()["parts"][0]["text"]
    assert client.get(f"{race}/curves?against=iterations").json()["revision"] == 27
    assert client.get("/live/races/figure4-000000000000/curves").status_code >= 400
    assert client.get("/live/races/..%2F/curves").status_code >= 400


def test_iterations_are_called_another_question(process_manager):
    finished(process_manager.runs_root)
    page = opened(**QUERY, race_against=ITERATIONS)
    assert "That is another question than time" in text_of(page).replace("\\", "")


def test_a_failed_lane_is_named_and_damage_has_a_remedy(process_manager):
    failures = tuple(LaneFailure(seed=0, method=method, sentence="it diverged") for method in TINY.lanes)
    results = RaceResults(config=TINY, failures=failures)
    write_race(race_folder(process_manager.runs_root, TINY), results)
    page = opened(**QUERY)
    assert "DC in race 1: it diverged" in text_of(page).replace("\\", "")
    assert race_state(process_manager, TINY).status is Status.FAILED
    (race_folder(process_manager.runs_root, TINY) / FILE).write_text("{")
    page = opened(**QUERY)
    assert "delete it, and run the race again" in text_of(page).replace("\\", "")
    assert labels(page) == []


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"race_methods": "DM"}, "A race needs at least two methods"),
        ({"race_images": "7"}, ""),
    ],
)
def test_wrong_choices_get_a_sentence_and_no_button(process_manager, query, sentence):
    page = opened(**query)
    assert sentence in text_of(page)
    assert ("Run it here" in labels(page)) == (not sentence)


def test_curves_have_the_colours_of_the_methods_and_a_start_on_a_log_axis(process_manager):
    figure = race_figure(finished(process_manager.runs_root), "seconds")
    lines = [trace for trace in figure["data"] if trace["mode"] == "lines+markers"]
    assert [trace["name"] for trace in lines] == ["DM", "DC", "DSA"]
    assert [trace["line"]["color"] for trace in lines] == ["var(--dm)", "var(--dc)", "var(--dsa)"]
    assert min(lines[0]["x"]) == pytest.approx(1 / 128)
    assert figure["layout"]["xaxis"]["type"] == "log"


def test_what_is_fair_is_told():
    text = fairness_text(TINY)
    for word in ("One clock", "Tests stand outside", "The same judges", "The same problem"):
        assert word in text
