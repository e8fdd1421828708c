"""Distances, their gradients and two whole iterations of DC against the record."""

import pytest
import torch
from torch.nn import functional

from dmcore.augment import Identity
from dmcore.config import NetworkSpec, SetSpec
from dmcore.config.gradient_matching import DcConfig
from dmcore.data.synthetic import SyntheticSet
from dmcore.execution import fused_training
from dmcore.execution.plan import Plan
from dmcore.gradient_matching import match, match_and_train
from dmcore.gradients.draws import GradientDraws
from dmcore.networks import build_network
from dmcore.training.minibatch import Minibatches

NORMS = {"instancenorm": "instance", "batchnorm": "batch"}
PLANS = {
    "joint": Plan(),
    "channels_last in pieces": Plan(channels_last=True, piece=3, workers=2),
    "fast path": Plan(channels_last=True, piece=3, workers=2, quick=fused_training.VERSION),
}
PIXELS = {"atol": 1e-4, "rtol": 1e-3}


class Comparison:
    def __init__(self):
        self.numbers, self.largest = 0, 0.0

    def __call__(self, ours, expected, what):
        ours = torch.as_tensor(ours).detach().float()
        expected = torch.as_tensor(expected).float().reshape(ours.shape)
        torch.testing.assert_close(ours, expected, **PIXELS, msg=lambda text: f"{what}: {text}")
        self.numbers += ours.numel()
        self.largest = max(self.largest, float((ours - expected).abs().max()))


def network_with(weights, norm, shape, plan):
    spec = NetworkSpec(width=len(weights[0]), norm=norm)
    network = build_network(spec, *shape, len(weights[-1]))
    with torch.no_grad():
        for parameter, value in zip(network.parameters(), weights, strict=True):
            parameter.copy_(torch.as_tensor(value))
    return network.to(memory_format=plan.memory_format)


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("distance", ["ours", "mse", "cos"])
def test_distances_and_their_pixel_gradients_equal_the_record(oracle, distance, plan):
    record, plan, compare = oracle("gradient_matching.npz"), PLANS[plan], Comparison()
    real, synthetic = torch.from_numpy(record["real"]), torch.from_numpy(record["syn"])
    weights = [record[key] for key in record.files if key.startswith("weights/")]
    network = network_with(weights, "instance", real.shape[1:], plan)
    # the record is of one class: the others get the same images, so that each stands at its own label
    classes, label = len(weights[-1]), int(record["label"])
    (losses, gradient) = match(
        network,
        [real] * classes,
        synthetic.expand(classes, *synthetic.shape).clone(),
        (Identity(),) * classes,
        distance,
        plan,
    )
    compare(losses[label], record[f"{distance}/distance"], f"{distance} distance")
    compare(gradient[label], record[f"{distance}/grad"], f"gradient of the {distance} distance")
    scale = float(abs(record[f"{distance}/grad"]).max())
    print(
        f"gradient_matching.npz {distance}: {compare.numbers} numbers, largest difference "
        f"{compare.largest:.1e}, largest gradient {scale:.1e}"
    )
    # the gradient of cos is hardly larger than the tolerance: its direction is held too
    expected = torch.from_numpy(record[f"{distance}/grad"]).flatten()
    assert float(functional.cosine_similarity(gradient[label].flatten(), expected, dim=0)) > 0.99999


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("norm", NORMS)
def test_two_iterations_with_their_inner_training_equal_the_record(oracle, norm, plan):
    record, plan, compare = oracle("gm_trajectory.npz"), PLANS[plan], Comparison()
    real, start = torch.from_numpy(record["real"]), torch.from_numpy(record["start"])
    iterations, outer_steps, classes, _ = record["index"].shape
    keys = [key for key in record.files if key.startswith(f"{norm}/weights/")]
    config = DcConfig(
        images_per_class=start.shape[1],
        width=len(record[keys[0]][0]),
        norm=NORMS[norm],
        outer_steps=outer_steps,
        inner_epochs=record["order"].shape[2],
        network_batch=4,
    )
    (spec,) = config.all_sets()
    assert spec == SetSpec(name="noise-2", images_per_class=2, init="noise", image_lr=0.1, momentum=0.5)
    synthetic = SyntheticSet(spec, start.clone(), torch.zeros_like(start))

    for iteration in range(iterations):
        network = network_with([record[key][iteration] for key in keys], NORMS[norm], real.shape[2:], plan)
        inner_losses = []
        draws = recorded_draws(record, norm, iteration, real, synthetic, plan, inner_losses)
        for outer, loss in enumerate(match_and_train(network, synthetic, draws, config, plan)):
            where = f"{norm} iteration {iteration} outer step {outer}"
            compare(loss, record[f"{norm}/loss_per_class"][iteration, outer], f"{where}: losses")
            compare(synthetic.pixels, record[f"{norm}/synthetic"][iteration, outer], f"{where}: pixels")
            compare(
                synthetic.momentum_buffer, record[f"{norm}/momentum"][iteration, outer], f"{where}: momentum"
            )
            if outer:
                parameters = torch.cat([parameter.flatten() for parameter in network.parameters()])
                compare(
                    parameters, record[f"{norm}/network_after"][iteration, outer - 1], f"{where}: parameters"
                )
        compare(torch.stack(inner_losses), record[f"{norm}/inner_loss"][iteration], f"{where}: inner losses")
    print(f"gm_trajectory.npz {norm}: {compare.numbers} numbers, largest difference {compare.largest:.1e}")
    assert compare.numbers == iterations * (
        outer_steps * (classes + 2 * start.numel()) + 2 * record[f"{norm}/network_after"].shape[-1] + 8
    )


def recorded_draws(record, norm, iteration, real, synthetic, plan, inner_losses):
    """The record's choices; the inner training writes the loss of each batch to `inner_losses`."""

    def taken(indices):
        return [of_class[torch.from_numpy(chosen)] for of_class, chosen in zip(real, indices, strict=True)]

    def statistics(outer):
        return torch.cat(taken(record["batchnorm/index_statistics"][iteration, outer]))

    def order(epoch, count):
        return torch.from_numpy(record["order"][iteration].reshape(-1, count)[epoch])

    return GradientDraws(
        real=lambda outer: taken(record["index"][iteration, outer]),
        augmentations=lambda outer: (Identity(),) * len(real),
        statistics=statistics if norm == "batchnorm" else None,
        class_names=("a", "b", "c"),
        minibatches=Minibatches(
            lambda index: synthetic.images[index].contiguous(memory_format=plan.memory_format),
            synthetic.label,
            order,
            lambda batch, epoch, position: batch,
            logits=plan.logits,
            on_logits=lambda index, logits, label: inner_losses.append(
                functional.cross_entropy(logits, label)
            ),
        ),
    )
