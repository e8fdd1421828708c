"""Cost of set-ups and tables on the pages, and sizes that fit a given time."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from support.jobs import start
from support.pages import open_page, run_page, text_of
from support.waiting import until

from app.answers.question import Look, Progress
from app.jobs.manager import JobManager
from app.jobs.page_answers import get_page_answers
from app.jobs.run_presets import MORE_IMAGES
from app.jobs.speeds import record_of
from app.jobs.throttle import Throttle, least_seconds, slow_seconds
from app.jobs.timings import Speeds, data_shape, job_estimate
from app.setup.cost import takes_sentence
from app.setup.fitted_setup import TooShortError, fitted_setup, remedies, with_fewer_images
from dmcore.config import CondenseConfig, DsaConfig, EvaluateConfig
from dmcore.data.load import load_dataset
from dmcore.execution.cost import DataShape, condensation_workload, total_workload
from dmcore.execution.machine import LoadSample, MachineLoad
from dmcore.execution.plan import make_plan
from dmcore.execution.speed_record import SpeedRecord
from dmcore.runs.creation import create_run
from dmcore.runs.results.evaluation_tasks import evaluation_tasks, planned_evaluation

TINY = CondenseConfig(dataset="digits", images_per_class=1, width=8, depth=1, real_batch=4, iterations=300)
DATA = data_shape("digits")
assert isinstance(DATA, DataShape)


def choose(page: AppTest, key: str, value: str) -> str:
    """Choose a time, and the text of the page then."""
    (group,) = (group for group in page.button_group if group.key == key)
    group.set_value(value)
    return text_of(run_page(page)).replace("\u00a0", " ").replace("\u202f", " ").replace("\\", "")


def settled(page: AppTest) -> AppTest:
    """The page, once everything that it asked for is answered."""
    until(lambda: get_page_answers().idle)
    return run_page(page)


@pytest.fixture
def warm(process_manager: JobManager) -> JobManager:
    process_manager.warm_up()
    until(lambda: process_manager.device is not None)
    return process_manager


def test_given_time_is_put_into_the_form_as_iterations_with_the_reason(warm: JobManager) -> None:
    page = settled(open_page("watch.py", setup="open"))
    text = choose(page, "form_time", "5 min")
    assert re.search(r"\d+ images? each, [\d ]+ iterations: about \d+ (s|min)", text)
    assert page.toggle(key="replay").value is False, "iterations are the paper's"
    assert "suffice" not in text
    iterations = page.session_state["iterations"]
    assert iterations != 400
    page.number_input(key="iterations").set_value(7)
    run_page(page)
    assert page.session_state["form_time"] is None, "the set-up is not the one that was chosen any more"


def test_time_for_a_set_up_that_is_not_measured_yet_is_refused_in_a_sentence() -> None:
    assert DATA is not None
    with pytest.raises(ValueError, match="being measured: choose the time again"):
        fitted_setup(TINY, DATA, 60.0, Look())


def test_twice_the_time_gives_about_twice_the_iterations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert DATA is not None
    monkeypatch.setattr("app.jobs.timings.machine_load", quiet)
    record = SpeedRecord(tmp_path, "here")
    for batch in (32, 64, 128, 256):
        config = TINY.model_copy(update={"real_batch": batch})
        record.add(dict.fromkeys(condensation_workload(config, DATA).pieces, 0.1))
    look = Look(Speeds(record, 2, 0))
    once, twice = (fitted_setup(TINY, DATA, seconds, look).config.iterations for seconds in (60.0, 120.0))
    assert twice == pytest.approx(2 * once, rel=0.1)


def test_replay_stays_as_the_set_up_has_it_even_where_few_iterations_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert DATA is not None
    look = timed_look(tmp_path, monkeypatch, 0.01)
    replayed = TINY.model_copy(update={"replay": True})
    without, with_it = (fitted_setup(config, DATA, 15.0, look).config for config in (TINY, replayed))
    assert (without.replay, with_it.replay) == (False, True)
    assert without.iterations < 1000 < with_it.iterations


def timed_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update_seconds: float) -> Look[Speeds]:
    """Speeds of a quiet machine with two cores, on which an update of a test network takes so long."""
    assert DATA is not None
    monkeypatch.setattr("app.jobs.timings.machine_load", quiet)
    monkeypatch.setattr("app.setup.testing.workers_here", lambda: 2)
    record = SpeedRecord(tmp_path, "here")
    for batch in (32, 64, 128, 256):
        config = TINY.model_copy(update={"real_batch": batch})
        record.add(dict.fromkeys(condensation_workload(config, DATA).pieces, 0.01))
    record.add(dict.fromkeys(planned_evaluation(TINY, TESTS[0], DATA, 2).pieces, update_seconds))
    return Look(Speeds(record, 2, 0))


TESTS = tuple(EvaluateConfig(repeats=repeats, epochs=200) for repeats in (5, 4, 3, 2, 1))


def test_a_given_time_has_the_tests_and_the_networks_in_between_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert DATA is not None
    look = timed_look(tmp_path, monkeypatch, 0.002)
    assert look.value is not None
    fitted = fitted_setup(TINY, DATA, 60.0, look, TESTS, 0.2)
    testing = look.value.estimate(planned_evaluation(TINY, TESTS[0], DATA, 2)).seconds
    learning = look.value.estimate(condensation_workload(fitted.config, DATA)).seconds
    assert fitted.test == TESTS[0]
    assert fitted.test_seconds == pytest.approx(testing)
    assert 0 < testing < 30
    assert 50 < learning / (1 - 0.2) + testing <= 61  # beginning and end of a run are no iterations
    said = fitted.text(TESTS[0]).replace("\u00a0", " ").replace("\u202f", " ")
    assert re.fullmatch(r"1 image each, [\d ]+ iterations: about 60 s, \d+ s of it for the test\.", said)


def test_a_test_that_takes_most_of_the_time_has_fewer_networks_and_the_reason_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert DATA is not None
    look = timed_look(tmp_path, monkeypatch, 0.01)
    usual = fitted_setup(TINY, DATA, 3600.0, look, TESTS)
    assert usual.test == TESTS[0]
    fitted = fitted_setup(TINY, DATA, usual.test_seconds, look, TESTS)
    assert fitted.test == EvaluateConfig(repeats=2, epochs=200), "two are trained side by side"
    assert fitted.test_seconds <= usual.test_seconds / 2
    assert "for the test by 2 networks instead of 5" in fitted.text(TESTS[0])


def test_where_no_test_fits_fewer_images_or_no_test_are_offered_and_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert DATA is not None
    many = TINY.model_copy(update={"images_per_class": 50})
    look = timed_look(tmp_path, monkeypatch, 0.05)
    with pytest.raises(TooShortError, match=r"(1.min|60.s) is too short.*even with 2 networks"):
        fitted_setup(many, DATA, 60.0, look, TESTS)
    fewer, untested = remedies(many, DATA, 60.0, look, TESTS)
    assert fewer.config.images_per_class < 50
    assert fewer.test is not None
    assert 0 < fewer.test_seconds < 60
    assert (untested.config.images_per_class, untested.test, untested.test_seconds) == (50, None, 0)


def test_with_gradient_matching_a_time_chooses_iterations_alone_and_sizes_with_published_loops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert DATA is not None
    monkeypatch.setattr("app.jobs.timings.machine_load", quiet)
    record, one = SpeedRecord(tmp_path, "here"), DsaConfig(images_per_class=1, width=8, depth=1, real_batch=4)
    ten = one.model_copy(update={"images_per_class": 10})
    for config in (one, ten):
        record.add(dict.fromkeys(condensation_workload(config, DATA).pieces, 0.5))
    look = Look(Speeds(record, 2, 0))
    minute, long = (fitted_setup(one, DATA, seconds, look) for seconds in (60.0, 1e6))
    assert minute.config == one.model_copy(update={"iterations": minute.config.iterations})
    assert 50 <= minute.config.iterations <= 60, "a matching step of two halves takes a second"
    assert minute.seconds <= 60
    assert long.config.iterations == DsaConfig().iterations, "no more than published"
    with pytest.raises(TooShortError, match="too short for a single iteration"):
        fitted_setup(ten, DATA, 60.0, look)
    (fewer,) = remedies(ten, DATA, 60.0, look)
    assert fewer.config.images_per_class == 1
    assert with_fewer_images(ten, 1) == one


def test_photographs_get_no_more_iterations_than_they_stay_pictures_for_and_rather_no_test_than_fewer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert DATA is not None
    own = TINY.model_copy(update={"dataset": str(tmp_path), "images_per_class": 5})
    look = timed_look(tmp_path, monkeypatch, 0.002)
    fitted = fitted_setup(own, DATA, 3600.0, look, TESTS)
    assert (fitted.config.iterations, fitted.config.images_per_class) == (100, 5)
    assert fitted.would_fit > 10_000
    assert fitted.seconds == pytest.approx(100 * 0.02 + fitted.test_seconds, rel=0.01)
    said = fitted.text(TESTS[0]).replace("\u202f", " ")
    assert re.search(r"\. [\d ]+ iterations would fit, but turn photographs into patterns\.$", said)
    noise = fitted_setup(own.model_copy(update={"init": "noise"}), DATA, 3600.0, look, TESTS)
    assert noise.config.iterations == fitted.would_fit
    slow = timed_look(tmp_path / "slow", monkeypatch, 0.05)
    many = own.model_copy(update={"images_per_class": 50})
    (untested,) = remedies(many, DATA, 60.0, slow, TESTS)
    assert (untested.config.images_per_class, untested.test) == (50, None)
    assert not [*remedies(many, DATA, 60.0, slow)], "nor are they made fewer without a test"
    left = fitted_setup(own, DATA, fitted.seconds + 1, look, TESTS)
    assert left.test == TESTS[0], "what the iterations leave of the time is the test's"
    assert left.test_seconds > left.seconds / 2


def test_photographs_get_the_largest_real_batch_with_which_their_iterations_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert DATA is not None
    monkeypatch.setattr("app.jobs.timings.machine_load", quiet)
    own = TINY.model_copy(update={"dataset": str(tmp_path), "images_per_class": 5})
    record = SpeedRecord(tmp_path, "here")
    for batch in (32, 64, 128, 256):
        real, synthetic = condensation_workload(own.model_copy(update={"real_batch": batch}), DATA).pieces
        record.add({real: batch / 1000, synthetic: 0.001})
    look = Look(Speeds(record, 2, 0))
    fitted, shorter, shortest = (fitted_setup(own, DATA, seconds, look) for seconds in (60.0, 15.0, 2.0))
    assert (fitted.config.iterations, fitted.config.real_batch) == (100, 256)
    assert fitted.would_fit == int(60 / 0.257), "with the batch that was chosen"
    assert fitted.seconds == pytest.approx(25.7)
    assert (shorter.config.iterations, shorter.config.real_batch) == (100, 128)
    assert (shortest.config.iterations, shortest.config.real_batch) == (int(2 / 0.033), 32)


def page_of_time_choice() -> None:
    import streamlit as st

    from app.setup.time_choice import show_time_choice

    def fill(config: object) -> None:
        st.session_state["config"] = config

    show_time_choice(st.session_state["config"], fill)


def test_a_time_that_is_too_short_sets_fewer_images_and_offers_what_else_fits(
    process_manager: JobManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = timed_look(tmp_path, monkeypatch, 0.05)
    monkeypatch.setattr("app.setup.time_choice._speeds", lambda *_: look)
    page = AppTest.from_function(page_of_time_choice)
    page.session_state["config"] = TINY.model_copy(update={"images_per_class": 50})
    run_page(page)
    assert re.search(r"So that it fits: \d+ images? each, .* about \d+ s", choose(page, "form_time", "1 min"))
    assert page.session_state["form_time"] == "1 min"
    assert page.session_state["config"].images_per_class < 50
    choose(page, "form_time", "1 h")
    assert page.session_state["config"].images_per_class == 50, "a longer time begins from what was wanted"
    choose(page, "form_time", "1 min")
    (no_test,) = page.button
    assert no_test.label.startswith("No test")
    no_test.click()
    run_page(page)
    assert page.session_state["form_time"] == "1 min"
    assert page.session_state["test_at_end"] is False
    assert page.session_state["config"].images_per_class == 50


def test_a_test_that_is_off_stays_off_where_fewer_images_fit(
    process_manager: JobManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert DATA is not None
    look, many = timed_look(tmp_path, monkeypatch, 0.05), TINY.model_copy(update={"images_per_class": 50})
    assert look.value is not None
    matching = {
        piece: 100.0 for piece in condensation_workload(many, DATA).pieces if piece.kind == "matching"
    }
    look.value.record.add(matching)
    monkeypatch.setattr("app.setup.time_choice._speeds", lambda *_: look)
    page = AppTest.from_function(page_of_time_choice)
    page.session_state["config"] = many
    page.session_state["test_at_end"] = False
    run_page(page)
    assert "So that it fits: " in choose(page, "form_time", "1 min")
    assert not page.button
    assert page.session_state["form_time"] == "1 min"
    assert page.session_state["test_at_end"] is False
    assert page.session_state["config"].images_per_class < 50


def test_fewer_images_cap_every_size_of_a_race() -> None:
    race = MORE_IMAGES.config
    assert [spec.images_per_class for spec in with_fewer_images(race, 10).all_sets()] == [1, 10]
    assert with_fewer_images(race, 1) == race.model_copy(update={"sets": ()})


def test_table_says_what_it_costs_and_fits_a_given_time(warm: JobManager) -> None:
    page = settled(open_page("accuracy.py", data="Digits"))
    assert re.search(r"Takes about .*(s|min|h) on this machine", text_of(page))
    text = choose(page, "table_time", "5 min")
    assert re.search(r"Chosen for 5 min|Even the smallest table", text)
    assert page.session_state["table_time"] == "5 min"
    assert "seeds" in page.session_state
    page.multiselect(key="methods").set_value(["Random"])
    assert re.search(r"Chosen for|Even the smallest table", text_of(run_page(page))) is None
    assert page.session_state["table_time"] is None, "another table, though its sizes are the same"


def test_a_time_given_before_the_speed_is_known_takes_effect_once_it_is(
    warm: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = settled(open_page("accuracy.py", data="Digits"))
    with monkeypatch.context() as unmeasured:
        unmeasured.setattr("app.tables.cost.job_speeds", lambda _: Look(progress=Progress("measuring")))
        assert "chosen as soon as the speed" in choose(page, "table_time", "1 min")
        assert page.session_state["table_time"] == "1 min"
        assert page.session_state["seeds"] is None
        (group,) = (group for group in page.button_group if group.key == "table_time")
        group.set_value(None)
        run_page(page)
        assert page.session_state["table_time"] == "1 min", "a second click takes nothing back"
    text = text_of(run_page(page))
    assert re.search(r"Chosen for 60\s*s|Even the smallest table", text)
    assert page.session_state["seeds"] is not None
    run_page(page)
    assert page.session_state["table_time"] == "1 min"


def test_cost_of_a_set_up_of_unknown_data_is_not_said(process_manager: JobManager) -> None:
    assert takes_sentence([TINY.model_copy(update={"dataset": "/nowhere"})]) == ""


def test_slow_speed_adds_its_waits_and_the_throttle_counts_them() -> None:
    expected = sum(max(0.0, least_seconds(done) - 0.01) for done in range(10, 500))
    assert slow_seconds(10, 500, 0.01) == pytest.approx(expected)
    assert slow_seconds(490, 500, 0.01) == 0
    throttle = Throttle("slow")
    for iteration in (1, 2):
        assert throttle.wait(iteration, lambda: None)
    assert 0 < throttle.slowed <= 2 * least_seconds(1)


def test_the_first_number_of_a_time_with_waits_stays_while_the_machine_becomes_busy(
    process_manager: JobManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = timed_look(tmp_path, monkeypatch, 0.002)
    monkeypatch.setattr("app.setup.cost.job_speeds", lambda _: look)
    monkeypatch.setattr("app.setup.cost.requested_test", lambda: None)
    config = TINY.model_copy(update={"real_batch": 32})
    calm = re.search(r"about (\d+).s on", takes_sentence([config], "slow"))
    monkeypatch.setattr("app.jobs.timings.machine_load", BusyMachine)
    busy = re.search(r"about (\d+) to (\d+).s on", takes_sentence([config], "slow"))
    assert calm is not None
    assert busy is not None
    assert calm[1] == busy[1]


class BusyMachine(MachineLoad):
    """A machine on which everything takes three times as long."""

    def average_slowdown(self, threads: int) -> float:
        return 3.0


def test_finished_run_and_evaluation_teach_the_record_and_tell_their_remaining_time(warm: JobManager) -> None:
    config = TINY.model_copy(update={"iterations": 4000})  # for as long as a pace takes to be steady
    job = start(warm, config, evaluate=EvaluateConfig(repeats=2, epochs=8))
    until(lambda: job.snapshot is not None and job.snapshot.seconds_left is not None)
    until(lambda: job.snapshot is not None and job.snapshot.evaluation is not None, seconds=120)
    evaluation = job.snapshot and job.snapshot.evaluation
    assert evaluation is not None
    assert evaluation.seconds_left is not None
    until(lambda: not warm.busy, seconds=120)
    assert DATA is not None
    assert not record_of("cpu").missing(condensation_workload(config, DATA))


def test_evaluation_of_a_run_has_the_cost_of_its_networks(warm: JobManager) -> None:
    dataset = load_dataset("digits")
    plan = make_plan(TINY, dataset.shape, 10, "cpu")
    run = create_run(warm.runs_root, TINY, dataset, plan, "")
    data = run.description.data.data_shape
    assert data.train == len(dataset.train)
    tasks = evaluation_tasks(run, EvaluateConfig(repeats=2, epochs=5))
    workload = total_workload(task.workload(data, 2) for task in tasks)
    until(lambda: job_estimate(workload).value is not None)


def quiet() -> MachineLoad:
    """A machine on which nothing else runs."""
    return MachineLoad(lambda: LoadSample(0.0, 0.0, 0.0, 0.0))


def test_nothing_is_said_of_a_time_that_can_only_be_measured_later(
    process_manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.setup.cost.job_speeds", lambda workload: Look(progress=Progress("measuring")))
    monkeypatch.setattr("app.setup.cost.get_manager", lambda: type("Busy", (), {"busy": True}))
    assert takes_sentence((TINY,)) == ""
