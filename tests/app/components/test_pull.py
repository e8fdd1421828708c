"""The pull: what links may name, and what it says on each phase of a scene."""

from dataclasses import replace

import numpy as np
import pytest
from support.frames import unpack_pixels

from app.components.packed_frame import pack_frame
from app.components.pull.component import pull_of
from app.components.pull.sentences import LINES_IN_WORDS, comparison_in_words, phase_sentences
from app.components.pull.state import PARAMETERS, PHASES, PullState
from app.components.query_params import is_unbound
from dmcore.config import CondenseConfig
from dmcore.runs.recompute.scene import UpdateScene

CONFIG = CondenseConfig(dataset="fashion", width=32, images_per_class=1, iterations=500)


def pictures(count: int, value: int, channels: int = 1, side: int = 2) -> np.ndarray:
    return np.full((count, channels, side, side), value, np.uint8)


SCENE = UpdateScene(
    iteration=3,
    draw=3,
    images_per_class=1,
    batch=64,
    operation="Rotate",
    parameters={"degrees": -7.0},
    features=512,
    loss=67.6438,
    recorded=67.6438,
    comparison="They agree.",
    mean_loss=60.55,
    distance=8.2246,
    moved=21.9,
    image_lr=1.0,
    momentum=0.5,
    gradient_range=1.07,
    filter_range=0.3,
    real_points=np.zeros((64, 2), np.float32),
    synthetic_points=np.array([[8.2246, 0]], np.float32),
    real=pictures(6, 1),
    real_augmented=pictures(6, 2),
    synthetic=pictures(1, 3),
    synthetic_augmented=pictures(1, 4),
    after=pictures(1, 5),
    gradient=pictures(1, 6),
    filters=pictures(12, 7, side=3),
    real_maps=(pictures(6, 8, 3), pictures(6, 9, 3, 1)),
    synthetic_maps=(pictures(1, 10, 3), pictures(1, 11, 3, 1)),
)


def test_each_phase_has_a_sentence_with_the_numbers_of_the_scene() -> None:
    texts = phase_sentences(SCENE, CONFIG, "Ankle boot")
    assert len(texts) == len(PHASES)
    assert texts[0].startswith("This is network 3 of the run (convnet of width 32). Its weights, the numbers")
    assert "64 real images of the class Ankle boot" in texts[1]
    assert "6 are shown" in texts[1]
    assert "changed in the same random way. This is called augmentation. Here: rotate −7.0°." in texts[2]
    assert "512 numbers" in texts[3]
    assert "67.64" in texts[4]
    assert not any(symbol in text for text in texts for symbol in "θωψ∇"), "words come before symbols"
    assert "only pixels can move" in texts[5]
    assert "22 of 255" in texts[6]
    assert "(learning rate 1, momentum 0.5: so much of the last step is added)" in texts[6]


def test_the_loss_is_told_by_what_it_means_and_its_agreement_apart() -> None:
    assert phase_sentences(SCENE, CONFIG, "Bag")[4] == (
        "How far apart are the two means of the features? Here the distance is 8.22. Its square, 67.64, is "
        "the loss of this class. A small loss means: the network finds both sides alike. It rises "
        "and falls from step to step: each has another network and other real images."
    )
    assert comparison_in_words(SCENE) == (
        "Averaged over all classes the loss is 60.55. The run recorded 67.64. They agree."
    )
    assert pull_of([SCENE], CONFIG, ["Bag"], 0, detailed=True).details == [comparison_in_words(SCENE)]
    assert pull_of([SCENE], CONFIG, ["Bag"], 0).details == [""]


def test_each_phase_belongs_to_a_line_in_words_without_symbols_alone() -> None:
    assert len(LINES_IN_WORDS) == len(PHASES)
    assert "mean of the real features ψ minus the mean of the learned ones, squared" in LINES_IN_WORDS[4]


def test_without_augmentation_nothing_is_said_to_change() -> None:
    texts = phase_sentences(replace(SCENE, operation="", parameters={}), CONFIG, "Bag")
    assert texts[2] == "The images go into the network as they are: nothing is changed here."


def test_several_learned_images_have_a_mean() -> None:
    texts = phase_sentences(replace(SCENE, images_per_class=10), CONFIG, "Bag")
    assert "All 10 learned images are compared with them" in texts[1]
    assert "the large star is their mean" in texts[3]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"replay": True, "replay_every": 8}, "Replay: it comes from a step before, and is used once more."),
        ({"replay": True, "replay_every": 3}, "Replay: it is new, as every 3 steps, and is kept"),
        ({"source": "fixed:4"}, "4 random networks, drawn again and again. It stays as it is."),
        ({"source": "pixels"}, "There is no network in this run"),
        ({"network": "alexnet", "width": 128}, "network 3 of the run (alexnet)."),
    ],
)
def test_the_network_is_told_as_the_run_draws_it(change: dict[str, object], expected: str) -> None:
    config = CondenseConfig.model_validate({**CONFIG.model_dump(), **change})
    assert expected in phase_sentences(SCENE, config, "Bag")[0]


@pytest.mark.parametrize(
    ("iteration", "real", "following"),
    [
        (
            7,
            "Replay: 64 real images of the class Bag are used once more, from a step before.",
            "a new network.",
        ),
        (
            8,
            "64 real images of the class Bag are picked at random, new ones every 8 steps.",
            "once more (replay).",
        ),
        (25, "used once more, from a step before, one of the last 4 batches.", "once more (replay)."),
        (999, "used once more, from a step before, one of the last 32 batches.", "a new network."),
    ],
)
def test_a_run_with_replay_promises_nothing_new_where_it_uses_something_again(
    iteration: int, real: str, following: str
) -> None:
    config = CONFIG.model_copy(update={"replay": True, "replay_every": 8, "replay_keep": 32})
    texts = phase_sentences(replace(SCENE, iteration=iteration), config, "Bag")
    assert real in texts[1]
    assert texts[6].endswith(following)
    assert "other real images" not in texts[4], "some are used again"
    assert "new or from before" in texts[4]
    always_new = phase_sentences(replace(SCENE, iteration=iteration), CONFIG, "Bag")
    assert "new ones in every step" in always_new[1]
    assert always_new[6].endswith("Then the next step begins with a new network.")
    pixels = phase_sentences(SCENE, CONFIG.model_copy(update={"source": "pixels"}), "Bag")
    assert pixels[4].endswith("each has other real images.")
    assert pixels[6].endswith("Then the next step begins with other real images.")


def test_what_comes_next_has_no_recorded_loss() -> None:
    assert "recorded" not in comparison_in_words(replace(SCENE, recorded=None, comparison=""))


def test_the_frame_has_the_pictures_behind_it_in_the_order_of_the_fields() -> None:
    pull = pull_of([SCENE], CONFIG, ["a", "b"], 1)
    head, pixels = unpack_pixels(pack_frame({"scenes": pull.scenes}))
    scene = head["scenes"][0]
    assert scene["real"] == [6, 1, 2, 2]
    assert scene["real_maps"] == [[6, 3, 2, 2], [6, 3, 1, 1]]
    values = list(dict.fromkeys(pixels.tolist()))
    assert values == list(range(1, 12))


def test_a_link_round_trips_and_bad_values_are_defaults() -> None:
    state = PullState(iteration=3, phase=6, label=8, image=2, formula=1)
    assert PullState.of_query(state.as_query()) == state
    assert not any(PullState().as_query().values())
    bad = {
        "pull_phase": "8",
        "pull_iteration": "-1",
        "pull_label": "x",
        "pull_image": "9999999",
        "pull_formula": "2",
    }
    assert PullState.of_query(bad) == PullState()
    assert PullState.of_report({"phase": None, "iteration": "2"}) == PullState(iteration=2)
    assert all(map(is_unbound, PARAMETERS))
