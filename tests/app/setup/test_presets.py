"""Presets on the first screen: what they say, what they start, and a prediction before."""

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from support.pages import image_grids_of, open_page, run_page, text_of, type_new_option
from support.waiting import until

from app import ROOT
from app.answers.question import Look
from app.answers.service import Answers
from app.data.folders import cache_root, datasets
from app.jobs.manager import JobManager, get_manager
from app.jobs.page_answers import get_page_answers
from app.jobs.run_presets import BATCH_OR_INSTANCE, MORE_IMAGES, RUN_PRESETS, title_of
from app.jobs.timings import data_shape, job_estimate
from app.setup.person import person_hash
from app.setup.prediction import prediction_question
from app.setup.preset_picker import preset_facts
from app.views.watch.side_by_side import other_run
from dmcore.config import CondenseConfig, EvaluateConfig, SetChange
from dmcore.config.models import DEFAULT_DATASET
from dmcore.data.load import load_dataset
from dmcore.execution.cost import Estimate, Piece, condensation_workload
from dmcore.execution.machine import LoadSample, MachineLoad, machine_name, usable_cores
from dmcore.execution.plan import make_plan
from dmcore.execution.speed_record import START_SECONDS, SpeedRecord
from dmcore.runs.creation import create_run
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.prediction import (
    AccuracyPrediction,
    prediction_sentence,
    read_prediction,
    write_prediction,
)
from dmcore.runs.results.summary import protocol_sentences
from dmcore.runs.runs_root import open_run

PAGE = str(ROOT / "pages" / "watch.py")
TINY = CondenseConfig(dataset="digits", images_per_class=1, width=8, depth=1, real_batch=4, iterations=3)


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobManager]:
    monkeypatch.setenv("DM_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("DM_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("DM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("app.run.controls.SMALL_PROTOCOL", EvaluateConfig(repeats=1, epochs=1))
    monkeypatch.setattr("app.setup.testing.SMALL_PROTOCOL", EvaluateConfig(repeats=1, epochs=1))
    get_manager.release()
    yield get_manager()
    get_page_answers.release()
    get_manager.release()


@pytest.fixture
def page(manager: JobManager) -> AppTest:
    manager.warm_up()
    until(lambda: manager.device is not None)
    form = AppTest.from_file(PAGE, default_timeout=60)
    form.query_params["setup"] = "open"
    return form


def tiny_run(root: Path, config: CondenseConfig = TINY) -> RunFolder:
    dataset = load_dataset("digits")
    return create_run(root, config, dataset, make_plan(config, dataset.shape, 10, "cpu"), "")


def result(set_: str, mean: float, n: int = 5) -> StoredResult:
    return StoredResult.model_validate(
        {"set": set_, "iteration": 3, "network": "convnet", "mean": mean, "std": 0.8, "n": n}
        | {"accuracies": [mean] * n, "protocol": EvaluateConfig(), "kind": "condensed", "created": "1"}
    )


def test_chosen_preset_says_what_it_needs_takes_and_leaves_out(page: AppTest, manager: JobManager) -> None:
    text = text_of(run_page(page))
    assert "**Needs** nothing: no download" in text
    assert "**Takes** … being measured now" in text
    busy = r"( \(slowed by other programs\))?"
    said = rf"\*\*Takes\*\* about (\d+(.(s|min))? to )?\d+.(s|min) on this machine{busy} · \d+.MB of memory\."
    until(
        lambda: re.search(said, text_of(run_page(page))), "the time of learning and of the test", interval=0.5
    )
    page.pills(key="form_preset").set_value("The paper's CIFAR-10")
    text = text_of(run_page(page))
    assert "**Needs** CIFAR-10: 170 MB to download, once" in text
    assert "3 sizes share one real side" in text
    assert page.multiselect(key="images_per_class").value == ["1", "10", "50"]


def estimated(config: CondenseConfig) -> Look[Estimate]:
    data = data_shape(config.dataset)
    assert data is not None
    return job_estimate(condensation_workload(config, data))


def test_more_iterations_need_no_new_measurement(
    manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.jobs.timings.machine_load", lambda: quiet())
    until(lambda: estimated(TINY).value is not None)
    once, longer = (estimated(TINY.model_copy(update={"iterations": count})).value for count in (100, 300))
    assert once is not None
    assert longer is not None
    assert longer.seconds - START_SECONDS == pytest.approx(3 * (once.seconds - START_SECONDS))
    assert estimated(TINY.model_copy(update={"width": 4})).pending
    assert not estimated(TINY.model_copy(update={"width": 4096})).known


def test_what_is_known_of_this_machine_is_known_after_a_restart(manager: JobManager) -> None:
    until(lambda: estimated(TINY).value is not None)
    get_page_answers.release()
    manager.warm_up()
    until(lambda: manager.device is not None)
    record = SpeedRecord(cache_root(), machine_name("cpu", usable_cores()))
    data = data_shape("digits")
    assert data is not None
    assert not record.missing(condensation_workload(TINY, data))


def test_a_measurement_is_given_up_when_a_job_comes_and_made_when_it_has_ended(
    manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts: list[bool] = []
    job_is_on = threading.Event()

    def measure(
        pieces: Sequence[Piece], _device: str, _threads: int | None, keep_going: Callable[[], bool]
    ) -> Iterator[dict[Piece, float]]:
        if not attempts:
            job_is_on.set()  # it comes meanwhile
        attempts.append(keep_going())
        if attempts[-1]:
            yield dict.fromkeys(pieces, 1.0)

    monkeypatch.setattr("dmcore.bench.estimate.measure_pieces", measure)
    monkeypatch.setattr("app.jobs.timings.is_computing", job_is_on.is_set)
    monkeypatch.setattr("app.jobs.timings.machine_load", lambda: quiet())
    answers = Answers("test", job_is_on.is_set)
    monkeypatch.setattr("app.jobs.timings.get_page_answers", lambda: answers)
    revision = manager.revision
    estimated(TINY)
    until(lambda: attempts == [False])
    time.sleep(0.3)
    look = estimated(TINY)
    assert look.progress is not None
    assert look.progress.waiting
    assert manager.revision == revision
    job_is_on.clear()
    until(lambda: manager.revision > revision)  # pages look again
    estimate = estimated(TINY).value
    assert estimate is not None
    assert estimate.seconds == pytest.approx(2 * TINY.iterations + START_SECONDS)
    assert attempts == [False, True]
    answers.shutdown()


def quiet() -> MachineLoad:
    """A machine on which nothing else runs."""
    return MachineLoad(lambda: LoadSample(0.0, 0.0, 0.0, 0.0))


def test_a_refused_setup_has_no_time_and_is_not_measured_again(manager: JobManager) -> None:
    refused = TINY.model_copy(update={"depth": 8})  # eight halvings of 8 pixels
    until(lambda: not estimated(refused).pending)
    assert estimated(refused).failure is not None
    assert estimated(refused).value is None


def test_a_fresh_form_shows_the_usual_data_set_wherever_it_stands_in_the_catalogue(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = tuple(sorted(datasets(), key=lambda entry: entry.name == DEFAULT_DATASET))
    monkeypatch.setattr("app.setup.form.datasets", lambda: last)
    assert run_page(page).selectbox(key="dataset").value == DEFAULT_DATASET


def test_batch_against_instance_norm_starts_one_run_and_queues_the_other(
    page: AppTest, manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_page(page)
    page.pills(key="form_preset").set_value(BATCH_OR_INSTANCE.title)
    run_page(page)
    assert len(page.code[0].value.splitlines()) == 2
    page.button(key="watch_start").click()
    run_page(page)
    assert [job.title for job in manager.queued] == [BATCH_OR_INSTANCE.titles[1]]
    until(lambda: manager.current is not None and manager.current.snapshot is not None)
    assert "waits for this run; then both can be opened side by side" in text_of(run_page(page))
    manager.stop()
    until(lambda: not manager.queued and manager.current.snapshot is not None)  # type: ignore[union-attr]
    manager.stop()
    until(lambda: not manager.busy)
    run_page(page)
    assert "Side by side with “Batch norm, beside instance norm”" in [button.label for button in page.button]


def test_the_other_run_is_the_newest_of_the_other_setup(tmp_path: Path) -> None:
    first, second, newer = (
        tiny_run(tmp_path, config) for config in (*BATCH_OR_INSTANCE.configs, BATCH_OR_INSTANCE.then[0])
    )
    assert other_run(tmp_path, first) == newer
    assert other_run(tmp_path, second) == first
    assert other_run(tmp_path, tiny_run(tmp_path)) is None


def test_own_images_wait_for_a_path_and_say_what_lies_there(
    page: AppTest, manager: JobManager, tmp_path: Path
) -> None:
    for name in ("cat", "d<b>og"):
        (tmp_path / "mine" / name).mkdir(parents=True)
        for number in range(3):
            Image.new("L", (8, 8), 40 * number).save(tmp_path / "mine" / name / f"{number}.png")
    run_page(page)
    page.pills(key="form_preset").set_value("Your own images")
    text = text_of(run_page(page))
    assert "one folder of images for each class" in text
    assert page.button(key="watch_start").disabled
    page.text_input(key="form_path").set_value(str(tmp_path / "nowhere"))
    assert "There is nothing at" in text_of(run_page(page))
    assert page.button(key="watch_start").disabled
    page.text_input(key="form_path").set_value(str(tmp_path / ("x" * 300)))
    assert "cannot be read (File name too long)" in text_of(run_page(page)).replace("\\", "")
    assert page.button(key="watch_start").disabled
    page.text_input(key="form_path").set_value(str(tmp_path / "mine" / "cat"))
    assert r"“cat” has no class folders" in text_of(run_page(page)).replace("\\", "")
    assert page.button(key="watch_start").disabled
    page.text_input(key="form_path").set_value(str(tmp_path / "mine"))
    text = text_of(run_page(page))
    until(lambda: "kept for testing" in text_of(run_page(page)))
    assert r"2 of 6 images, the same share of each class, are kept for testing" in text_of(page)
    assert data_shape(str(tmp_path / "mine")) is not None, "its cost is estimated"
    (grid,) = image_grids_of(page)
    assert grid["alt"] == "2 of your images for each of the 2 classes."
    assert grid["class_names"] == [f"{name}: 2 to learn from, 1 for the test" for name in ("cat", "d<b>og")]
    assert "Networks see 8×8 pixels in grey." in text_of(page).replace("\\", "")
    assert r"6 images of 2 classes\: cat, d\<b\>og" in text
    assert page.selectbox(key="dataset").value == str(tmp_path / "mine")
    assert page.pills(key="form_preset").value == "Your own images"
    assert page.multiselect(key="images_per_class").value == ["1"], "two images are there to learn from"
    assert "photographs turn into coloured patterns" in text_of(page)
    assert not page.button(key="watch_start").disabled
    page.multiselect(key="images_per_class").set_value(["3"])
    assert "take 1 per class" in text_of(run_page(page))
    assert page.button(key="watch_start").disabled
    page.button(key="form_fitting_setup").click()
    run_page(page)
    assert page.multiselect(key="images_per_class").value == ["1"]
    assert not page.button(key="watch_start").disabled
    page.pills(key="form_preset").set_value(MORE_IMAGES.title)
    run_page(page)
    assert page.selectbox(key="dataset").value == "fashion"


def test_a_path_that_came_with_the_address_is_read_after_a_click(
    manager: JobManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    monkeypatch.setattr(
        "app.setup.preset_picker.describe_folder", lambda path: read.append(path) or "6 images."
    )
    page = open_page("watch.py", dataset=str(tmp_path))
    assert "Nothing there has been read yet" in text_of(page)
    assert page.text_input(key="form_path").value == str(tmp_path)
    assert not page.button(key="watch_start").disabled
    assert read == []
    page.button(key="read_this_folder").click()
    assert "6 images" in text_of(run_page(page))
    assert set(read) == {str(tmp_path)}


def test_a_path_typed_into_the_data_set_field_is_read_at_once(
    manager: JobManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.setup.preset_picker.describe_folder", lambda path: "6 images.")
    page = open_page("watch.py", setup="open")
    type_new_option(page, "dataset", str(tmp_path))
    assert "6 images" in text_of(run_page(page))
    assert page.multiselect(key="images_per_class").value == ["5"], "no one image each from noise"
    assert page.pills(key="init").value == ["real"]
    assert page.number_input(key="iterations").value == 100


def sizes(page: AppTest) -> tuple[object, ...]:
    """Data set, images per class, start and iterations in the form."""
    return (
        page.selectbox(key="dataset").value,
        *page.multiselect(key="images_per_class").value,
        *page.pills(key="init").value,
        page.number_input(key="iterations").value,
    )


def test_a_path_at_which_nothing_is_leaves_the_sizes_until_it_is_mended(
    manager: JobManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page("watch.py", setup="open")
    type_new_option(page, "dataset", "fashon")
    assert "There is nothing at fashon" in text_of(run_page(page))
    assert sizes(page) == ("fashon", "1", "noise", 500)
    monkeypatch.setattr("app.setup.preset_picker.describe_folder", lambda path: "6 images.")
    page.text_input(key="form_path").set_value(str(tmp_path))
    run_page(page)
    assert sizes(page) == (str(tmp_path), "5", "real", 100)


def test_a_known_data_set_gets_the_sizes_back_that_ones_own_images_replaced(
    manager: JobManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.setup.preset_picker.describe_folder", lambda path: "6 images.")
    page = open_page("watch.py", setup="open")
    type_new_option(page, "dataset", str(tmp_path))
    assert sizes(run_page(page)) == (str(tmp_path), "5", "real", 100)
    page.text_input(key="form_path").set_value("digits")
    assert sizes(run_page(page)) == ("digits", "1", "noise", 500)
    type_new_option(page, "dataset", str(tmp_path))
    assert sizes(run_page(page)) == (str(tmp_path), "5", "real", 100)
    page.number_input(key="iterations").set_value(77)
    run_page(page)
    page.selectbox(key="dataset").set_value("digits")
    assert sizes(run_page(page)) == ("digits", "5", "real", 77), "somebody chose a size"


def test_sizes_that_somebody_chose_stay_for_a_path_that_is_typed(
    manager: JobManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.setup.preset_picker.describe_folder", lambda path: "6 images.")
    page = open_page("watch.py", setup="open")
    page.number_input(key="iterations").set_value(77)
    run_page(page)
    type_new_option(page, "dataset", str(tmp_path))
    assert run_page(page).number_input(key="iterations").value == 77


def test_a_second_start_is_said_to_be_a_second_set(page: AppTest) -> None:
    assert "side by side" not in text_of(run_page(page))
    page.pills(key="init").set_value(["noise", "real"])
    assert "2 starts make 2 sets, shown side by side. For one set, click the other start again" in text_of(
        run_page(page)
    )
    page.pills(key="init").set_value(["noise", "real", "wrong_class"])
    assert "For one set, click the others again: they are left out" in text_of(run_page(page))


def test_a_known_data_set_is_no_path_even_where_a_folder_has_its_name(
    manager: JobManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mnist").mkdir()
    page = open_page("watch.py", setup="open")
    page.selectbox(key="dataset").set_value("mnist")
    run_page(page)
    page.pills(key="form_preset").set_value("Your own images")
    run_page(page)
    assert page.text_input(key="form_path").value == "", "no folder was used last"


def test_prediction_is_stored_and_compared_with_the_result_for_who_made_it(
    page: AppTest, manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.setup.person.person_id", lambda: "cookie of Ada")
    tiny = {"width": "8", "depth": "1", "real_batch": "4", "iterations": "3"}
    page.query_params.update(tiny | {"dataset": "digits", "init": ["real", "noise"]})
    run_page(page)
    assert not page.slider
    page.toggle(key="guess_first").set_value(True)
    run_page(page)
    assert (
        page.slider(key="form_prediction").label == "A network that sees only these 10 images will score … %"
    )
    page.slider(key="form_prediction").set_value(60)
    run_page(page)
    page.button(key="watch_start").click()
    run_page(page)
    until(lambda: manager.current is not None and not manager.busy)
    assert manager.current is not None
    run = open_run(str(manager.current.run_id), manager.runs_root)
    assert read_prediction(run) == AccuracyPrediction(accuracy=60.0, images_per_class=1, person=person_hash())
    assert "cookie" not in (run.path / "guess.json").read_text()
    compared = r" 60 %: from real images it is [\d.]+ % \(1 network\)"
    assert re.search(f"You predicted{compared}", text_of(open_page("watch.py", run=run.id)))  # a reload
    monkeypatch.setattr("app.setup.person.person_id", lambda: "cookie of Bob")
    others = text_of(open_page("watch.py", run=run.id))
    assert re.search(f"The prediction before the start was{compared}", others)
    assert "You predicted" not in others


def test_prediction_names_the_distance_of_every_set_of_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.setup.person.person_id", lambda: "cookie of Ada")
    sets = (SetChange(init="real"), SetChange(init="noise"), SetChange(images_per_class=2))
    run = tiny_run(tmp_path, TINY.model_copy(update={"sets": sets}))
    assert prediction_sentence(run, [], person_hash()) is None
    write_prediction(run, 60.0, person_hash())
    assert prediction_sentence(run, [], person_hash(), pending=True) == "Your prediction: 60 %."
    assert (
        prediction_sentence(run, [], person_hash()) == "Your prediction: 60 %. “Evaluate” shows the result."
    )
    assert (
        prediction_sentence(run, [result("real-1", 88.4)], person_hash(), pending=True)
        == "Your prediction: 60 %."
    )
    sentence = prediction_sentence(run, [result("real-1", 88.4), result("noise-1", 59.0)], person_hash())
    assert sentence is not None
    assert sentence.replace("\u00a0", " ") == (
        "You predicted 60 %: 1 per class, from real images it is 88.4 ± 0.8 % (5 networks), 28 points above; "
        "1 per class, from noise it is 59.0 ± 0.8 % (5 networks), 1 point below."
    )
    write_prediction(run, 60.0)  # as runs of before hold it, or as somebody else made it
    assert prediction_sentence(run, [], person_hash()) is None
    assert prediction_sentence(run, [result("real-1", 88.4)], person_hash(), pending=True) is None
    impersonal = prediction_sentence(run, [result("real-1", 88.4), result("noise-1", 59.0)], person_hash())
    assert impersonal == sentence.replace("You predicted", "The prediction before the start was")
    assert (
        prediction_question(MORE_IMAGES.config)
        == "A network that sees only these 10 images (1 per class) will score"
    )
    with pytest.raises(ValueError, match="predict between 0 and 100"):
        write_prediction(run, 101.0)
    for damage in ("{torn", "[]", '{"accuracy": "NaN", "images_per_class": 1}'):
        (run.path / "guess.json").write_text(damage)
        assert read_prediction(run) is None


def test_a_stopped_evaluation_is_compared_with_the_prediction_and_says_on_how_many_networks_that_rests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.setup.person.person_id", lambda: "cookie of Ada")
    run = tiny_run(tmp_path)
    (described,) = run.sets
    write_prediction(run, 60.0, person_hash())
    stopped = [result(described.name, 63.0, n=2)]
    sentence = prediction_sentence(run, stopped, person_hash())
    assert sentence is not None
    assert sentence.replace("\u00a0", " ") == (
        "You predicted 60 %: it is 63.0 ± 0.8 % (2 networks), 3 points above. "
        "This rests on 2 of 5 networks: the evaluation was stopped."
    )
    (protocol, *_) = protocol_sentences(run, stopped, testing=False)
    assert protocol.startswith("Condensed: 2 of 5 fresh networks (stopped before the others), ")
    (protocol, *_) = protocol_sentences(run, stopped, testing=True)
    assert protocol.startswith("Condensed: 2 of 5 fresh networks so far, ")
    (protocol, *_) = protocol_sentences(run, [result(described.name, 63.0)], testing=False)
    assert protocol.startswith("Condensed: 5 fresh networks, ")


def test_titles_of_preset_runs_differ() -> None:
    assert len({title_of(config) for config in BATCH_OR_INSTANCE.configs}) == 2


def test_a_class_with_fewer_images_than_an_iteration_asks_for_is_told() -> None:
    digits = CondenseConfig(dataset="digits", real_batch=256)
    (differs,) = (fact for fact in preset_facts(digits) if "Differs" in fact)
    assert "139 real images of the smallest class instead of 256 of each" in differs
    enough = digits.model_copy(update={"real_batch": 64})
    (differs,) = (fact for fact in preset_facts(enough) if "Differs" in fact)
    assert "the smallest has" not in differs


def test_a_set_up_with_replay_says_so() -> None:
    with_it = "\n".join(preset_facts(CondenseConfig(dataset="digits", replay=True)))
    assert "one in 8 iterations has a new network and new real images" in with_it
    assert "one of the last 32" in with_it
    assert "Replays" not in "\n".join(preset_facts(CondenseConfig(dataset="digits")))


def test_no_preset_replays() -> None:
    assert not any(getattr(config, "replay", False) for preset in RUN_PRESETS for config in preset.configs)
