"""Reading one's own images beside the page: it ends with its service, and what failed is tried again."""

import threading
import time
from pathlib import Path

import pytest
from PIL import Image
from support.waiting import until

from app.jobs.manager import JobManager
from app.jobs.page_answers import get_image_readings, get_page_answers
from app.jobs.run_presets import OWN_IMAGES
from app.setup.own_images import RETRY_SECONDS, OwnImagesQuestion
from app.setup.own_setup import (
    CALM_ITERATIONS,
    PHOTOGRAPHS,
    change_label,
    fitting_count,
    fitting_setup,
    fitting_start,
    has_fitting_start,
    most_iterations,
    outlook,
)
from dmcore.config import DsaConfig, SetChange
from dmcore.data import load
from dmcore.data.download import ReportLoading
from dmcore.data.images import DataSet


def test_a_long_reading_ends_with_its_service(
    process_manager: JobManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    def read_for_ever(
        name: str, root: Path, download: bool, progress: ReportLoading, class_names: tuple[str, ...]
    ) -> DataSet:
        begun.set()
        while True:
            progress("reading", 0, 1)
            time.sleep(0.01)

    monkeypatch.setattr(load, "load_dataset", read_for_ever)
    question = OwnImagesQuestion(str(tmp_path / "mine"), ())
    readings = get_image_readings()
    assert readings.ask(question).pending
    assert begun.wait(30)
    assert get_page_answers().idle, "other answers do not wait for it"
    ending = threading.Thread(target=get_image_readings.release, daemon=True)
    ending.start()
    ending.join(30)
    assert not ending.is_alive()
    assert not readings.look(question).known


def test_a_folder_that_cannot_be_read_is_read_again_when_it_changes_and_after_a_while(
    process_manager: JobManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "nowhere")
    readings = get_image_readings()
    readings.ask(OwnImagesQuestion(path, ()))
    until(lambda: readings.idle)
    failed = readings.look(OwnImagesQuestion(path, ())).failure
    assert failed is not None
    assert not readings.ask(OwnImagesQuestion(path, ())).pending
    assert readings.ask(OwnImagesQuestion(path, (1,))).pending
    until(lambda: readings.idle)
    monkeypatch.setattr(OwnImagesQuestion, "retry_seconds", 0)
    assert OwnImagesQuestion.retry_seconds < RETRY_SECONDS < 60
    assert readings.ask(OwnImagesQuestion(path, ())).pending


def test_as_many_images_are_learned_as_suit_the_folder_unless_somebody_chose_a_number(tmp_path: Path) -> None:
    assert [fitting_count(smallest) for smallest in (1, 2, 9, 24, 500)] == [1, 1, 4, 5, 5]
    for name, number in (("cat", 10), ("dog", 30)):
        (tmp_path / name).mkdir()
        for index in range(number):
            Image.new("L", (8, 8), index).save(tmp_path / name / f"{index}.png")
    path, preset = str(tmp_path), OWN_IMAGES.config
    assert fitting_setup(preset, path) == preset.model_copy(update={"dataset": path, "images_per_class": 4})
    chosen = preset.model_copy(update={"images_per_class": 2})
    assert fitting_setup(chosen, path) == chosen.model_copy(update={"dataset": path})
    assert fitting_setup(preset, "/nowhere") == preset.model_copy(update={"dataset": "/nowhere"})


def test_pictures_are_promised_only_where_they_stay_some() -> None:
    many = OWN_IMAGES.config.model_copy(update={"iterations": 1412})
    few = many.model_copy(update={"iterations": CALM_ITERATIONS})
    assert "still pictures that you recognise" in outlook(few, 24)
    assert "made for networks, not for eyes" in outlook(few, 24)
    said = outlook(many, 24).replace("\u202f", " ")
    assert said.startswith("Made for networks, not for eyes: after 1 412 iterations photographs turn into")
    assert said.endswith(f"take {CALM_ITERATIONS} iterations or fewer.")
    assert "still pictures" in outlook(OWN_IMAGES.config, 24), "the preset is a set-up with something to see"
    still = few.model_copy(update={"images_per_class": 10})
    assert "hardly change" in outlook(still, 24)
    assert outlook(still, 24).endswith("take 5 per class.")


def test_what_to_expect_is_said_and_what_to_try_is_possible() -> None:
    one = OWN_IMAGES.config.model_copy(update={"images_per_class": 1})
    noise = OWN_IMAGES.config.model_copy(update={"init": "noise"})
    assert outlook(one, 24).endswith("take 5 per class.")
    assert outlook(one.model_copy(update={"init": "noise", "iterations": 500}), 24).endswith(
        "start from real images, 5 per class, 100 iterations or fewer."
    )
    assert "coloured noise" in outlook(noise, 24)
    assert f"give {PHOTOGRAPHS} photographs" in outlook(one, 2)
    both = one.model_copy(update={"sets": (SetChange(images_per_class=1), SetChange(images_per_class=10))})
    assert [has_fitting_start(each) for each in (OWN_IMAGES.config, one, noise, both)] == [True, *3 * [False]]
    kept_for_training = PHOTOGRAPHS - PHOTOGRAPHS // 5
    better = OWN_IMAGES.config.model_copy(update={"images_per_class": fitting_count(kept_for_training)})
    assert has_fitting_start(better)


@pytest.mark.parametrize(
    ("count", "image_lr", "stays"),
    [(1, 0.1, False), (1, 0.2, False), (3, 0.6, False), (4, 0.8, True), (4, 0.9, False), (5, 0.1, True)],
)
def test_few_images_of_a_class_become_a_pattern_at_any_learning_rate(
    count: int, image_lr: float, stays: bool
) -> None:
    config = OWN_IMAGES.config.model_copy(update={"images_per_class": count, "image_lr": image_lr})
    assert has_fitting_start(config) is stays
    assert ("turn into coloured patterns, and can teach" in outlook(config, 24)) is not stays


def test_a_learning_rate_that_is_too_large_or_too_small_is_what_the_advice_changes() -> None:
    large, small = (OWN_IMAGES.config.model_copy(update={"image_lr": image_lr}) for image_lr in (4, 0.1))
    assert outlook(large, 24).endswith("To recognise something, take learning rate 1.")
    assert outlook(small, 24) == (
        "With so small a step for each image photographs hardly change, so there is little to see. "
        "To see more, take learning rate 1."
    )


def test_the_remedy_leaves_every_other_choice_as_it_is() -> None:
    others = {"seed": 7, "width": 16, "network": "vgg11", "augment": ("flip",), "real_batch": 32}
    config = OWN_IMAGES.config.model_copy(update={**others, "init": "noise", "iterations": 500})
    assert fitting_start(config, 24) == OWN_IMAGES.config.model_copy(update=others)


def test_gradient_matching_is_let_stand_but_for_images_that_are_not_there() -> None:
    config = DsaConfig(dataset="/mine", images_per_class=10, image_lr=0.3, iterations=200)
    assert fitting_start(config, 24) == config
    better = fitting_start(config, 2)
    assert better == config.model_copy(update={"images_per_class": 1})
    assert change_label(config, better) == "Take 1 per class"


@pytest.mark.parametrize(
    ("changes", "smallest", "better", "label"),
    [
        ({}, 24, {}, None),
        ({"iterations": 1412}, 24, {"iterations": 100}, "Take 100 iterations"),
        ({"images_per_class": 1, "iterations": 1453}, 24, {}, "Take 5 per class, 100 iterations"),
        ({"images_per_class": 10}, 24, {}, "Take 5 per class"),
        ({"init": "noise"}, 24, {}, "Start from real images"),
        ({"init": "noise", "iterations": 500}, 24, {}, "Start from real images, 100 iterations"),
        ({"image_lr": 4.0}, 24, {}, "Take learning rate 1"),
        ({"image_lr": 0.1}, 24, {}, "Take learning rate 1"),
        ({"images_per_class": 1, "image_lr": 0.1}, 24, {}, "Take 5 per class, learning rate 1"),
        ({"images_per_class": 7, "iterations": 500}, 24, {"images_per_class": 7}, "Take 100 iterations"),
        ({"images_per_class": 1, "iterations": 500}, 2, {"images_per_class": 1, "iterations": 500}, None),
        ({"images_per_class": 3}, 2, {"images_per_class": 1}, "Take 1 per class"),
    ],
)
def test_the_remedy_sets_everything_that_the_advice_names(
    changes: dict[str, object], smallest: int, better: dict[str, object], label: str | None
) -> None:
    config = OWN_IMAGES.config.model_copy(update={"dataset": "/mine", **changes})
    found = fitting_start(config, smallest)
    assert found == OWN_IMAGES.config.model_copy(update={"dataset": "/mine", **better})
    assert found == config if label is None else change_label(config, found) == label
    if has_fitting_start(found):
        assert "still pictures" in outlook(found, smallest)


def test_a_given_time_leaves_pictures_of_photographs_that_can_stay_some() -> None:
    own = OWN_IMAGES.config.model_copy(update={"dataset": "/mine"})
    assert most_iterations(own) == CALM_ITERATIONS == 100
    assert most_iterations(own.model_copy(update={"init": "noise"})) == 20_000
    assert most_iterations(OWN_IMAGES.config) == 20_000, "no photographs"
