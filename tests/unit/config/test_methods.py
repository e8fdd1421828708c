"""Settings by method: those of distribution matching are stored as before there were others."""

import pytest
from pydantic import TypeAdapter, ValidationError

from dmcore.config import CondenseConfig, DcConfig, DsaConfig, MethodConfig, SetChange
from dmcore.config.differences import differences, differences_from_paper
from dmcore.execution.plan import Plan

ANY: TypeAdapter[MethodConfig] = TypeAdapter(MethodConfig)

STORED = {
    CondenseConfig(): (
        '{"network":"convnet","width":128,"depth":3,"norm":null,"activation":"relu","pooling":"average",'
        '"pool_steps":600,"pool_half":false,"dataset":"fashion","images_per_class":10,"iterations":20000,'
        '"real_batch":256,"image_lr":1.0,"momentum":0.5,"init":"real","augment":null,"seed":0,'
        '"replay":false,"replay_keep":32,"replay_every":8,"source":"random","pool_networks":20,"sets":[]}'
    ),
    CondenseConfig(
        dataset="mnist",
        network="resnet18_ap",
        norm="batch",
        source="band:40-60",
        replay=True,
        augment=("color", "flip"),
        sets=(SetChange(images_per_class=1), SetChange(image_lr=2.5, momentum=0.9, init="noise")),
    ): (
        '{"network":"resnet18_ap","width":128,"depth":3,"norm":"batch","activation":"relu",'
        '"pooling":"average","pool_steps":600,"pool_half":false,"dataset":"mnist","images_per_class":10,'
        '"iterations":20000,"real_batch":256,"image_lr":1.0,"momentum":0.5,"init":"real",'
        '"augment":["color","flip"],"seed":0,"replay":true,"replay_keep":32,"replay_every":8,'
        '"source":"band:40-60","pool_networks":20,"sets":[{"name":null,"images_per_class":1,"init":null,'
        '"image_lr":null,"momentum":null},{"name":null,"images_per_class":null,"init":"noise",'
        '"image_lr":2.5,"momentum":0.9}]}'
    ),
}
"""Recorded before there was another method."""
PLAN = (
    '{"device":"cpu","device_reason":"chosen by hand","workers":1,"threads":1,"torch_version":"x",'
    '"channels_last":false,"quick":0,"block_bytes":1,"precision":"float32","piece":2147483648,'
    '"classes_at_once":2147483648,"least_images":1,"sets_together":false,"synthetic_images":2147483648,'
    '"held_images":2147483648,"backward_piece":2147483648}'
)


@pytest.mark.parametrize(("config", "stored"), STORED.items())
def test_settings_of_distribution_matching_are_stored_as_ever(config: CondenseConfig, stored: str) -> None:
    assert config.model_dump_json() == stored
    assert ANY.dump_json(config).decode() == stored
    assert ANY.validate_json(stored) == config


def test_a_plan_is_stored_as_ever() -> None:
    assert Plan(torch_version="x", block_bytes=1).model_dump_json() == PLAN


def test_names_of_sets_are_as_ever() -> None:
    _, several = STORED
    assert [spec.name for spec in several.all_sets()] == ["real-1", "noise-10-lr2_5-m0_9"]


@pytest.mark.parametrize("config", [DcConfig(seed=3), DsaConfig(augment=("flip",), images_per_class=50)])
def test_settings_of_a_method_are_read_as_those_of_that_method(config: MethodConfig) -> None:
    stored = ANY.dump_json(config)
    assert ANY.validate_json(stored) == config
    assert type(ANY.validate_json(stored)) is type(config)


@pytest.mark.parametrize("values", [{"method": "gm"}, {"method": "dc", "replay": True}, {"distance": "mse"}])
def test_a_method_that_is_unknown_or_has_no_such_field_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ANY.validate_python(values)


def test_configurations_of_two_methods_differ_in_the_method_and_in_what_both_have() -> None:
    found = {
        difference.field: (difference.value, difference.other)
        for difference in differences(CondenseConfig(), DcConfig())
    }
    assert found == {
        "method": ("DM", "DC"),
        "iterations": ("20\u202f000", "1\u202f000"),
        "image_lr": ("1", "0.1"),
        "init": ("real", "noise"),
    }
    assert str(differences(DsaConfig(), DcConfig())[0]) == "method DSA instead of DC"


def test_gradient_matching_differs_from_its_own_paper() -> None:
    assert differences_from_paper(DsaConfig(dataset="cifar10", images_per_class=50)) == ()
    assert differences_from_paper(DsaConfig(dataset="fashion_mnist")) == ()
    assert differences_from_paper(DcConfig(dataset="cifar100")) == ("data set cifar100 (not in the paper)",)
    texts = differences_from_paper(DcConfig(dataset="cifar10", width=32, inner_epochs=3))
    (batch,) = differences_from_paper(DsaConfig(dataset="cifar10", real_batch=9))
    assert batch == "real images per class and matching step 9 instead of 256"
    assert differences(CondenseConfig(real_batch=9), CondenseConfig())[0].label == (
        "Real images per class and iteration"
    )
    assert texts == (
        "network width 32 instead of 128",
        "epochs between matching steps 3 instead of as published",
    )
