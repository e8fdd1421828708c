"""Training fresh networks on a small set and testing them."""

import numpy as np
import pytest
import torch

from dmcore.config import EvaluateConfig, NetworkSpec
from dmcore.data.images import LabelledImages, Statistics
from dmcore.execution.plan import Plan
from dmcore.training.evaluate import EpochDone, ImagesTested, NetworkTested, evaluate, summarise, train
from dmcore.training.minibatch import Minibatches

STATISTICS = Statistics((0.5,), (0.25,))
NARROW = NetworkSpec(width=4, depth=1)
NAMED = torch.eye(2, dtype=torch.int64)


def bright_and_dark(count: int, size: int = 8) -> LabelledImages:
    """Two classes anybody can tell apart: dark and bright noise."""
    random = np.random.default_rng(count)
    label = torch.arange(count) % 2
    images = torch.from_numpy(random.integers(0, 100, (count, 1, size, size), dtype=np.uint8))
    return LabelledImages(
        images + (label * 150).to(torch.uint8).view(-1, 1, 1, 1), label, ("dark", "bright"), STATISTICS
    )


def events_of(config: EvaluateConfig, *, stored: bool = False, **options):
    training, test = bright_and_dark(6), bright_and_dark(40)
    images = training.images if stored else STATISTICS.normalise(training.images)
    return list(evaluate(images, training.label, test, [NARROW], config, **options))


def test_each_network_trains_one_epoch_more_than_asked_and_is_tested_once():
    events = events_of(EvaluateConfig(epochs=3, repeats=2, augment=()), plan=Plan())
    assert [type(event).__name__ for event in events] == (
        ["EpochDone"] * 4 + ["ImagesTested", "NetworkTested"]
    ) * 2
    assert [event.epoch for event in events if isinstance(event, EpochDone)] == [0, 1, 2, 3] * 2
    assert [event.repeat for event in events if isinstance(event, NetworkTested)] == [0, 1]


def test_a_long_test_can_be_paused_between_pieces_of_the_test_images():
    training, test = bright_and_dark(6), bright_and_dark(300)
    config = EvaluateConfig(epochs=1, repeats=1)
    events = list(evaluate(training.images, training.label, test, [NARROW], config, Plan()))
    assert [event.images for event in events if isinstance(event, ImagesTested)] == [256, 300]
    assert events[-1].confusion.sum() == 300


@pytest.mark.parametrize("norm", ["instance", "batch", "layer", "none"])
def test_a_network_trained_in_pieces_is_the_one_trained_on_whole_minibatches(norm, monkeypatch):
    """Batch norm, by which images meet, has its minibatches whole."""
    training, test = bright_and_dark(33), bright_and_dark(4)
    spec = NetworkSpec(width=8, depth=2, norm=norm)
    config = EvaluateConfig(epochs=3, repeats=1, batch=40)

    def losses(piece):
        monkeypatch.setattr("dmcore.training.minibatch.LEAST_PIECE", piece)
        monkeypatch.setattr("dmcore.training.minibatch.PIECE_BYTES", 0)
        events = evaluate(training.images, training.label, test, [spec], config, Plan())
        return torch.tensor([event.loss for event in events if isinstance(event, EpochDone)])

    torch.testing.assert_close(losses(16), losses(1000), atol=1e-5, rtol=1e-4)


def test_networks_trained_side_by_side_are_those_trained_one_after_the_other():
    config = EvaluateConfig(epochs=2, repeats=3)

    def tested(workers):
        events = events_of(config, plan=Plan(workers=workers))
        losses = {(e.repeat, e.epoch): e.loss.item() for e in events if isinstance(e, EpochDone)}
        return losses, sorted((e.repeat, e.accuracy) for e in events if isinstance(e, NetworkTested))

    assert tested(1) == tested(2)


def test_evaluating_leaves_the_process_with_the_threads_it_had():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        events_of(EvaluateConfig(epochs=1, repeats=1))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_an_easy_problem_is_learned():
    (result,) = summarise(events_of(EvaluateConfig(epochs=40, repeats=2, augment=())))
    assert result.mean == 100
    assert result.n == 2
    assert result.network == NARROW


def test_the_same_seed_gives_the_same_losses_and_another_gives_others():
    config = EvaluateConfig(epochs=2, repeats=1)

    def losses(config):
        return [event.loss.item() for event in events_of(config) if isinstance(event, EpochDone)]

    assert losses(config) == losses(config)
    assert losses(config) != losses(config.model_copy(update={"seed": 1}))


def test_stored_and_normalised_images_train_the_same_network():
    config = EvaluateConfig(epochs=2, repeats=1)
    stored, normalised = events_of(config, stored=True), events_of(config)
    losses = [
        [event.loss for event in events if isinstance(event, EpochDone)] for events in (stored, normalised)
    ]
    assert losses[0] == losses[1]


def test_rate_drops_with_a_fresh_optimiser_after_epoch_half_plus_one():
    rates = []

    class Watched(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(2))

        def forward(self, images):
            return self.weight.expand(len(images), 2)

    network, config = Watched(), EvaluateConfig(epochs=6, momentum=0, weight_decay=0)
    label, before = torch.zeros(4, dtype=torch.int64), torch.zeros(2)
    losses = train(
        network,
        Minibatches(
            lambda index: torch.zeros(len(index), 1, 1, 1),
            label,
            lambda epoch, count: torch.arange(count),
            lambda batch, epoch, index: batch,
        ),
        config,
    )
    for _ in losses:
        gradient = before.softmax(0) - torch.tensor([1.0, 0.0])
        rates.append(((before - network.weight.detach()) / gradient).mean().item())
        before = network.weight.detach().clone()
    assert rates == pytest.approx([0.01] * 5 + [0.001] * 2, rel=1e-2)


def test_every_parameter_is_trained_and_the_classifier_is_tested_in_eval_mode():
    spec = NetworkSpec(width=4, depth=1, norm="batch")
    training, test = bright_and_dark(6), bright_and_dark(41)
    reordered = torch.randperm(41, generator=torch.Generator().manual_seed(0))
    shuffled = LabelledImages(test.images[reordered], test.label[reordered], test.class_names, STATISTICS)
    config, images = EvaluateConfig(epochs=10, repeats=1), STATISTICS.normalise(training.images)
    first, other = (
        list(evaluate(images, training.label, tested, [spec], config))[-1] for tested in (test, shuffled)
    )
    assert first.accuracy == other.accuracy


def test_summary_is_mean_and_standard_deviation_over_networks():
    other = NetworkSpec(network="mlp")
    (first, second) = summarise(
        [NetworkTested(*values, NAMED) for values in ((NARROW, 0, 70.0), (NARROW, 1, 80.0), (other, 0, 50.0))]
    )
    assert (first.mean, first.std, first.n, first.accuracies) == (75.0, 5.0, 2, (70.0, 80.0))
    assert (second.network, second.mean, second.std, second.n) == (other, 50.0, 0.0, 1)


@pytest.mark.parametrize(
    ("count", "size", "label", "remedy"),
    [
        (0, 8, 0, "at least one image"),
        (2, 9, 0, "condensed from"),
        (2, 8, 2, "the test data have 2 classes"),
    ],
)
def test_a_set_that_does_not_fit_the_test_images_is_refused(count, size, label, remedy):
    images = torch.zeros(count, 1, size, size)
    labels = torch.full((count,), label)
    with pytest.raises(ValueError, match=remedy):
        next(evaluate(images, labels, bright_and_dark(4), [NARROW], EvaluateConfig()))


def test_missing_test_images_are_refused():
    with pytest.raises(ValueError, match="no test images"):
        next(
            evaluate(
                torch.zeros(2, 1, 8, 8),
                torch.zeros(2, dtype=torch.int64),
                bright_and_dark(0),
                [NARROW],
                EvaluateConfig(),
            )
        )


def test_protocol_is_stored_with_its_fields_in_the_order_of_the_options():
    stored = (
        '{"networks":["convnet"],"repeats":5,"epochs":1000,"learning_rate":0.01,"momentum":0.9,'
        '"weight_decay":0.0005,"batch":256,"augment":null,"seed":0}'
    )
    assert EvaluateConfig().model_dump_json() == stored
