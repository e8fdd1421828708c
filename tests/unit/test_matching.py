"""Algorithm 1 from end to end on a small problem."""

from itertools import islice

import numpy as np
import pytest
import torch

from dmcore.config import CondenseConfig, SetChange
from dmcore.data.images import DataSet, LabelledImages, Statistics
from dmcore.embedding.networks import RandomNetworks
from dmcore.execution.activation_memory import activation_bytes
from dmcore.execution.fused_network import BLOCK_BYTES
from dmcore.execution.plan import BLOCKS, Plan, choose_device, make_plan
from dmcore.matching import condense, draw_real, noise_floor, real_sides


def small_problem(per_class=(30, 30, 30), channels=1, size=8):
    random = np.random.default_rng(0)
    images = torch.from_numpy(random.integers(0, 256, (sum(per_class), channels, size, size), np.uint8))
    label = torch.from_numpy(np.repeat(np.arange(len(per_class)), per_class))
    labelled = LabelledImages(
        images, label, tuple("abc"[: len(per_class)]), Statistics((0.5,) * channels, (0.29,) * channels)
    )
    return DataSet("small", "Small", labelled, labelled)


def config(**changes):
    defaults = {"dataset": "small", "width": 8, "depth": 2, "real_batch": 16, "iterations": 6}
    return CondenseConfig(**(defaults | {"images_per_class": 2} | changes))


def final(dataset, chosen, **options):
    *_, last = condense(dataset, chosen, **options)
    return last


JOINT = Plan()


def test_the_first_step_is_the_start_and_the_last_the_requested_iteration():
    steps = [step.iteration for step in condense(small_problem(), config(), plan=JOINT)]
    assert steps == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "changes",
    [{}, {"norm": "batch"}, {"replay": True, "replay_keep": 2, "replay_every": 2}],
    ids=["instance", "batch", "replay"],
)
def test_continuing_from_a_state_equals_going_on_bit_for_bit(changes):
    dataset, chosen = small_problem(), config(**changes)
    whole = final(dataset, chosen, plan=JOINT).state()
    for step in condense(dataset, chosen, plan=JOINT):
        if step.iteration == 3:
            state = step.state()
            break
    continued = final(dataset, chosen, plan=JOINT, state=state, iteration=3).state()
    assert whole.keys() == continued.keys()
    assert all(torch.equal(whole[key], continued[key]) for key in whole)


def test_micro_batches_and_channels_last_change_nothing_but_rounding():
    dataset, chosen = small_problem(), config()
    joint = final(dataset, chosen, plan=JOINT).state()
    pieces = final(
        dataset,
        chosen,
        plan=Plan(channels_last=True, piece=7, classes_at_once=2, synthetic_images=2, workers=2),
    ).state()
    for key, value in joint.items():
        torch.testing.assert_close(pieces[key], value, atol=1e-4, rtol=1e-4)


def test_sets_on_one_real_side_equal_each_alone():
    dataset = small_problem()
    changes = (SetChange(init="real"), SetChange(init="noise"), SetChange(image_lr=0.1, images_per_class=3))
    together = final(dataset, config(sets=changes), plan=JOINT).state()
    for change in changes:
        alone = final(dataset, config(sets=(change,)), plan=JOINT).state()
        assert all(torch.equal(together[key], value) for key, value in alone.items())


def test_three_sizes_on_one_real_side_equal_separate_runs_after_60_iterations():
    dataset = small_problem((60, 60, 60))
    base = config(iterations=60)
    plan = make_plan(base, dataset.shape, 3, device="cpu", threads=2)
    sizes = tuple(SetChange(images_per_class=each) for each in (1, 10, 50))
    assert plan.sets_fit([1, 10, 50])  # they share passes too
    together = final(dataset, config(iterations=60, sets=sizes), plan=plan).state()
    for size in sizes:
        alone = final(dataset, config(iterations=60, sets=(size,)), plan=plan).state()
        for key, value in alone.items():
            torch.testing.assert_close(together[key], value, atol=3e-5, rtol=3e-5)


def test_sets_that_share_a_pass_equal_each_alone_but_for_rounding():
    dataset = small_problem()
    changes = (SetChange(init="real"), SetChange(init="noise"), SetChange(image_lr=0.1, images_per_class=3))
    together = Plan(channels_last=True, piece=7, classes_at_once=2, sets_together=True, workers=2)
    shared = final(dataset, config(sets=changes), plan=together).state()
    for key, value in final(dataset, config(sets=changes), plan=JOINT).state().items():
        torch.testing.assert_close(shared[key], value, atol=1e-4, rtol=1e-4)


def test_a_plan_lets_sets_share_a_pass_only_where_images_do_not_meet():
    shape = small_problem().shape
    assert make_plan(config(), shape, 3, device="cpu").sets_fit([1, 1])
    assert not make_plan(config(norm="batch"), shape, 3, device="cpu").sets_fit([1, 1])


def test_matching_brings_noise_nearer_to_the_real_mean():
    losses = [
        float(step.loss_by_class["noise-2"].sum())
        for step in condense(small_problem(), config(init="noise", iterations=60, augment=()), plan=JOINT)
        if step.loss_by_class
    ]
    assert np.mean(losses[-10:]) < 0.5 * np.mean(losses[:3])


def test_the_wrong_class_start_is_the_next_class_of_the_real_start():
    dataset = small_problem()
    sets = (SetChange(init="real"), SetChange(init="wrong_class"))
    real, wrong = next(condense(dataset, config(sets=sets), plan=JOINT)).sets
    assert torch.equal(wrong.pixels, real.pixels.roll(-1, dims=0))


def test_starts_are_nested_and_without_repeats():
    dataset = small_problem()
    few = next(condense(dataset, config(images_per_class=2), plan=JOINT)).sets[0].pixels
    many = next(condense(dataset, config(images_per_class=30), plan=JOINT)).sets[0].pixels
    assert torch.equal(few, many[:, :2])
    for c, members in enumerate(dataset.train.by_class):
        pictures = dataset.train.statistics.denormalise(many[c])
        assert {p.numpy().tobytes() for p in pictures} == {
            p.numpy().tobytes() for p in dataset.train.images[members]
        }


def test_asking_for_more_images_than_a_class_has_is_refused_with_what_fits():
    with pytest.raises(ValueError, match=r"class 'b' has 4 real images.*at most 4"):
        next(condense(small_problem((30, 4, 30)), config(images_per_class=5), plan=JOINT))


def test_a_class_smaller_than_the_batch_gives_what_it_has():
    dataset = small_problem((30, 4, 30))
    chosen = draw_real(dataset.train, config(), 0, "real batch")
    assert [len(set(positions.tolist())) for positions in chosen] == [16, 4, 16]
    assert final(dataset, config(), plan=JOINT).iteration == 6


def test_replay_computes_a_fresh_real_side_only_every_so_often():
    dataset, chosen = small_problem(), config(replay=True, replay_keep=3, replay_every=4)
    networks = RandomNetworks(chosen.network_spec(), dataset.shape, 3, 0, torch.device("cpu"))
    sides = list(islice(real_sides(dataset.train, networks, chosen, (), JOINT), 40))
    for iteration, side in enumerate(sides):
        newest = iteration // 4
        assert newest - 3 < side.draw <= newest
        if iteration % 4 == 0:
            assert side.draw == newest
    assert len({id(side) for side in sides}) == 10
    later = list(islice(real_sides(dataset.train, networks, chosen, (), JOINT, start=22), 18))
    assert all(torch.equal(a.means, b.means) for a, b in zip(later, sides[22:], strict=True))


def test_the_floor_compares_two_different_real_batches():
    dataset, chosen = small_problem(), config()
    networks = RandomNetworks(chosen.network_spec(), dataset.shape, 3, 0, torch.device("cpu"))
    side = next(real_sides(dataset.train, networks, chosen, (), JOINT))
    distance = noise_floor(dataset.train, networks.at(side.draw), side, chosen, JOINT)
    assert distance.shape == (3,)
    assert float(distance.min()) > 0


def test_a_draw_is_one_network_whoever_asks():
    spec = config().network_spec()
    contiguous, channels_last = (
        RandomNetworks(spec, (1, 8, 8), 3, 7, torch.device("cpu"), last) for last in (False, True)
    )
    channels_last.at(3)
    for ours, theirs in zip(contiguous.at(5).parameters(), channels_last.at(5).parameters(), strict=True):
        assert torch.equal(ours, theirs)
    first = contiguous.at(5).features[0].weight.clone()
    assert not torch.equal(first, contiguous.at(6).features[0].weight)
    bound = 1 / 3  # a 3x3 convolution on one channel has fan-in 9
    assert 0.9 * bound < float(first.abs().max()) <= bound


def test_batch_norm_beyond_memory_is_refused_with_the_batch_that_fits(monkeypatch):
    monkeypatch.setattr("dmcore.execution.plan.free_bytes", lambda device: 2**30)
    chosen = CondenseConfig(norm="batch")
    with pytest.raises(ValueError, match=r"--real-batch \d+ fits"):
        make_plan(chosen, (3, 32, 32), 10, device="cpu")
    make_plan(chosen.model_copy(update={"real_batch": 8}), (3, 32, 32), 10, device="cpu")


def test_activations_of_the_default_network_are_as_large_as_arithmetic_says():
    first = activation_bytes(CondenseConfig().network_spec(), (3, 32, 32), 10).first_layer
    assert first == 128 * 32 * 32 * 4


def test_blocks_are_small_where_the_problem_is():
    digits = CondenseConfig(width=32, real_batch=64)
    small, large = (
        make_plan(digits, (1, 8, 8), 10, "cpu"),
        make_plan(CondenseConfig(), (3, 32, 32), 10, "cpu"),
    )
    assert small.block_bytes == 10 * 64 * 32 * 12 * 12 * 4 // BLOCKS  # padded by 3 to 12×12
    assert large.block_bytes == BLOCK_BYTES


def test_an_unknown_device_is_refused_with_the_choices():
    with pytest.raises(ValueError, match="auto, cpu, cuda"):
        choose_device("tpu9")
    device, reason = choose_device("auto")
    assert device.type in ("cpu", "cuda", "mps")
    assert reason
