"""DC and DSA from end to end on a small problem."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch

from dmcore.augment import Identity, strategy
from dmcore.config.gradient_matching import DcConfig, DsaConfig
from dmcore.data.images import DataSet, LabelledImages, Statistics
from dmcore.data.synthetic import SyntheticSet
from dmcore.embedding.networks import empty_network, initialise
from dmcore.execution import fused_training
from dmcore.execution.plan import Plan
from dmcore.gradient_matching import OuterStep, condense, freeze_batch_norms, match
from dmcore.gradients.draws import piece_for_workers, random_draws
from dmcore.gradients.plan import make_gradient_plan
from dmcore.matching import Step
from dmcore.randomness import torch_generator
from dmcore.training.minibatch import Minibatches

PLAN = Plan(channels_last=True, piece=7, workers=2, quick=fused_training.VERSION)


def small_problem(per_class=(30, 30, 30), channels=3, size=8):
    random = np.random.default_rng(0)
    images = torch.from_numpy(random.integers(0, 256, (sum(per_class), channels, size, size), np.uint8))
    label = torch.from_numpy(np.repeat(np.arange(len(per_class)), per_class))
    labelled = LabelledImages(images, label, tuple("abc"), Statistics((0.5,) * channels, (0.29,) * channels))
    return DataSet("small", "Small", labelled, labelled)


def config(kind=DsaConfig, **changes):
    defaults = {"dataset": "small", "width": 8, "depth": 2, "real_batch": 16, "iterations": 3}
    loops = {"images_per_class": 2, "outer_steps": 3, "inner_epochs": 2, "network_batch": 4}
    return kind(**(defaults | loops | changes))


def states(dataset, chosen, plan=PLAN, **resumed):
    """State after each iteration."""
    steps = condense(dataset, chosen, plan=plan, **resumed)
    return {step.iteration: step.state() for step in steps if isinstance(step, Step)}


def test_outer_steps_are_events_inside_an_iteration():
    events = list(condense(small_problem(), config(iterations=2), plan=PLAN))
    seen = [
        (event.iteration, event.outer) if isinstance(event, OuterStep) else event.iteration
        for event in events
    ]
    assert seen == [0, (0, 1), (0, 2), (0, 3), 1, (1, 1), (1, 2), (1, 3), 2]
    losses = torch.stack([event.loss_by_class["real-2"] for event in events[1:4]])
    torch.testing.assert_close(events[4].loss_by_class["real-2"], losses.mean(dim=0))
    assert losses.shape == (3, 3)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [(DcConfig, {}), (DsaConfig, {}), (DsaConfig, {"norm": "batch"}), (DcConfig, {"distance": "mse"})],
)
def test_going_on_from_a_state_equals_the_unbroken_run_bit_for_bit(kind, changes):
    dataset, chosen = small_problem(), config(kind, **changes)
    whole = states(dataset, chosen)
    for iteration in (1, 2):
        resumed = states(dataset, chosen, state=whole[iteration], iteration=iteration)
        assert list(resumed) == list(range(iteration, 4))
        for later, state in resumed.items():
            assert all(torch.equal(value, whole[later][key]) for key, value in state.items())


def test_a_run_left_between_two_outer_steps_goes_on_from_the_iteration_before():
    dataset, chosen = small_problem(), config()
    whole = states(dataset, chosen)
    steps = condense(dataset, chosen, plan=PLAN)
    last = None
    for event in islice(steps, 7):  # the start, one iteration of four events, two outer steps of the next
        last = event.state() if isinstance(event, Step) else last
    steps.close()
    resumed = states(dataset, chosen, state=last, iteration=1)
    assert all(torch.equal(value, whole[3][key]) for key, value in resumed[3].items())


@pytest.mark.parametrize("changes", [{}, {"norm": "batch"}, {"norm": "layer"}, {"pooling": "max"}])
def test_pieces_workers_and_layout_change_nothing_but_rounding(changes):
    chosen = config(iterations=1, **changes)
    joint, pieces = (states(small_problem(), chosen, plan)[1] for plan in (Plan(), PLAN))
    for key, value in joint.items():
        torch.testing.assert_close(pieces[key], value, atol=1e-4, rtol=1e-3)


def test_the_network_is_trained_after_each_matching_step_but_the_last(monkeypatch):
    epochs = []
    train_epoch = Minibatches.train_epoch

    def counted(self, training):
        epochs.append(training.epoch)
        return train_epoch(self, training)

    monkeypatch.setattr(Minibatches, "train_epoch", counted)
    list(condense(small_problem(), config(iterations=2), plan=PLAN))
    assert epochs == 2 * [0, 1, 2, 3]
    epochs.clear()
    list(condense(small_problem(), DsaConfig(images_per_class=1, width=8, depth=2, iterations=2), plan=PLAN))
    assert epochs == []


def test_dc_starts_from_noise_and_dsa_from_real_images():
    dataset = small_problem()
    noise, real = (
        next(condense(dataset, config(kind), plan=PLAN)).sets[0].pixels for kind in (DcConfig, DsaConfig)
    )
    pixels = dataset.train.statistics.normalise(dataset.train.images)
    assert (real[0, 0] == pixels[:30]).flatten(1).all(dim=1).any()
    assert not (noise[0, 0] == pixels).flatten(1).all(dim=1).any()


def test_each_class_and_outer_step_draws_an_augmentation_and_a_batch_of_its_own():
    dataset, chosen = small_problem(), config(real_batch=5)
    synthetic = SyntheticSet.initial(chosen.all_sets()[0], dataset.train, 0)
    first, again, later = (
        random_draws(dataset.train, synthetic, chosen, strategy(None, True), PLAN, number)
        for number in (0, 0, 1)
    )
    assert first.augmentations(0) == again.augmentations(0)
    assert len({repr(each) for each in first.augmentations(0)}) > 1
    assert first.augmentations(0) != first.augmentations(1)
    assert first.augmentations(0) != later.augmentations(0)
    for ours, same, other in zip(first.real(0), again.real(0), first.real(1), strict=True):
        assert torch.equal(ours, same)
        assert not torch.equal(ours, other)
    assert first.statistics is None
    batch_norm = random_draws(dataset.train, synthetic, config(norm="batch"), (), PLAN, 0)
    assert batch_norm.statistics(0).shape == (3 * 16, 3, 8, 8)


def test_inner_training_augments_each_image_by_itself():
    dataset, chosen = small_problem(), config()
    synthetic = SyntheticSet.initial(chosen.all_sets()[0], dataset.train, 0)
    minibatches = random_draws(dataset.train, synthetic, chosen, ("rotate",), PLAN, 0).minibatches
    same = synthetic.images[:1].expand(3, -1, -1, -1)
    augmented = minibatches.augment(same, 0, 0)
    assert not torch.equal(augmented[0], augmented[1])
    dc = random_draws(dataset.train, synthetic, chosen, (), PLAN, 0).minibatches
    assert torch.equal(dc.augment(same, 0, 0), same)


def test_running_statistics_are_frozen_while_matching():
    dataset, chosen = small_problem(), config(norm="batch")
    network = empty_network(chosen.network_spec(), dataset.shape, 3, torch.device("cpu"), True).train()
    initialise(network, torch_generator(0, 0, "network"))
    images = dataset.train.statistics.normalise(dataset.train.images)
    freeze_batch_norms(network, images)
    norm = network.features[1]
    assert not norm.training
    assert float(norm.running_mean.abs().max()) > 0
    before = norm.running_mean.clone()
    match(network, [images[:16]] * 3, torch.randn(3, 2, 3, 8, 8), (Identity(),) * 3, "ours", PLAN)
    assert torch.equal(norm.running_mean, before)


def test_matching_lowers_the_distance_of_gradients():
    chosen = DcConfig(dataset="small", width=8, depth=2, images_per_class=1, iterations=60, real_batch=16)
    steps = [step for step in condense(small_problem(), chosen, plan=Plan()) if isinstance(step, Step)][1:]
    losses = [float(step.loss_by_class["noise-1"].sum()) for step in steps]
    assert np.mean(losses[-10:]) < 0.9 * np.mean(losses[:5])


def test_pieces_are_as_many_for_each_worker():
    plan = Plan(piece=40, workers=2)
    assert [piece_for_workers(count, plan) for count in (100, 80, 10, 256, 1)] == [25, 40, 5, 32, 1]
    assert piece_for_workers(256, Plan()) == 256


def test_plan_gives_batch_norm_its_threads_and_others_their_workers():
    shape = (3, 32, 32)
    instance = make_gradient_plan(DsaConfig(), shape, 10, "cpu", threads=2)
    batch = make_gradient_plan(DsaConfig(norm="batch"), shape, 10, "cpu", threads=2)
    assert (instance.workers, instance.threads, batch.workers, batch.threads) == (2, 1, 2, 2)
    assert instance.piece == batch.piece == 32


def test_batch_norm_with_too_few_real_images_is_refused():
    with pytest.raises(ValueError, match=r"class 'b' has 15 real images.*from 16 of each class: leave"):
        next(condense(small_problem((30, 15, 30)), config(norm="batch"), plan=PLAN))
    next(condense(small_problem((30, 15, 30)), config(), plan=PLAN))


def test_a_network_without_double_backward_is_refused_before_the_first_step(monkeypatch):
    monkeypatch.setattr("dmcore.networks.double_backward._has_double_backward", lambda module, maps: False)
    with pytest.raises(ValueError, match=r"the layer Conv2d of convnet has no double backward"):
        next(condense(small_problem(), config(), plan=PLAN))


def test_a_gradient_that_is_no_number_is_refused_with_its_class_and_loses_nothing():
    dataset, chosen = small_problem(), config()
    state = states(dataset, config(iterations=1))[1]
    state["real-2/pixels"][1, 0] = float("nan")
    steps = condense(dataset, chosen, plan=PLAN, state=state, iteration=1)
    synthetic = next(steps).sets[0]
    with pytest.raises(ValueError, match=r"gradient of class 'b' is no longer a number: start a new run"):
        next(steps)
    assert torch.equal(synthetic.pixels[0], state["real-2/pixels"][0])


@pytest.mark.parametrize(("norm", "workers"), [("batch", 1), ("instance", PLAN.workers)])
def test_a_minibatch_in_one_piece_is_computed_with_all_threads(norm, workers):
    dataset, chosen = small_problem(), config(norm=norm)
    synthetic = SyntheticSet.initial(chosen.all_sets()[0], dataset.train, 0)
    assert random_draws(dataset.train, synthetic, chosen, (), PLAN, 0).minibatches.workers == workers


def test_a_state_of_another_number_of_classes_is_refused():
    dataset = small_problem()
    state = states(dataset, config(iterations=1))[1]
    state = {key: value[:2] for key, value in state.items()}
    with pytest.raises(ValueError, match="does not fit set 'real-2': start this run anew"):
        next(condense(dataset, config(), plan=PLAN, state=state, iteration=1))


def test_flip_is_left_out_where_it_changes_the_label():
    dataset = small_problem()
    digits = replace(dataset, train=replace(dataset.train, flip_keeps_label=False))
    for chosen, same in ((config(iterations=2), False), (config(iterations=2, augment=("color",)), True)):
        ours, theirs = (states(each, chosen)[2]["real-2/pixels"] for each in (dataset, digits))
        assert torch.equal(ours, theirs) == same
