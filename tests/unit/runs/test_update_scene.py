"""Scenes of updates: exact where they say so, what Algorithm 1 computes, small, and the same again."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from support.fresh_interpreter import run_fresh
from support.small_runs import record_run

from dmcore.config import CondenseConfig, NetworkSpec, SetChange
from dmcore.data.images import DataSet
from dmcore.data.load import load_dataset
from dmcore.embedding.sources import embedding_networks
from dmcore.execution.plan import Plan
from dmcore.experiments.gallery.recorded import find_recorded
from dmcore.files.atomic import StorageError
from dmcore.matching import draw_real
from dmcore.networks.registry import build_network
from dmcore.runs.folder import RunFolder
from dmcore.runs.recompute import embedded
from dmcore.runs.recompute.block_maps import MOST_BLOCKS, block_maps
from dmcore.runs.recompute.feature_plane import project_features
from dmcore.runs.recompute.scene import SHOWN_MAPS, UpdateScene, update_scene
from dmcore.runs.recompute.scene_file import pack_scenes, read_scenes, scene_file, unpack_scenes, write_scenes
from dmcore.runs.recompute.update import recompute_first_updates, recompute_update
from dmcore.runs.recompute.values import SHOWN

CONFIG = CondenseConfig(
    dataset="digits",
    width=8,
    depth=2,
    real_batch=16,
    images_per_class=1,
    init="noise",
    iterations=8,
    sets=(SetChange(), SetChange(images_per_class=8)),
)
MOST_BYTES = 300_000
"""Of the scenes of a class: a page loads them at once."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return record_run(tmp_path_factory.mktemp("runs"), CONFIG, threads=1)


@pytest.fixture(scope="module", params=["instance", "batch", "none"])
def any_norm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    config = CONFIG.model_copy(update={"norm": request.param})
    return record_run(tmp_path_factory.mktemp("norms"), config, threads=1)


def same(one: UpdateScene, other: UpdateScene) -> None:
    for name, value in vars(one).items():
        if isinstance(value, tuple):
            for part, again in zip(value, getattr(other, name), strict=True):
                np.testing.assert_array_equal(part, again)
        else:
            np.testing.assert_array_equal(value, getattr(other, name), err_msg=name)


def test_the_first_updates_follow_from_the_configuration_alone(run: RunFolder, digits: DataSet) -> None:
    updates = list(recompute_first_updates(run, digits, 3))
    assert [update.iteration for update in updates] == [0, 1, 2]
    for update in updates:
        assert update.same_plan
        for name, of_set in update.sets.items():
            np.testing.assert_array_equal(of_set.loss, of_set.recorded)
            stored = run.snapshot(name, update.iteration + 1).pixels
            for label, images in of_set.classes.items():
                np.testing.assert_array_equal(images.after.astype(np.float16), stored[label])


def test_fewer_iterations_than_asked_for_are_all_that_is_recomputed(tmp_path: Path, digits: DataSet) -> None:
    short = record_run(tmp_path, CONFIG.model_copy(update={"iterations": 2, "sets": ()}))
    assert [update.iteration for update in recompute_first_updates(short, digits, 6, [4])] == [0, 1]


def test_means_of_the_features_are_those_of_the_loss(any_norm: RunFolder, digits: DataSet) -> None:
    update = recompute_update(any_norm, digits, 4, [3, 7])
    for label, real in update.real.items():
        np.testing.assert_allclose(real.features.mean(0), update.real_means[label], rtol=1e-4, atol=1e-5)
        for of_set in update.sets.values():
            features = of_set.classes[label].features
            np.testing.assert_allclose(features.mean(0), of_set.means[label], rtol=1e-4, atol=1e-5)
        assert len(real.features) == 16


def test_maps_of_the_last_block_are_the_features(any_norm: RunFolder, digits: DataSet) -> None:
    update = recompute_update(any_norm, digits, 4, [3, 7])
    seen = [*update.real.values()]
    seen += [images for of_set in update.sets.values() for images in of_set.classes.values()]
    for images in seen:
        last = images.maps[-1].reshape(len(images.maps[-1]), -1)
        assert len(last) == min(SHOWN, len(images.features))
        np.testing.assert_allclose(last, images.features[:SHOWN], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("set_name", ["noise-1", "noise-8"])
def test_the_drawn_distance_is_the_loss_and_the_means_are_where_it_is_drawn(
    any_norm: RunFolder, digits: DataSet, set_name: str
) -> None:
    update = recompute_update(any_norm, digits, 4, [3])
    scene = update_scene(any_norm, update, set_name, 3)
    assert scene.distance**2 == pytest.approx(scene.loss, rel=1e-5)
    assert scene.loss == update.sets[set_name].loss[3]
    np.testing.assert_allclose(scene.real_points.mean(0), [0, 0], atol=1e-4 * scene.distance)
    np.testing.assert_allclose(
        scene.synthetic_points.mean(0)[0], scene.distance, rtol=1e-4, err_msg="the star is the mean"
    )


def test_without_augmentation_the_network_sees_the_images_before_the_step(
    tmp_path: Path, digits: DataSet
) -> None:
    plain = record_run(tmp_path, CONFIG.model_copy(update={"augment": (), "iterations": 2, "sets": ()}))
    images = recompute_update(plain, digits, 1, [3]).sets["noise-1"].classes[3]
    np.testing.assert_array_equal(images.augmented, images.before)
    assert (images.before != images.after).any()


def test_maps_that_do_not_fit_into_memory_are_refused_with_a_remedy(
    any_norm: RunFolder, digits: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "free_bytes", lambda _device: 10**5)
    config = any_norm.config
    assert config is not None
    if config.norm != "batch":
        assert recompute_update(any_norm, digits, 4, [3]).real[3].maps
        return
    with pytest.raises(ValueError, match=r"need all 160 images as one batch, about .* another norm"):
        recompute_update(any_norm, digits, 4, [3])


def test_loss_and_gradient_are_those_of_the_formula_by_autograd(run: RunFolder, digits: DataSet) -> None:
    update = recompute_update(run, digits, 8, [5])
    plan = Plan.model_validate(run.description.plan)
    config = run.config
    assert config is not None
    network = embedding_networks(config, digits, plan).at(update.draw)
    augment = update.augmentations[5]
    real = digits.train.images[draw_real(digits.train, config, update.draw, "real batch")[5]]
    with torch.no_grad():
        real_mean = network.embed(augment(digits.train.statistics.normalise(real))).mean(0)
    for name, of_set in update.sets.items():
        images = of_set.classes[5]
        pixels = torch.from_numpy(images.before).requires_grad_()
        loss = (real_mean - network.embed(augment(pixels)).mean(0)).square().sum()
        assert loss.item() == pytest.approx(float(of_set.loss[5]), rel=1e-4), name
        (gradient,) = torch.autograd.grad(loss, pixels)
        largest = np.abs(images.gradient).max()
        np.testing.assert_allclose(images.gradient, gradient.numpy(), atol=1e-3 * largest)
        momentum = of_set.spec.momentum * images.momentum_before + images.gradient
        np.testing.assert_allclose(images.momentum, momentum, rtol=1e-6, atol=1e-7)
        step = images.before - of_set.spec.image_lr * images.momentum
        np.testing.assert_allclose(images.after, step, rtol=1e-6, atol=1e-6)


def test_pictures_are_those_of_the_update_and_a_few_of_many_are_shown(
    run: RunFolder, digits: DataSet
) -> None:
    update = recompute_update(run, digits, 4, [3])
    scene = update_scene(run, update, "noise-8", 3)
    np.testing.assert_array_equal(scene.real, update.real[3].stored[:SHOWN])
    assert len(scene.synthetic) == len(scene.gradient) == len(scene.after) == SHOWN
    assert scene.images_per_class == len(scene.synthetic_points) == 8
    gradient = update.sets["noise-8"].classes[3].gradient[:SHOWN]
    strongest = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
    assert abs(int(scene.gradient[strongest]) - 128) == 127
    assert np.sign(int(scene.gradient[strongest]) - 128) == np.sign(gradient[strongest])
    for of_real, of_synthetic in zip(scene.real_maps, scene.synthetic_maps, strict=True):
        assert of_real.shape[:2] == (SHOWN, SHOWN_MAPS)
        both = np.concatenate([of_real, of_synthetic])
        assert both.min(axis=(0, 2, 3)).tolist() == [0] * SHOWN_MAPS, "one scale for all images"
        assert both.max(axis=(0, 2, 3)).tolist() == [255] * SHOWN_MAPS


def test_stored_scenes_are_small_and_equal_those_that_are_recomputed(run: RunFolder, digits: DataSet) -> None:
    paths = write_scenes(run, digits, 3)
    assert len(paths) == 20
    contents = [path.read_bytes() for path in paths]
    assert max(map(len, contents)) < MOST_BYTES
    for index, update in enumerate(recompute_first_updates(run, digits, 3)):
        same(update_scene(run, update, "noise-1", 7), read_scenes(run, "noise-1", 7)[index])
    assert [path.read_bytes() for path in write_scenes(run, digits, 3)] == contents


def test_missing_scenes_are_none_and_damaged_ones_a_sentence(run: RunFolder, digits: DataSet) -> None:
    assert read_scenes(run, "noise-1", 99) == ()
    paths = write_scenes(run, digits, 1)
    whole = paths[0].read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"nothing", whole[:200] + b"\0" * 200 + whole[400:]):
        paths[0].write_bytes(damaged)
        with pytest.raises(ValueError, match=r"noise-1-0.npz is damaged: write the scenes"):
            read_scenes(run, "noise-1", 0)


def test_a_flipped_bit_is_harmless_or_a_sentence(run: RunFolder, digits: DataSet) -> None:
    path = write_scenes(run, digits, 1)[0]
    whole = path.read_bytes()
    random, sentences = np.random.default_rng(0), []
    in_directory = range(whole.index(b"PK\1\2"), len(whole), 3)
    for position in [*random.integers(0, len(whole), 800).tolist(), *in_directory]:
        content = bytearray(whole)
        content[position] ^= 1 << int(random.integers(8))
        path.write_bytes(content)
        try:
            read_scenes(run, "noise-1", 0)
        except ValueError as error:
            sentences.append(str(error))
    assert len(sentences) > 200
    assert set(sentences) == {f"{path} is damaged: write the scenes of run {run.id} again"}
    path.write_bytes(whole)


def test_a_folder_that_cannot_be_made_is_a_sentence(run: RunFolder, digits: DataSet, tmp_path: Path) -> None:
    copied = RunFolder(shutil.copytree(run.path, tmp_path / run.path.name))
    shutil.rmtree(copied.path / "scenes", ignore_errors=True)
    (copied.path / "scenes").write_text("a file")
    with pytest.raises(StorageError):
        write_scenes(copied, digits, 1)


def test_scenes_are_read_without_torch(run: RunFolder, digits: DataSet) -> None:
    write_scenes(run, digits, 1)
    code = (
        "import sys; from pathlib import Path; from dmcore.runs.folder import RunFolder; "
        "from dmcore.runs.recompute.scene_file import read_scenes; "
        f"scenes = read_scenes(RunFolder(Path({str(run.path)!r})), 'noise-1', 2); "
        "print(len(scenes), 'torch' in sys.modules)"
    )
    assert run_fresh(code).stdout.split() == ["1", "False"]


def test_the_plane_keeps_distances_along_the_means_and_shows_the_largest_spread_across_them() -> None:
    random = np.random.default_rng(0)
    real = random.normal(size=(40, 6)).astype(np.float32) * np.array([1, 9, 1, 1, 1, 1], np.float32)
    synthetic = real[:3] + np.array([5, 0, 0, 0, 0, 0], np.float32)
    means = real.mean(0), synthetic.mean(0)
    plane = project_features(real, synthetic, *means)
    assert plane.distance == pytest.approx(np.linalg.norm(means[0] - means[1]), rel=1e-6)
    pairs = np.linalg.norm(plane.real[:, None] - plane.real[None], axis=2)
    true = np.linalg.norm(real[:, None] - real[None], axis=2)
    assert (pairs <= true + 1e-4).all(), "a projection brings nothing apart"
    assert plane.real[:, 1].std() > 3 * plane.real[:, 0].std() or plane.real.std() > 3


def test_the_plane_stands_where_all_is_the_same() -> None:
    alike = np.ones((4, 5), np.float32)
    plane = project_features(alike, alike[:1], alike[0], alike[0])
    assert plane.distance == 0
    assert not plane.real.any()
    assert not plane.synthetic.any()


@pytest.mark.parametrize(
    ("change", "sizes"),
    [
        ({"width": 8}, [16, 8, 4]),
        ({"width": 8, "pooling": "none"}, [32, 32, 32]),
        ({"network": "resnet18"}, [16, 8, 4]),
        ({"network": "vgg11"}, [16, 4, 2]),
    ],
)
def test_maps_are_those_after_each_block(change: dict[str, object], sizes: list[int]) -> None:
    config = CondenseConfig.model_validate(change)
    network = build_network(config.network_spec(), 3, 32, 32, 10).train()
    maps = block_maps(network, torch.randn(2, 3, 32, 32))
    assert [block.shape[2] for block in maps] == sizes
    assert len(maps) <= MOST_BLOCKS


def test_the_scenes_in_the_package_are_those_of_its_recorded_run() -> None:
    fashion = load_dataset("fashion")
    recorded = find_recorded("fashion-from-noise").run
    assert recorded is not None
    name = recorded.set_names[0]
    assert all(scene_file(recorded, name, label).stat().st_size < MOST_BYTES for label in range(10))
    stored = read_scenes(recorded, name, 9)
    assert [scene.iteration for scene in stored] == [0, 1, 2, 3, 4, 5]
    for scene, update in zip(stored, recompute_first_updates(recorded, fashion, 6, [9]), strict=True):
        again = update_scene(recorded, update, name, 9)
        assert (scene.operation, scene.draw) == (again.operation, again.draw)
        assert scene.recorded == pytest.approx(scene.loss, rel=1e-4)
        assert scene.loss == pytest.approx(again.loss, rel=1e-2)
        np.testing.assert_array_equal(scene.real, again.real)
        off = np.abs(scene.synthetic.astype(int) - again.synthetic.astype(int))
        assert np.quantile(off, 0.95) <= 2, "this machine may add up in another order"


def test_packing_is_inverted(run: RunFolder, digits: DataSet) -> None:
    scene = update_scene(run, recompute_update(run, digits, 2, [0]), "noise-1", 0)
    (again,) = unpack_scenes(pack_scenes([scene]))
    same(scene, again)


def test_a_network_without_maps_has_none() -> None:
    network = build_network(NetworkSpec(network="mlp"), 1, 8, 8, 10)
    assert block_maps(network, torch.randn(2, 1, 8, 8)) == ()
