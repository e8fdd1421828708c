"""The cloud of real images and the stars in it: still, comparable, measured with networks of its own."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from dmcore.config import CondenseConfig, NetworkSpec
from dmcore.data.images import DataSet
from dmcore.embedding.networks import RandomNetworks
from dmcore.execution.plan import make_plan
from dmcore.feature_space.coverage import Reference
from dmcore.feature_space.figure3_projection import Cloud, draw_fresh_real, sample_size, stars_of
from dmcore.feature_space.projection import map_width
from dmcore.feature_space.spaces import HELD_OUT_SEED, embed_real, pixel_space, random_space
from dmcore.randomness import numpy_generator
from dmcore.runs.creation import create_run
from dmcore.runs.recorder import record

SPEC = NetworkSpec(width=8, depth=2)


@pytest.fixture(scope="module")
def cloud(digits: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Cloud:
    return Cloud(digits, partial(random_space, SPEC), "tsne", SPEC, tmp_path_factory.mktemp("maps"))


def random_set(classes: int, images: int) -> np.ndarray:
    return numpy_generator(0, 0, "test").standard_normal((classes, images, 1, 8, 8)).astype(np.float32)


def test_real_images_stand_still_while_stars_move(cloud: Cloud) -> None:
    before = cloud.map.positions.copy()
    stars = stars_of(random_set(10, 2))
    first = cloud.project(stars)
    again = cloud.project(stars, first)
    assert np.array_equal(cloud.map.positions, before)
    assert first.shape == (20, 2)
    np.testing.assert_allclose(first, again, atol=0.01 * np.ptp(before))  # same features: it stays


def test_once_the_loss_is_flat_stars_glide_on_and_do_not_jump(
    digits: DataSet, cloud: Cloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = CondenseConfig(
        dataset="digits", images_per_class=10, width=8, depth=2, real_batch=32, iterations=400
    )
    run = create_run(tmp_path, config, digits, make_plan(config, digits.shape, 10, "cpu"), "recorded")
    for _ in record(run, digits):
        pass
    _, loss, _ = run.losses("real-10")
    early, late = loss[:20].sum(1).mean(), [part.sum(1).mean() for part in np.array_split(loss[-200:], 2)]
    assert early > 1.5 * late[0]  # it fell,
    assert late[1] > 0.85 * late[0]  # and is flat
    positions, moves = None, []
    ticks = [iteration for iteration in run.snapshots("real-10") if iteration >= 200][::8]
    for tick in ticks:
        stars = stars_of(run.snapshot("real-10", tick).pixels.astype(np.float32))
        before, positions = positions, cloud.project(stars, positions)
        if before is not None:
            moves.append(np.median(np.hypot(*(positions - before).T)) / map_width(cloud.map.positions))
    with capsys.disabled():
        apart = np.diff(ticks)
        print(f"\nstar's move in {len(moves)} ticks of {apart.min()} to {apart.max()} iterations: ", end="")
        print(f"median {np.median(moves):.2%}, largest {max(moves):.2%} of the map's width")
    assert len(moves) >= 3
    assert max(moves) < 0.05


def test_a_second_cloud_is_read_from_the_disk_and_is_the_same(
    digits: DataSet, cloud: Cloud, tmp_path: Path
) -> None:
    activities: list[str] = []
    folder = tmp_path / "maps"
    space = partial(random_space, SPEC)
    first = Cloud(digits, space, "tsne", SPEC, folder)
    again = Cloud(digits, space, "tsne", SPEC, folder, lambda doing, done: activities.append(doing))
    assert np.array_equal(first.map.positions, again.map.positions)
    assert "fitting t-SNE to the real images" not in activities


def test_the_sample_is_half_at_most_and_fresh_images_are_not_in_it(digits: DataSet, cloud: Cloud) -> None:
    assert len(cloud.positions) == sample_size(digits.train) == len(digits.train) // 2
    fresh = draw_fresh_real(digits.train, cloud.positions, 3, draw=0)
    assert np.bincount(fresh.label).tolist() == [3] * 10
    used = {image.numpy().tobytes() for image in digits.train.images[cloud.positions]}
    shown = digits.train.statistics.denormalise(fresh.images)
    free = {image.numpy().tobytes() for image in digits.train.images} - used
    assert all(image.numpy().tobytes() in free for image in shown)
    other = draw_fresh_real(digits.train, cloud.positions, 3, draw=1)
    assert not torch.equal(fresh.images, other.images)


def test_many_images_are_placed_in_part_and_classes_stay_whole() -> None:
    stars = stars_of(random_set(10, 80))
    assert np.bincount(stars.label).tolist() == [50] * 10
    assert stars.image.max() == 49
    assert len(stars_of(random_set(200, 5)).label) == 400


def test_numbers_are_those_of_the_features_with_distances_on_networks_nobody_learned_with(
    digits: DataSet, cloud: Cloud
) -> None:
    stars = stars_of(random_set(10, 3))
    measured = {metric.name: metric for metric in cloud.measure(stars)}
    reference = Reference.of(cloud.features, cloud.label, 10, 5)
    direct = {
        metric.name: metric for metric in reference.measure(cloud.space.embed(stars.images), stars.label)
    }
    for name in ("coverage", "density", "outliers", "nearest", "spread", "mmd"):
        assert measured[name].value == pytest.approx(direct[name].value)
    # by hand, on the third of the held-out networks
    distances = cloud.held_out_networks.squared_distances(stars)
    network = RandomNetworks(SPEC, digits.shape, 10, HELD_OUT_SEED, torch.device("cpu"), True).at(3)
    with torch.no_grad():
        real = network.embed(digits.train.statistics.normalise(digits.train.images[cloud.positions]))
        own = network.embed(stars.images)
    for label in range(10):
        away = real[cloud.label == label].mean(0) - own[stars.label == label].mean(0)
        assert distances[2, label] == pytest.approx(float(away.square().sum()), rel=1e-3)
    assert measured["mean_distance"].n == len(distances) == 8
    assert measured["mean_distance"].value == pytest.approx(distances.mean())


def test_the_ceiling_is_what_fresh_real_images_reach(cloud: Cloud) -> None:
    ceiling = {metric.name: metric.value for metric in cloud.ceiling(5)}
    noise = {metric.name: metric.value for metric in cloud.measure(stars_of(random_set(10, 5)))}
    assert ceiling["coverage"] > noise["coverage"]
    assert ceiling["outliers"] < noise["outliers"]
    assert ceiling["mean_distance"] < noise["mean_distance"]


def test_random_spaces_repeat_and_no_run_can_have_their_networks(digits: DataSet) -> None:
    positions = torch.arange(40)
    original, again = (random_space(SPEC, digits.train, positions) for _ in range(2))
    other = random_space(SPEC, digits.train, positions, draw=1)
    assert original.key == again.key != other.key
    first, second, third = (embed_real(space, digits.train, positions) for space in (original, again, other))
    assert np.array_equal(first, second)
    assert not np.allclose(first, third)
    with pytest.raises(ValueError, match="less than"):
        CondenseConfig(dataset="digits", seed=HELD_OUT_SEED)


def test_batch_norm_spaces_embed_an_image_alike_alone_and_among_others(digits: DataSet) -> None:
    space = random_space(SPEC.model_copy(update={"norm": "batch"}), digits.train, torch.arange(100))
    together = embed_real(space, digits.train, torch.arange(10))
    alone = embed_real(space, digits.train, torch.arange(1))
    np.testing.assert_allclose(together[:1], alone, rtol=1e-4, atol=1e-5)


def test_pixels_are_a_space_of_their_own(digits: DataSet) -> None:
    images = digits.train.statistics.normalise(digits.train.images[:3])
    assert np.array_equal(pixel_space().embed(images), images.flatten(1).numpy())
