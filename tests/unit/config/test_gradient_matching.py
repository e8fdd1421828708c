"""Settings of DC and DSA: as published, loops by images per class, and what is refused."""

import pytest
from pydantic import ValidationError

from dmcore.config.gradient_matching import DcConfig, DsaConfig


def test_the_defaults_are_as_published():
    for config, init in ((DcConfig(), "noise"), (DsaConfig(), "real")):
        assert config.all_sets()[0].model_dump() == {
            "name": f"{init}-10",
            "images_per_class": 10,
            "init": init,
            "image_lr": 0.1,
            "momentum": 0.5,
        }
        assert (config.iterations, config.real_batch, config.distance) == (1000, 256, "ours")
        assert (config.network_lr, config.network_batch) == (0.01, 256)
    assert DcConfig().operations == ()
    assert DsaConfig().operations is None


@pytest.mark.parametrize(
    ("images", "loops"),
    [(1, (1, 1)), (10, (10, 50)), (20, (20, 25)), (30, (30, 20)), (40, (40, 15)), (50, (50, 10))],
)
def test_loops_are_published_by_images_per_class(images, loops):
    assert DsaConfig(images_per_class=images).loops == loops


def test_other_sizes_need_their_loops():
    with pytest.raises(ValidationError, match=r"loops for 5 .*take 1, 10, 20, 30, 40 or 50, or give"):
        DcConfig(images_per_class=5)
    with pytest.raises(ValidationError, match="give outer_steps and inner_epochs"):
        DcConfig(images_per_class=5, outer_steps=3)
    assert DcConfig(images_per_class=5, outer_steps=3, inner_epochs=4).loops == (3, 4)
    assert DcConfig(images_per_class=10, inner_epochs=4).loops == (10, 4)


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        (DcConfig, {"augment": ["color"]}, "Extra inputs"),
        (DcConfig, {"replay": True}, "Extra inputs"),
        (DsaConfig, {"source": "fixed:8"}, "Extra inputs"),
        (DsaConfig, {"sets": [{}]}, "Extra inputs"),
        (DsaConfig, {"augment": ["color", "color"]}, "lists an operation twice"),
        (DsaConfig, {"network": "mlp"}, "for evaluation only"),
        (DcConfig, {"image_lr": 0}, "greater than 0"),
    ],
)
def test_what_a_method_has_not_is_refused(kind, values, message):
    with pytest.raises(ValidationError, match=message):
        kind(**values)
