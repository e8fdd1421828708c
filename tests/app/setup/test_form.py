"""The set-up as form, lists, command line and texts: the same set-up in each notation."""

import shlex
from dataclasses import dataclass
from typing import Any

import pytest

from app.jobs.run_presets import (
    BATCH_OR_INSTANCE,
    FASHION,
    FROM_NOISE,
    GRADIENTS,
    MORE_IMAGES,
    OWN_IMAGES,
    PAPER_CIFAR10,
    RUN_PRESETS,
    THREE_STARTS,
    preset_starting_with,
    title_of,
    trains_at_once,
)
from app.setup.form import LARGEST, bounds
from app.setup.form_values import (
    FORM_FIELDS,
    config_of_values,
    default_setup,
    fields_of,
    setup_query_params,
    values_of_config,
)
from dmcore.cli.flags import condense_config, with_flags
from dmcore.config import METHODS, CondenseConfig, DcConfig, DsaConfig, MethodConfig, SetChange
from dmcore.config.command_line import command_line, config_of_lists, lists_of_config
from dmcore.config.differences import differences, differences_from_paper
from dmcore.config.formatting import accuracy_text, duration, grouped
from dmcore.config.methods import with_method
from dmcore.data.catalogue import CATALOGUE

EXOTIC = CondenseConfig(
    dataset="mnist",
    iterations=1234,
    network="alexnet",
    norm="batch",
    augment=("flip", "crop"),
    replay=True,
    sets=tuple(SetChange(images_per_class=count, image_lr=rate) for count in (10, 50) for rate in (1.0, 5.0)),
    image_lr=1.0,
    seed=7,
)
SETUPS = [*(preset.config for preset in RUN_PRESETS), EXOTIC, CondenseConfig(augment=(), momentum=0)]
OTHER_METHODS = [
    DcConfig(),
    DsaConfig(dataset="mnist", images_per_class=50, augment=("flip",), distance="cos", norm="batch", seed=3),
    DsaConfig(images_per_class=7, outer_steps=3, inner_epochs=2, network_lr=0.02, network_batch=8),
]


@pytest.mark.parametrize("config", [*SETUPS, *OTHER_METHODS])
def test_form_filled_with_a_setup_asks_for_the_same_setup(config: MethodConfig) -> None:
    assert config_of_values(values_of_config(config)) == config


@pytest.mark.parametrize("config", [config for config in SETUPS if config.method == "dm"])
def test_command_line_asks_for_the_same_setup(config: CondenseConfig) -> None:
    words = shlex.split(command_line(config))
    assert words[:2] == ["dmcore", "condense"]
    assert condense_config(_parsed(words[2:])) == config


def test_command_line_of_the_paper_names_nothing_but_the_data() -> None:
    assert command_line(CondenseConfig(dataset="cifar10")) == "dmcore condense --dataset cifar10"
    assert command_line(CondenseConfig(), ("seed", "replay")) == "dmcore condense --seed 0"
    assert command_line(CondenseConfig(replay=True), ("replay",)) == "dmcore condense --replay"


def test_form_shows_every_field_of_each_method_once() -> None:
    every = {name for model in METHODS.values() for name in model.model_fields}
    assert sorted(FORM_FIELDS) == sorted(every - {"sets"})
    for method, model in METHODS.items():
        assert sorted(fields_of(method)) == sorted(set(model.model_fields) - {"sets", "method"})


def test_bounds_of_a_field_are_those_of_the_configuration() -> None:
    fields = CondenseConfig.model_fields
    assert bounds(fields["depth"]) == (1, 8)
    assert bounds(fields["iterations"]) == (1, 10**9)
    assert bounds(fields["seed"]) == (0, LARGEST)


def test_wrong_value_in_the_form_is_named_in_a_sentence() -> None:
    values = values_of_config(THREE_STARTS.config) | {"images_per_class": ["0"]}
    with pytest.raises(ValueError, match="Images per class is '0': input should be greater"):
        config_of_values(values)


def test_emptied_list_in_the_form_is_named_in_a_sentence() -> None:
    values = values_of_config(THREE_STARTS.config) | {"init": []}
    with pytest.raises(ValueError, match="init is empty: choose at least one"):
        config_of_values(values)


def test_a_method_has_its_own_defaults_and_keeps_the_rest() -> None:
    dc, dsa = default_setup("dc"), default_setup("dsa")
    assert default_setup("dm") == FROM_NOISE.config
    assert dsa.model_copy(update={"iterations": 200}) == GRADIENTS.config
    assert (dc.init, dsa.init, dc.image_lr, dsa.image_lr) == ("noise", "real", 0.1, 0.1)
    for config in (dc, dsa):
        assert (config.dataset, config.images_per_class, config.width) == ("fashion", 1, 32)
        assert (config.real_batch, config.iterations) == (64, 500)
    assert with_method(dsa, "dm") == FROM_NOISE.config.model_copy(update={"init": "real"})


def test_a_link_names_the_method_and_what_differs_from_its_form() -> None:
    assert setup_query_params(FROM_NOISE.config) == {}
    assert setup_query_params(default_setup("dsa")) == {"method": ["DSA"]}
    ten = default_setup("dsa").model_copy(update={"images_per_class": 10, "network_lr": 0.02})
    assert setup_query_params(ten) == {
        "method": ["DSA"],
        "images_per_class": ["10"],
        "network_lr": ["0.02"],
    }


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"images_per_class": ["5"]},
            r"no published loops for 5 images per class: take 1, 10, 20, 30, 40 or 50, or give “Matching "
            r"steps of an iteration” and “Epochs between matching steps”",
        ),
        ({"images_per_class": ["1", "10"]}, r"DSA learns one set in a run.*one value of “Images per class”"),
        ({"init": ["real", "noise"]}, r"one value of “Start from”"),
        ({"momentum": []}, r"Momentum of the pixels is empty: choose a value"),
        ({"network_lr": 0.0}, r"Learning rate of the network is 0.0: input should be greater than 0"),
        ({"network": "mlp"}, r"Mlp is for evaluation only"),
    ],
)
def test_what_gradient_matching_cannot_do_is_a_sentence(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        config_of_values(values_of_config(GRADIENTS.config) | changes)


def test_bounds_of_a_field_that_may_be_left_open_hold_too() -> None:
    assert bounds(DsaConfig.model_fields["outer_steps"]) == (1, 10**9)


def test_two_lists_make_every_combination_a_set() -> None:
    lists = {"images_per_class": [1, 10], "init": ["real", "noise"], "image_lr": [1.0], "momentum": [0.5]}
    config = config_of_lists({}, lists)
    assert [spec.name for spec in config.all_sets()] == ["real-1", "noise-1", "real-10", "noise-10"]
    assert lists_of_config(config) == lists


def test_sets_that_are_no_full_combination_are_not_passed_off_as_one() -> None:
    config = CondenseConfig(sets=(SetChange(images_per_class=1), SetChange(init="noise")))
    assert lists_of_config(config) is None
    assert "from Python" in command_line(config)


def test_differences_name_both_values() -> None:
    other = THREE_STARTS.config.model_copy(update={"iterations": 2000})
    assert [str(difference) for difference in differences(other, THREE_STARTS.config)] == [
        "iterations 2\u202f000 instead of 500"
    ]
    assert differences(other, other) == ()


def test_preset_lists_how_it_differs_from_the_paper() -> None:
    assert differences_from_paper(CondenseConfig(dataset="cifar10", images_per_class=50)) == ()
    assert differences_from_paper(PAPER_CIFAR10.config) == (
        "3 sizes share one real side (there each is learned by itself)",
    )
    differences = " ".join(differences_from_paper(FASHION.config))
    assert "not in the paper" in differences
    assert "network width 32 instead of 128" in differences
    assert "images per class" not in differences.replace("real images per class", "")


def test_first_start_is_one_image_per_class_from_noise_and_needs_no_download() -> None:
    config = FROM_NOISE.config
    assert RUN_PRESETS[0] is FROM_NOISE
    (only,) = config.all_sets()
    assert (only.init, only.images_per_class) == ("noise", 1)
    assert (config.dataset, config.width, config.real_batch, config.iterations) == ("fashion", 32, 64, 500)
    assert not CATALOGUE[CondenseConfig().dataset].files
    assert FROM_NOISE.speed == "slow"


def test_second_start_races_three_starts() -> None:
    config = THREE_STARTS.config
    assert [spec.init for spec in config.all_sets()] == ["real", "noise", "wrong_class"]
    assert {spec.images_per_class for spec in config.all_sets()} == {1}


def test_a_network_is_trained_without_a_click_only_where_it_takes_seconds() -> None:
    assert trains_at_once(FROM_NOISE.config)
    assert trains_at_once(THREE_STARTS.config)
    assert trains_at_once(MORE_IMAGES.config.model_copy(update={"dataset": "digits"}))
    assert not trains_at_once(MORE_IMAGES.config)
    assert not trains_at_once(FASHION.config)


def test_no_network_is_trained_without_a_click_on_a_race_of_many_sets() -> None:
    rates = [SetChange(image_lr=float(rate)) for rate in range(1, 31)]
    for dataset in ("fashion", "digits"):
        few, many = (
            FROM_NOISE.config.model_copy(update={"dataset": dataset, "sets": tuple(rates[:count])})
            for count in (4, 30)
        )
        assert trains_at_once(few)
        assert not trains_at_once(many)


def test_start_is_recognised_and_titles_runs() -> None:
    assert preset_starting_with(THREE_STARTS.config) is THREE_STARTS
    assert title_of(THREE_STARTS.config) == "Three starts, one answer"
    assert [title_of(config) for config in BATCH_OR_INSTANCE.configs] == list(BATCH_OR_INSTANCE.titles)
    assert title_of(EXOTIC) == "mnist, 10 and 50 per class"
    assert title_of(DsaConfig(dataset="mnist")) == "mnist, 10 per class, DSA"
    assert title_of(GRADIENTS.config) == "Gradient matching (DSA)"
    own = {"/home/me/my photos": "my photos, 5 per class", "photos/mine.zip": "mine, 5 per class"}
    for path, title in own.items():
        assert title_of(OWN_IMAGES.config.model_copy(update={"dataset": path})) == title


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (80.0, "80 s"), (150.0, "2 min"), (7200.0, "2.0 h"), (4e5, "5 days")]
)
def test_durations_are_told_in_one_unit(seconds: float, text: str) -> None:
    assert duration(seconds).replace("\u00a0", " ") == text


def test_numbers_have_thin_spaces_and_a_decimal_point() -> None:
    assert grouped(12345) == "12\u202f345"
    assert accuracy_text(88.64, 1.66, 5).replace("\u00a0", " ") == "88.6 ± 1.7 % (5 networks)"


def _parsed(words: list[str]) -> Any:
    """The flags as the condense command reads them."""
    import tyro

    @dataclass(frozen=True)
    class Command:
        """Nothing but the flags of a set-up."""

    return tyro.cli(with_flags(Command, CondenseConfig, skip=("sets",)), args=words)


def test_each_preset_is_recognised_by_its_setup_and_a_path_is_ones_own_images() -> None:
    for preset in RUN_PRESETS:
        assert preset is OWN_IMAGES or preset_starting_with(preset.config) is preset
    assert preset_starting_with(CondenseConfig(dataset="/home/you/photographs")) is OWN_IMAGES
    assert preset_starting_with(BATCH_OR_INSTANCE.then[0]) is None
