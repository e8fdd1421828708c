"""Gradient matching in the benchmark: the plain step and ours compute the same; what is counted of them."""

import pytest
import torch

from dmcore.bench.cases import CASES, GROUPS, Case
from dmcore.bench.our_gradient_step import OurGradientStep
from dmcore.bench.plain_gradient_step import PlainGradientStep
from dmcore.bench.rounds import Timing
from dmcore.config import METHODS, Norm


def small(method: str, norm: Norm = "instance", **changes: object) -> Case:
    """Two matching steps of an iteration with two epochs in between, of a size that takes milliseconds."""
    sizes = {"width": 16, "depth": 2, "real_batch": 20, "images_per_class": 2, "outer_steps": 2}
    settings = {**sizes, "inner_epochs": 2, "network_batch": 4, "image_lr": 0.1, **changes}
    config = METHODS[method](norm=norm, **settings)
    return Case(name="small", shape=(3, 12, 12), config=config, classes=3, device="cpu", threads=2)


@pytest.fixture(autouse=True)
def _same_threads_afterwards():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("norm", ["instance", "batch"])
@pytest.mark.parametrize("method", ["dc", "dsa"])
def test_the_plain_step_and_ours_give_the_same_losses_and_pixels(method, norm):
    case = small(method, norm)
    ours, plain = OurGradientStep(case), PlainGradientStep(case)
    start = plain.pixels.detach().clone()
    assert torch.equal(ours.pixels, start)
    for _ in range(5):  # two iterations and the begin of a third
        assert ours() == pytest.approx(plain(), rel=1e-4)
        torch.testing.assert_close(ours.pixels, plain.pixels.detach(), rtol=1e-3, atol=1e-4)
    assert (plain.pixels.detach() - start).abs().max() > 1e-2  # both have moved


def test_the_parts_are_those_of_a_matching_step_and_its_training():
    parts = OurGradientStep(small("dsa")).parts()
    assert list(parts) == ["draw", "real gradients", "synthetic gradients", "update", "training"]
    assert min(parts["real gradients"], parts["training"]) > 0
    assert "training" not in OurGradientStep(small("dc", outer_steps=1)).parts()


def test_parts_leave_the_images_as_they_are():
    step = OurGradientStep(small("dsa"))
    before = step.pixels.clone()
    step.parts()
    assert torch.equal(step.pixels, before)


def test_published_loops_are_timed():
    assert [CASES[f"dsa-{size}"].config.inner_epochs for size in (1, 10, 50)] == [1, 50, 10]
    assert [CASES[f"dc-{size}"].trained_images for size in (1, 10, 50)] == [0, 5000, 5000]
    assert CASES["dc-1"].unit == "an iteration"
    assert CASES["dc-10"].unit == "a matching step with its training"


def test_groups_are_the_cases_of_a_method():
    assert GROUPS["dc"] == ("dc-1", "dc-10", "dc-50")
    assert GROUPS["dsa"] == ("dsa-digits", "dsa-1", "dsa-10", "dsa-50")
    assert {name for method in METHODS for name in GROUPS[method]} == set(GROUPS["all"]) == set(CASES)


def test_a_gradient_counts_as_two_passes_and_one_through_it_as_four_more():
    case, flops = CASES["dsa-10"], 10**8
    timing = Timing(case, image_flops=[flops])
    assert timing.flops == timing.reference_flops == flops * (3 * 2560 + 7 * 100 + 3 * 5000)
