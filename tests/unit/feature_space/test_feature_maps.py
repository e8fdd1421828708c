"""Feature maps of one image, at three moments of one network."""

from pathlib import Path

import numpy as np
import pytest
import torch

from dmcore.config import NetworkSpec, PoolConfig
from dmcore.data.images import DataSet
from dmcore.embedding.networks import RandomNetworks, initialise
from dmcore.embedding.pool_files import read_weights
from dmcore.embedding.pool_index import PoolFile, PoolIndex, pool_folder
from dmcore.execution.plan import Plan
from dmcore.feature_space.feature_maps import (
    BLOCKS,
    StageFeatureMaps,
    TrainingStage,
    block_feature_maps,
    feature_maps_by_stage,
    scale_for_display,
    training_stages,
)
from dmcore.networks import REGISTRY, Network
from dmcore.randomness import torch_generator
from dmcore.training.network_pool import build_pool

TINY = PoolConfig(width=8, depth=2, pool_steps=60)


@pytest.fixture(scope="module")
def image(digits: DataSet) -> torch.Tensor:
    return digits.test.statistics.normalise(digits.test.images[3])


@pytest.fixture(scope="module")
def cache(digits: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("cache")
    for _ in build_pool(digits, TINY, 1, root, Plan()):
        pass
    return root


@pytest.fixture(scope="module")
def index(digits: DataSet, cache: Path) -> PoolIndex:
    *_, last = build_pool(digits, TINY, 1, cache, Plan())
    return last.index


def random_network(spec: NetworkSpec, shape: tuple[int, int, int]) -> Network:
    return RandomNetworks(spec, shape, 10, 0, torch.device("cpu")).at(0)


def index_of(*states: tuple[int, float]) -> PoolIndex:
    file = PoolFile(network=0, name="network-0000.safetensors", bytes=1, states=states)
    return PoolIndex(config=TINY, dataset="digits", data="", validation="", files=(file,))


def test_half_trained_is_half_way_in_accuracy() -> None:
    stages = training_stages(index_of((1, 10.0), (5, 45.0), (20, 60.0), (60, 90.0)))
    assert stages == (
        TrainingStage("random", 0, None),
        TrainingStage("half", 5, 45.0),
        TrainingStage("trained", 60, 90.0),
    )


def test_of_one_state_there_is_no_half_and_without_a_pool_only_the_random_network() -> None:
    assert [stage.kind for stage in training_stages(index_of((1, 10.0)))] == ["random", "trained"]
    assert [stage.kind for stage in training_stages(None)] == ["random"]
    with pytest.raises(ValueError, match="no network 3"):
        training_stages(index_of((1, 10.0)), 3)


def test_maps_after_each_block_end_in_the_features_that_are_matched(
    digits: DataSet, image: torch.Tensor
) -> None:
    network = random_network(TINY.network_spec(), digits.shape)
    maps = block_feature_maps(network, image, channels=5)
    assert [block.shape for block in maps] == [(5, 6, 6), (5, 3, 3)]  # one channel: 8×8 grows to 12×12 first
    assert all(block.dtype == np.float32 for block in maps)
    features = network.embed(image[None]).view(8, 3, 3)[:5].numpy()
    np.testing.assert_array_equal(maps[-1], features)


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_architecture_shows_its_maps_or_says_that_it_has_none(name: str) -> None:
    spec = NetworkSpec(network=name)
    network = random_network(spec, (3, 32, 32))
    colour = torch.randn(3, 32, 32, generator=torch_generator(0, 0, "test"))
    if name == "mlp":
        with pytest.raises(ValueError, match="no feature maps"):
            block_feature_maps(network, colour)
        return
    maps = block_feature_maps(network, colour, channels=6)
    assert 2 <= len(maps) <= BLOCKS
    assert all(block.shape[0] == 6 for block in maps)
    assert all(np.isfinite(block).all() for block in maps)


def test_batch_norm_normalises_with_the_batch(digits: DataSet, image: torch.Tensor) -> None:
    spec = NetworkSpec(width=8, depth=2, norm="batch")
    network = random_network(spec, digits.shape)
    batch = digits.test.statistics.normalise(digits.test.images[10:40])
    together = network.embed(torch.cat([image[None], batch]))[0].view(8, 3, 3).numpy()
    np.testing.assert_array_equal(block_feature_maps(network, image, batch)[-1], together)
    assert not np.allclose(block_feature_maps(network, image)[-1], together)


def test_the_stages_are_one_network_at_three_moments(
    digits: DataSet, image: torch.Tensor, cache: Path, index: PoolIndex
) -> None:
    seen = list(feature_maps_by_stage(image, digits, TINY, index, cache))
    assert [item.stage for item in seen] == list(training_stages(index))
    first, last = seen[0], seen[-1]
    assert last.stage.step == 60
    for state, shown in zip(training_stages(index)[1:], seen[1:], strict=True):
        network = random_network(TINY.network_spec(), digits.shape)
        network.load_state_dict(
            dict(
                read_weights(
                    pool_folder(digits.digest, TINY, cache),
                    index,
                    next(stored for stored in index.states() if stored.step == state.step),
                )
            )
        )
        for maps, expected in zip(shown.blocks, block_feature_maps(network, image), strict=True):
            np.testing.assert_array_equal(maps, expected)
    assert not np.allclose(first.blocks[-1], last.blocks[-1])


def test_the_random_stage_is_where_that_network_of_the_pool_started(
    digits: DataSet, cache: Path, index: PoolIndex, image: torch.Tensor
) -> None:
    state = index.states()[0]
    assert state.step == 1
    after_one = read_weights(pool_folder(digits.digest, TINY, cache), index, state)
    started = random_network(TINY.network_spec(), digits.shape)
    initialise(started, torch_generator(0, 0, "pool network start"))
    moved = [(after_one[name] - weights).abs().max() for name, weights in started.state_dict().items()]
    assert max(moved) < 0.05, "one step of rate 0.01 goes no further"
    only = next(feature_maps_by_stage(image, digits, TINY, None, cache))
    for maps, expected in zip(only.blocks, block_feature_maps(started, image), strict=True):
        np.testing.assert_array_equal(maps, expected)


def test_a_damaged_pool_is_a_sentence(
    digits: DataSet, image: torch.Tensor, tmp_path: Path, index: PoolIndex
) -> None:
    stages = feature_maps_by_stage(image, digits, TINY, index, tmp_path)
    assert isinstance(next(stages), StageFeatureMaps)
    with pytest.raises(ValueError, match="damaged or missing"):
        next(stages)


def test_for_display_each_map_fills_its_own_range_and_a_constant_one_is_zero() -> None:
    maps = np.array([[[-2, 0], [1, 2]], [[10, 20], [30, 50]], [[7, 7], [7, 7]]], np.float32)
    assert scale_for_display(maps).tolist() == [
        [[0, 0.5], [0.75, 1]],
        [[0, 0.25], [0.5, 1]],
        [[0, 0], [0, 0]],
    ]
