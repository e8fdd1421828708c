"""Cost of gradient matching: pieces of work, their measurement, and the memory that they take."""

import pytest
import torch

from dmcore.bench.pieces import measure_pieces
from dmcore.config import CondenseConfig, DcConfig, DsaConfig, NetworkSpec
from dmcore.execution.activation_memory import activation_bytes
from dmcore.execution.cost import DataShape, Piece, condensation_workload
from dmcore.execution.memory_check import refuse_if_too_large
from dmcore.execution.peak_memory import PROCESS_BYTES, peak_memory
from dmcore.execution.speed_record import OVERHEAD_OPERATIONS, operations_of
from dmcore.gradients.plan import make_gradient_plan

DATA = DataShape((3, 32, 32), 10, 50_000, 10_000)
SMALL = NetworkSpec(width=4, depth=2)


def counts(config, done=0):
    work = condensation_workload(config, DATA, done)
    return {(piece.kind, piece.images): count for piece, count in work.counts}


def test_a_run_is_matching_steps_and_trainings_in_between():
    assert counts(DsaConfig(images_per_class=10)) == {
        ("real_gradient", 256): 10_000,
        ("synthetic_gradient", 10): 10_000,
        ("split_update", 100): 1000 * 9 * 50,
    }
    fifty = counts(DcConfig(images_per_class=50, iterations=100), done=40)
    assert (fifty["split_update", 256], fifty["split_update", 244]) == (60 * 49 * 10, 60 * 49 * 10)


def test_at_one_image_per_class_no_network_is_trained_and_it_is_cheaper_than_distribution_matching():
    one = DsaConfig(images_per_class=1)
    assert counts(one) == {("real_gradient", 256): 1000, ("synthetic_gradient", 1): 1000}

    def operations(config):
        work = condensation_workload(config, DATA)
        return sum(count * operations_of(piece) for piece, count in work.counts)

    assert operations(one) < 0.2 * operations(CondenseConfig(images_per_class=1))
    assert operations(DsaConfig(images_per_class=10)) > 3 * operations(CondenseConfig(images_per_class=10))


@pytest.mark.parametrize("kind", ["real_gradient", "synthetic_gradient"])
def test_the_halves_of_a_matching_step_are_measured(kind):
    piece = Piece(kind=kind, network=SMALL, shape=(1, 8, 8), classes=3, images=4)
    (measured,) = measure_pieces([piece], "cpu", threads=1)
    assert measured[piece] > 0
    assert kind in OVERHEAD_OPERATIONS


def test_memory_grows_with_the_images_of_a_class_and_the_workers():
    peaks = [
        peak_memory(condensation_workload(DsaConfig(images_per_class=size), DATA), workers)
        for size, workers in ((10, 1), (10, 2), (50, 2))
    ]
    assert PROCESS_BYTES < peaks[0] < peaks[1] < peaks[2]


def test_what_cannot_fit_is_refused_with_what_takes_the_most(monkeypatch):
    monkeypatch.setattr("dmcore.execution.memory_check.free_bytes", lambda _device: 2 * 10**9)
    config = DsaConfig(images_per_class=50)
    per_image = activation_bytes(config.network_spec(), DATA.shape, 10)
    refuse_if_too_large(config, DATA.shape, 10, per_image, torch.device("cpu"), workers=2)
    large = DsaConfig(images_per_class=1000, outer_steps=1, inner_epochs=1)
    with pytest.raises(
        ValueError, match=r"gradients of 1000 synthetic images.*choose fewer --images-per-class"
    ):
        make_gradient_plan(large, DATA.shape, 10, "cpu", threads=2)
    wide = DsaConfig(images_per_class=1, width=8000)
    with pytest.raises(ValueError, match=r"one convnet of width 8000.*choose a smaller --width"):
        make_gradient_plan(wide, DATA.shape, 10, "cpu", threads=2)
