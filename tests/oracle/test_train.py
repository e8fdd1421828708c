"""The evaluation protocol against 29 recorded epochs of the authors' training loop."""

import numpy as np
import pytest
import torch

from dmcore.config import EvaluateConfig, NetworkSpec
from dmcore.execution.fused_training import trained_logits
from dmcore.networks import build_network
from dmcore.training.evaluate import train
from dmcore.training.minibatch import Minibatches


@pytest.mark.parametrize(
    ("recorded", "norm", "layout"),
    [
        ("instancenorm", "instance", torch.contiguous_format),
        ("instancenorm", "instance", torch.channels_last),  # has the fast path
        ("batchnorm", "batch", torch.contiguous_format),
    ],
)
def test_training_follows_the_recorded_epochs(oracle, recorded, norm, layout):
    record = oracle("train.npz")
    network = build_network(NetworkSpec(width=16, norm=norm), 3, 32, 32, classes=3)
    weights = [key for key in record if key.startswith(f"{recorded}/weights/")]
    parameters = dict(network.named_parameters())
    assert len(parameters) == len(weights)
    with torch.no_grad():
        for parameter, key in zip(parameters.values(), weights, strict=True):
            parameter.copy_(torch.from_numpy(record[key]).view_as(parameter))
    network.to(memory_format=layout)
    images = torch.from_numpy(record["images"]).contiguous(memory_format=layout)
    order = torch.from_numpy(record["order"])

    losses = train(
        network,
        Minibatches(
            lambda index: images[index],
            torch.from_numpy(record["label"]),
            lambda epoch, count: order[epoch],
            lambda batch, epoch, position: batch,
            logits=trained_logits,
        ),
        EvaluateConfig(epochs=28, batch=8),
    )
    losses = torch.stack(list(losses)).numpy()
    with torch.no_grad():
        logits = network.eval()(torch.from_numpy(record["test"])).numpy()

    largest = max(
        float(np.abs(ours - theirs).max())
        for ours, theirs in (
            (losses, record[f"{recorded}/loss_by_epoch"]),
            (logits, record[f"{recorded}/logits"]),
        )
    )
    print(f"train.npz {recorded}: {losses.size + logits.size} numbers, largest difference {largest:.1e}")
    np.testing.assert_allclose(losses, record[f"{recorded}/loss_by_epoch"], atol=1e-3, rtol=1e-3)
    np.testing.assert_allclose(logits, record[f"{recorded}/logits"], atol=1e-3, rtol=1e-3)
