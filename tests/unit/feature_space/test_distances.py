"""Distance preservation: hand-worked, against known truths, and on random networks."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from dmcore.config import CondenseConfig
from dmcore.data.images import DataSet, LabelledImages, Statistics
from dmcore.execution.plan import Plan
from dmcore.feature_space.distances import (
    MAX_IMAGES,
    DistancePreservation,
    DistanceSample,
    NetworkDistances,
    compare_distances,
    distance_preservation,
    draw_distance_sample,
    mean_and_std,
    pair_distances,
    rank_correlation,
    same_class,
    separation,
)
from dmcore.randomness import torch_generator
from dmcore.training.network_pool import build_pool

LINE = torch.tensor([[0.0], [1.0], [3.0], [7.0]])
LABEL = torch.tensor([0, 0, 1, 1])
SMALL = {"width": 8, "depth": 2}


@pytest.fixture(scope="module")
def sample(digits: DataSet) -> DistanceSample:
    return draw_distance_sample(digits.train, per_class=12)


def drawn(
    source: str, digits: DataSet, sample: DistanceSample, draws: int = 3, **changes: object
) -> list[NetworkDistances]:
    config = CondenseConfig(**{**SMALL, "dataset": "digits", "source": source, **changes})
    return list(distance_preservation(config, sample, digits, draws=draws))


def random_images(counts: tuple[int, ...]) -> LabelledImages:
    label = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
    images = torch.randint(0, 256, (len(label), 1, 4, 4), generator=torch_generator(0, 0, "test")).byte()
    names = tuple(f"class {index}" for index in range(len(counts)))
    return LabelledImages(images, label, names, Statistics((0.5,), (0.25,)))


def test_pairs_are_in_one_order_everywhere() -> None:
    assert pair_distances(LINE).tolist() == [1, 3, 7, 2, 6, 4]
    assert same_class(LABEL).tolist() == [True, False, False, False, False, True]


def test_a_case_worked_by_hand() -> None:
    pixels, within = pair_distances(LINE), same_class(LABEL)
    features = np.array([2.0, 3.0, 9.0, 3.0, 5.0, 1.0])
    # ranks of pixels 1 3 6 2 5 4, of features 2 3.5 6 3.5 5 1: covariance 11, variances 17.5 and 17
    preservation = compare_distances(pixels, features, within)
    assert preservation.all_pairs == pytest.approx(11 / math.sqrt(17.5 * 17))
    # between: ranks 2 4 1 3 against 1.5 4 1.5 3: covariance 4.5, variances 5 and 4.5
    assert preservation.between == pytest.approx(4.5 / math.sqrt(5 * 4.5))
    assert preservation.within == -1
    assert preservation.separation == pytest.approx((20 / 4) / (3 / 2))


def test_equal_distances_have_no_rank_correlation_and_no_separation() -> None:
    assert math.isnan(rank_correlation(np.ones(5), np.arange(5.0)))
    assert math.isnan(separation(np.zeros(3), np.array([True, False, False])))


def test_mean_and_deviation_over_networks() -> None:
    assert mean_and_std([1.0, 3.0]) == (2.0, pytest.approx(math.sqrt(2)), 2)
    assert mean_and_std([0.4]) == (0.4, 0.0, 1)


def test_pixels_keep_every_distance_exactly(digits: DataSet, sample: DistanceSample) -> None:
    (only,) = drawn("pixels", digits, sample)
    assert only.preservation == DistancePreservation(1.0, 1.0, 1.0, only.preservation.separation)
    np.testing.assert_array_equal(only.distances, sample.pixel_distances)
    assert only.preservation.separation == separation(sample.pixel_distances, sample.within) > 1


def test_scale_rotation_and_shift_of_features_change_nothing(sample: DistanceSample) -> None:
    features = sample.images.flatten(1)[:, :20].double()
    turned, _ = torch.linalg.qr(
        torch.randn(20, 20, generator=torch_generator(0, 0, "turn"), dtype=torch.float64)
    )
    before = compare_distances(sample.pixel_distances, pair_distances(features), sample.within)
    after = compare_distances(
        sample.pixel_distances, pair_distances(3.7 * (features @ turned) + 5), sample.within
    )
    assert vars(after) == pytest.approx(vars(before), abs=1e-6)


def test_order_of_the_images_changes_nothing(sample: DistanceSample) -> None:
    order = torch.randperm(len(sample.label), generator=torch_generator(0, 0, "order"))
    mixed = DistanceSample(sample.images[order], sample.label[order])
    preservations = [
        compare_distances(
            images.pixel_distances, pair_distances(images.images[:, :, 2:5].flatten(1)), images.within
        )
        for images in (sample, mixed)
    ]
    assert vars(preservations[1]) == pytest.approx(vars(preservations[0]), abs=1e-6)


def test_random_networks_keep_distances_clearly(digits: DataSet, sample: DistanceSample) -> None:
    networks = drawn("random", digits, sample, draws=4, width=32, depth=3)
    assert len(networks) == 4
    for network in networks:
        values = (network.preservation.within, network.preservation.between, network.preservation.all_pairs)
        assert min(values) > 0.4, values
        assert network.preservation.separation > 1.05
    assert len({network.preservation for network in networks}) == 4


def test_unrelated_features_keep_nothing(sample: DistanceSample) -> None:
    noise = torch.randn(len(sample.label), 30, generator=torch_generator(0, 0, "noise"))
    preservation = compare_distances(sample.pixel_distances, pair_distances(noise), sample.within)
    assert abs(preservation.all_pairs) < 0.1
    assert preservation.separation == pytest.approx(1, abs=0.02)


def test_a_seed_decides_everything(digits: DataSet, sample: DistanceSample) -> None:
    first, again = (drawn("random", digits, sample) for _ in range(2))
    other = drawn("random", digits, sample, seed=1)
    for network, same, different in zip(first, again, other, strict=True):
        assert network.preservation == same.preservation != different.preservation
        np.testing.assert_array_equal(network.distances, same.distances)
    assert torch.equal(draw_distance_sample(digits.train, per_class=12).images, sample.images)


def test_a_network_that_is_drawn_again_is_counted_once(digits: DataSet, sample: DistanceSample) -> None:
    assert len(drawn("fixed:1", digits, sample, draws=5)) == 1
    assert len(drawn("fixed:2", digits, sample, draws=8)) == 2


def test_with_batch_norm_the_sample_is_the_batch(
    digits: DataSet, sample: DistanceSample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dmcore.feature_space.distances.PIECE_BYTES", 1)  # others go in pieces of two images
    whole = drawn("random", digits, sample, draws=1, norm="batch")
    again = drawn("random", digits, sample, draws=1, norm="batch")
    assert whole[0].preservation == again[0].preservation
    assert whole[0].preservation.all_pairs > 0.4
    in_pieces = drawn("random", digits, sample, draws=1)[0].distances
    monkeypatch.undo()
    np.testing.assert_allclose(drawn("random", digits, sample, draws=1)[0].distances, in_pieces, rtol=1e-4)


def test_trained_networks_of_a_pool_separate_classes_more_than_random_ones(
    digits: DataSet, sample: DistanceSample, tmp_path: Path
) -> None:
    config = CondenseConfig(dataset="digits", **SMALL, pool_steps=150, pool_networks=1, source="band:60-100")
    for _ in build_pool(digits, config.pool_config(), 1, tmp_path, Plan()):
        pass
    trained = list(distance_preservation(config, sample, digits, draws=3, cache=tmp_path))
    random = drawn("random", digits, sample)
    lowest = min(network.preservation.separation for network in trained)
    assert lowest > max(network.preservation.separation for network in random)


def test_a_pool_that_is_not_there_is_a_sentence(
    digits: DataSet, sample: DistanceSample, tmp_path: Path
) -> None:
    config = CondenseConfig(dataset="digits", **SMALL, source="all")
    with pytest.raises(ValueError, match="is not there yet"):
        next(distance_preservation(config, sample, digits, cache=tmp_path))


def test_a_sample_takes_every_class_by_its_share_and_is_not_too_large() -> None:
    assert torch.bincount(draw_distance_sample(random_images((60, 30)), per_class=15).label).tolist() == [
        20,
        10,
    ]
    assert len(draw_distance_sample(random_images((20,) * 100), per_class=20).label) == MAX_IMAGES


@pytest.mark.parametrize("counts", [(9,), (1, 1, 1)])
def test_one_class_or_single_images_cannot_be_compared(counts: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="at least two classes"):
        draw_distance_sample(random_images(counts))
