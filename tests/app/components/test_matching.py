"""The scene of a matching step: what it says on each phase, and what is sent of it."""

import math
from dataclasses import replace

import numpy as np
import pytest
from support.frames import unpack_pixels

from app.components.matching.sentences import PHASES, phase_sentences
from app.components.packed_frame import pack_frame
from dmcore.config import DcConfig, DsaConfig
from dmcore.runs.recompute.matching_scene import LayerScene, MatchingScene
from dmcore.runs.recompute.matching_values import Epoch, LastLayerRow

CONFIG = DsaConfig(dataset="fashion", width=32, images_per_class=10)


def pictures(count: int, value: int, side: int = 2) -> np.ndarray:
    return np.full((count, 1, side, side), value, np.uint8)


SCENE = MatchingScene(
    iteration=3,
    outer=1,
    outer_steps=10,
    images_per_class=10,
    batch=256,
    operation="Rotate",
    parameters={"degrees": -7.0},
    loss=93.2671,
    mean_loss=90.1,
    next_loss=91.0312,
    moved=0.31,
    gradient_range=0.2,
    filter_range=0.3,
    real=pictures(6, 1),
    real_augmented=pictures(6, 2),
    synthetic=pictures(6, 3),
    synthetic_augmented=pictures(6, 4),
    after=pictures(6, 5),
    gradient=pictures(6, 6),
    filters=pictures(12, 7, side=3),
    layers=(LayerScene("last layer", 2.0, 1.0, 9.5, 0.05, np.full((1, 1, 1, 10), 8, np.uint8)),),
    last_layer=(LastLayerRow(-0.9, 2.0, 2.0, 3e-8, 0.999),),
    epochs=(Epoch(2.3, 0.1), Epoch(1.9, 0.42)) * 50,
    epochs_before=50,
)


def test_each_phase_has_a_sentence_with_the_numbers_of_the_scene() -> None:
    texts = phase_sentences(SCENE, CONFIG, "Bag")
    assert len(texts) == len(PHASES) == 8
    assert "network 3 of the run (convnet of width 32)" in texts[0]
    assert "trained on the learned images for 50 epochs since" in texts[0]
    assert "256 real images of the class Bag" in texts[1]
    assert "Here: rotate −7.0°." in texts[2]
    assert "summed over all rows and layers. Here that is 93.27." in texts[4]
    assert "by 0.31 of 255 grey levels on average (learning rate 0.1, momentum 0.5" in texts[6]
    assert "for 50 epochs; during the last one it recognised 42 % of them" in texts[7]
    assert "the distance is 91.03 there" in texts[7]


def test_a_class_that_is_taken_whole_and_a_step_that_is_followed_by_no_number_are_told_so() -> None:
    scene = replace(SCENE, batch=142, next_loss=math.nan)
    texts = phase_sentences(scene, CONFIG, "Bag")
    assert texts[1].startswith("All 142 real images of the class Bag are taken.")
    assert texts[7].endswith("There it ends: a gradient of the next matching step is no number any more.")
    assert "recognised" not in texts[7], "the last finite epoch may be an earlier one"


@pytest.mark.parametrize(
    ("distance", "words"),
    [("mse", "squared differences of all their numbers"), ("cos", "of all their numbers together")],
)
def test_the_distance_is_the_run_s_own(distance: str, words: str) -> None:
    config = CONFIG.model_copy(update={"distance": distance})
    assert words in phase_sentences(SCENE, config, "Bag")[4]


def test_a_new_network_without_augmentation_and_its_last_matching_step_are_said() -> None:
    scene = replace(
        SCENE, outer=0, outer_steps=1, operation="Identity", parameters={}, next_loss=None, epochs=()
    )
    scene = replace(scene, epochs_before=0, images_per_class=1)
    texts = phase_sentences(scene, DcConfig(dataset="fashion", images_per_class=1), "Bag")
    assert "It is drawn for this iteration" in texts[0]
    assert "compared with its learned image." in texts[1]
    assert "nothing is changed here" in texts[2]
    assert "This was the only matching step with this network." in texts[7]
    later = phase_sentences(replace(scene, outer_steps=10), CONFIG, "Bag")
    assert "This was the last matching step with this network." in later[7]


def test_pictures_are_sent_in_the_order_of_the_fields_and_rows_last() -> None:
    head, pixels = unpack_pixels(pack_frame({"scene": SCENE}))
    assert head["scene"]["layers"][0]["rows"] == [1, 1, 1, 10]
    assert list(dict.fromkeys(pixels.tolist())) == [1, 2, 3, 4, 5, 6, 7, 8]
