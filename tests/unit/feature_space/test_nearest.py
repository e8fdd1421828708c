"""The nearest real images against a plain search in double precision."""

from itertools import pairwise

import pytest
import torch
from torch import nn

import dmcore.feature_space.nearest
import dmcore.feature_space.spaces
from dmcore.config import NetworkSpec
from dmcore.data.images import LabelledImages, Statistics
from dmcore.data.load import load_dataset
from dmcore.feature_space.nearest import nearest_in_pixels, random_index
from dmcore.feature_space.spaces import stratified_sample
from dmcore.randomness import torch_generator

SMALL = NetworkSpec(width=8, depth=2)


def random_images(counts: tuple[int, ...], channels: int = 3, side: int = 9) -> LabelledImages:
    """Random real images, so many of each class, the classes mixed."""
    generator = torch_generator(0, 0, "test")
    label = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
    label = label[torch.randperm(len(label), generator=generator)]
    images = torch.randint(0, 256, (len(label), channels, side, side), generator=generator, dtype=torch.uint8)
    names = tuple(f"class {index}" for index in range(len(counts)))
    return LabelledImages(images, label, names, Statistics((0.3,) * channels, (0.2,) * channels))


def direct(candidates: torch.Tensor, image: torch.Tensor, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    far = torch.cdist(
        image.flatten()[None].double(),
        candidates.flatten(1).double(),
        compute_mode="donot_use_mm_for_euclid_dist",
    )[0]
    distances, order = far.sort(stable=True)
    return order[:count], distances[:count].float()


@pytest.mark.parametrize("piece_bytes", [1, 10_000, 2**24])
def test_nearest_in_pixels_equals_a_direct_search_whatever_the_pieces(
    monkeypatch: pytest.MonkeyPatch, piece_bytes: int
) -> None:
    monkeypatch.setattr(dmcore.feature_space.spaces, "PIECE_BYTES", piece_bytes)
    monkeypatch.setattr(dmcore.feature_space.nearest, "PIECE_BYTES", piece_bytes)
    real = random_images((40, 25, 60))
    image = torch.randn(3, 9, 9, generator=torch_generator(1, 0, "test"))
    nearest = nearest_in_pixels(real, image, 7)
    positions, distances = direct(real.statistics.normalise(real.images), image, 7)
    assert torch.equal(nearest.positions, positions)
    torch.testing.assert_close(nearest.distances, distances, rtol=1e-5, atol=0)


def test_nearest_of_a_real_digit_is_itself_and_equally_far_ones_keep_their_order() -> None:
    real = load_dataset("digits").train
    nearest = nearest_in_pixels(real, real.statistics.normalise(real.images[123]), 5)
    assert (nearest.positions[0], nearest.distances[0]) == (123, 0)
    assert all(near <= far for near, far in pairwise(nearest.distances.tolist()))
    twice = LabelledImages(real.images[[5, 5, 5]], real.label[[5, 5, 5]], real.class_names, real.statistics)
    same = nearest_in_pixels(twice, real.statistics.normalise(real.images[9]), 10)
    assert same.positions.tolist() == [0, 1, 2]


@pytest.mark.parametrize("norm", ["instance", "none", "batch"])
@pytest.mark.parametrize("piece_bytes", [1, 2**24])
def test_nearest_in_features_equals_a_direct_search(
    monkeypatch: pytest.MonkeyPatch, norm: str, piece_bytes: int
) -> None:
    monkeypatch.setattr(dmcore.feature_space.spaces, "PIECE_BYTES", piece_bytes)
    monkeypatch.setattr(dmcore.feature_space.nearest, "PIECE_BYTES", piece_bytes)
    real = random_images((30, 30, 21))
    index = random_index(real, SMALL.model_copy(update={"norm": norm}), most=50)
    image = torch.randn(3, 9, 9, generator=torch_generator(1, 0, "test"))
    with torch.no_grad():
        features = index.space.network.embed(real.statistics.normalise(real.images[index.positions]))
        own = index.space.network.embed(image[None])[0]
    order, distances = direct(features, own, 6)
    nearest = index.nearest(image, 6)
    assert torch.equal(nearest.positions, index.positions[order])
    torch.testing.assert_close(nearest.distances, distances, rtol=1e-4, atol=1e-5)


def test_index_is_a_function_of_its_seed_and_finds_an_image_of_its_sample() -> None:
    real = random_images((30, 30))
    first, again, other = (random_index(real, SMALL, seed, most=20) for seed in (0, 0, 1))
    inside = int(first.positions[3])
    image = real.statistics.normalise(real.images[inside])
    nearest = first.nearest(image, 4)
    assert nearest.positions[0] == inside
    assert nearest.distances[0] < 1e-4
    assert torch.equal(again.nearest(image, 4).distances, nearest.distances)
    assert not torch.equal(other.positions, first.positions)


def test_batch_norm_of_an_index_stands_still_while_images_are_looked_up() -> None:
    real = random_images((20, 20))
    index = random_index(real, SMALL.model_copy(update={"norm": "batch"}))
    norms = [module for module in index.space.network.modules() if isinstance(module, nn.BatchNorm2d)]
    before = [module.running_mean.clone() for module in norms]
    assert all(float(module.abs().max()) > 0 for module in before)
    index.nearest(torch.zeros(3, 9, 9), 3)
    assert all(torch.equal(module.running_mean, mean) for module, mean in zip(norms, before, strict=True))


@pytest.mark.parametrize(
    ("counts", "most", "expected"), [((100, 50, 10), 16, [10, 5, 1]), ((3, 4), 99, [3, 4])]
)
def test_sample_holds_every_class_by_its_share(
    counts: tuple[int, ...], most: int, expected: list[int]
) -> None:
    real = random_images(counts)
    positions = stratified_sample(real, most, 0)
    assert torch.bincount(real.label[positions]).tolist() == expected
    assert positions.tolist() == sorted(set(positions.tolist()))


def test_index_samples_fewer_images_where_each_has_many_features(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        dmcore.feature_space.nearest, "INDEX_BYTES", 4 * 32 * 12
    )  # 32 features: 8 maps of 2 × 2
    assert len(random_index(random_images((30, 30)), SMALL).positions) == 12


def test_image_of_another_size_is_refused_in_a_sentence() -> None:
    real = random_images((5, 5))
    with pytest.raises(ValueError, match="the image is 1×8×8, the real ones are 3×9×9"):
        nearest_in_pixels(real, torch.zeros(1, 8, 8), 3)
    with pytest.raises(ValueError, match="give one of the same size"):
        random_index(real, SMALL).nearest(torch.zeros(1, 8, 8), 3)
