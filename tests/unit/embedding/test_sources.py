"""Network sources: what each samples, seeded results of the random one, pinned pools."""

import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
import tyro

from dmcore import condense, load_dataset
from dmcore.cli import flags
from dmcore.cli.pool import Pool
from dmcore.config import CondenseConfig, PoolConfig
from dmcore.config.network_source import NetworkSource, parse_source
from dmcore.data.images import DataSet
from dmcore.embedding.networks import FixedNetworks, PooledNetworks, RandomNetworks
from dmcore.embedding.pool_files import read_weights
from dmcore.embedding.pool_index import (
    PoolIndex,
    PoolState,
    accuracy_bands,
    pool_folder,
    pool_states,
    read_index,
)
from dmcore.embedding.pool_request import PoolRequest
from dmcore.embedding.sources import embedding_networks
from dmcore.execution.plan import Plan, make_plan
from dmcore.files.tensor_file import read_state, write_state
from dmcore.networks import REGISTRY, Network
from dmcore.runs.creation import create_run
from dmcore.runs.recorder import record
from dmcore.training.network_pool import build_pool

TINY = PoolConfig(width=4, depth=2, pool_steps=40)
NETWORKS = 2
RECORDED = [137.1373799610883, 1887.7693871947545, -1.3143349885940552]
RECORDED += [-1.0099449157714844, 0.07575611025094986, -0.9997021555900574]
"""Of a seeded run, by the code as it was before there were sources: sum, sum of squares, four pixels."""
SOURCES = ("random", "fixed:2", "all", "band:0-100", "interpolated:0.5", "pixels")


@pytest.fixture(scope="module")
def cache(digits: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("cache")
    for _ in build_pool(digits, TINY, NETWORKS, root, Plan()):
        pass
    return root


@pytest.fixture(scope="module")
def index(digits: DataSet, cache: Path) -> PoolIndex:
    index = read_index(pool_folder(digits.digest, TINY, cache))
    assert index is not None
    return index


def config_of(source: str, **changes: object) -> CondenseConfig:
    values = {"images_per_class": 1, "real_batch": 8, "iterations": 4, "source": source}
    return CondenseConfig(
        **{**TINY.model_dump(), "dataset": "digits", "pool_networks": NETWORKS, **values, **changes}
    )


def weights(network: Network) -> torch.Tensor:
    return flat(network.state_dict())


def flat(state: Mapping[str, torch.Tensor]) -> torch.Tensor:
    return torch.cat([tensor.detach().flatten().clone() for _, tensor in sorted(state.items())])


def drawn(config: CondenseConfig, digits: DataSet, cache: Path, draws: range) -> list[torch.Tensor]:
    networks = embedding_networks(config, digits, Plan(), cache)
    return [weights(networks.at(draw)) for draw in draws]


def final(config: CondenseConfig, digits: DataSet, cache: Path) -> torch.Tensor:
    *_, last = condense(digits, config, plan=Plan(), cache=cache)
    return last.sets[0].pixels


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("random", NetworkSource("random")),
        (" fixed:8 ", NetworkSource("fixed", count=8)),
        ("band:40-60", NetworkSource("band", low=40.0, high=60.0)),
        ("band:62.5-70", NetworkSource("band", low=62.5, high=70.0)),
        ("interpolated:0.25", NetworkSource("interpolated", share=0.25)),
        ("all", NetworkSource("all")),
        ("pixels", NetworkSource("pixels")),
    ],
)
def test_a_source_is_read_as_it_is_written(typed: str, meant: NetworkSource) -> None:
    assert parse_source(typed) == meant
    assert parse_source(str(meant)) == meant
    assert meant.name
    assert meant.sentence


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ("trained", "choose random, fixed:K"),
        ("fixed:0", "at least one network"),
        ("band:60-40", "FROM below TO"),
        ("band:40-101", "at most 100"),
        ("interpolated:1.5", "from 0 .random. to 1"),
        ("fixed:-1", "choose random, fixed:K"),
    ],
)
def test_a_source_that_is_not_there_is_refused_with_those_that_are(typed: str, remedy: str) -> None:
    with pytest.raises(ValueError, match=remedy):
        parse_source(typed)
    with pytest.raises(ValueError, match=remedy):
        CondenseConfig(source=typed)


def test_one_source_has_one_spelling() -> None:
    assert CondenseConfig(source="band:40.0-60") == CondenseConfig(source="band:40-60")


def test_random_networks_are_those_of_the_class_that_always_drew_them(digits: DataSet, cache: Path) -> None:
    config = config_of("random", seed=3)
    before = RandomNetworks(config.network_spec(), digits.shape, 10, 3, torch.device("cpu"))
    ours = drawn(config, digits, cache, range(5))
    assert all(torch.equal(tensor, weights(before.at(draw))) for draw, tensor in enumerate(ours))


def test_seeded_random_run_gives_the_pixels_it_gave_before_there_were_sources() -> None:
    digits = load_dataset("digits")
    config = CondenseConfig(
        dataset="digits",
        width=8,
        depth=2,
        images_per_class=2,
        real_batch=16,
        iterations=10,
        seed=5,
        init="noise",
    )
    *_, last = condense(digits, config, plan=Plan())
    pixels = last.sets[0].pixels.double()
    losses = [
        float(pixels.sum()),
        float(pixels.square().sum()),
        *pixels.flatten()[[0, 333, 777, 1279]].tolist(),
    ]
    assert losses == pytest.approx(RECORDED, rel=1e-5)


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_condenses_and_does_so_again_alike(source: str, digits: DataSet, cache: Path) -> None:
    config = config_of(source)
    once, again = final(config, digits, cache), final(config, digits, cache)
    assert torch.equal(once, again)
    assert bool(torch.isfinite(once).all())


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_goes_on_after_a_stop_as_if_there_had_been_none(
    source: str, digits: DataSet, cache: Path
) -> None:
    config = config_of(source)
    steps = condense(digits, config, plan=Plan(), cache=cache)
    for step in steps:
        if step.iteration == 2:
            break
    *_, last = condense(
        digits, config, plan=Plan(), state=step.state(), iteration=step.iteration, cache=cache
    )
    assert torch.equal(last.sets[0].pixels, final(config, digits, cache))


@pytest.mark.parametrize("source", ["fixed:2", "all", "pixels"])
def test_every_source_works_with_replay(source: str, digits: DataSet, cache: Path) -> None:
    config = config_of(source, replay=True, replay_every=2, replay_keep=2, iterations=6)
    assert torch.equal(final(config, digits, cache), final(config, digits, cache))


@pytest.mark.parametrize("network", [name for name in REGISTRY if name not in ("mlp", "lenet")])
def test_every_architecture_can_be_drawn_from_a_few_and_interpolated(network: str) -> None:
    spec = CondenseConfig(network=network).network_spec()
    shape, device = (3, 32, 32), torch.device("cpu")
    random = RandomNetworks(spec, shape, 10, 0, device)
    trained = {name: tensor.clone() for name, tensor in random.at(7).state_dict().items()}
    start = weights(random.at(1))
    between = weights(PooledNetworks(random, [lambda: trained], 0, 0.5).at(1))
    expected = (start + flat(trained)) / 2
    torch.testing.assert_close(between, expected)
    assert FixedNetworks(random, 2, 0).at(0).embed(torch.zeros(2, *shape)).shape[0] == 2


def test_fixed_networks_are_the_first_that_random_would_draw_and_no_others(
    digits: DataSet, cache: Path
) -> None:
    first = drawn(config_of("random"), digits, cache, range(3))
    few = drawn(config_of("fixed:3"), digits, cache, range(40))
    chosen = [
        next(position for position, candidate in enumerate(first) if torch.equal(candidate, drawn))
        for drawn in few
    ]
    assert set(chosen) == {0, 1, 2}


def test_trained_networks_are_states_of_the_pool_in_the_band(
    digits: DataSet, cache: Path, index: PoolIndex
) -> None:
    source = accuracy_bands(index.states(), "digits")[-1]
    states = pool_states(index, source, NETWORKS)
    folder = pool_folder(digits.digest, TINY, cache)
    stored = [flat(read_weights(folder, index, state)) for state in states]
    for network in drawn(config_of(str(source)), digits, cache, range(10)):
        assert any(torch.equal(network, of_pool) for of_pool in stored)


def test_interpolation_begins_at_random_and_ends_at_trained_networks(
    digits: DataSet, cache: Path, index: PoolIndex
) -> None:
    begin = drawn(config_of("interpolated:0"), digits, cache, range(3))
    random = drawn(config_of("random"), digits, cache, range(3))
    assert all(torch.equal(weight, other) for weight, other in zip(begin, random, strict=True))
    folder = pool_folder(digits.digest, TINY, cache)
    last = [
        flat(read_weights(folder, index, state)) for state in index.states() if state.step == TINY.pool_steps
    ]
    for network in drawn(config_of("interpolated:1"), digits, cache, range(6)):
        assert any(torch.equal(network, trained) for trained in last)


def test_pixels_match_means_of_raw_pixels(digits: DataSet) -> None:
    config = config_of("pixels", augment=(), iterations=1)
    network = embedding_networks(config, digits, Plan()).at(0)
    images = digits.train.statistics.normalise(digits.train.images[:5])
    assert torch.equal(network.embed(images), images.flatten(1))


def test_a_run_draws_from_the_networks_it_names_however_many_there_are_later(
    digits: DataSet, tmp_path: Path
) -> None:
    few = PoolConfig(width=4, depth=2, pool_steps=10)
    config = config_of("all", pool_steps=10, pool_networks=1)
    for _ in build_pool(digits, few, 1, tmp_path, Plan()):
        pass
    before = drawn(config, digits, tmp_path, range(5))
    for _ in build_pool(digits, few, 2, tmp_path, Plan()):
        pass
    after = drawn(config, digits, tmp_path, range(5))
    assert all(torch.equal(weight, other) for weight, other in zip(before, after, strict=True))


def test_an_empty_band_says_which_are_full(digits: DataSet, cache: Path) -> None:
    with pytest.raises(ValueError, match=r"no network of the pool has 99\.9 to 100 % .*there are: .*train"):
        embedding_networks(config_of("band:99.9-100"), digits, Plan(), cache)


def test_a_pool_that_is_not_there_or_too_small_is_named_with_the_remedy(
    digits: DataSet, cache: Path, tmp_path: Path
) -> None:
    command = (
        rf"`dmcore pool build --dataset digits --networks {NETWORKS} --width 4 --depth 2 --pool-steps 40`$"
    )
    with pytest.raises(ValueError, match=command):
        embedding_networks(config_of("all"), digits, Plan(), tmp_path)
    with pytest.raises(
        ValueError, match=r"2 of the 9 requested networks: build 7 more with `.* --networks 9 .*`"
    ):
        embedding_networks(config_of("all", pool_networks=9), digits, Plan(), cache)
    with pytest.raises(ValueError, match="not there yet"):
        embedding_networks(config_of("all", width=8), digits, Plan(), cache)  # a pool of another architecture


def test_the_command_that_builds_a_pool_asks_for_that_very_pool() -> None:
    config = PoolConfig(
        network="resnet18", width=24, depth=2, norm="batch", activation="swish", pooling="max", pool_half=True
    )
    request = PoolRequest(dataset="my images", config=config, networks=3)
    name, action, *typed = shlex.split(request.command_line)[1:]
    pool = tyro.cli(Pool, args=[action, *typed])
    assert name == "pool"
    assert (flags.config_of(pool, PoolConfig), pool.dataset, pool.networks) == (config, "my images", 3)  # type: ignore[attr-defined]


def test_bands_are_the_papers_for_its_data_and_quantiles_for_other_data() -> None:
    states = tuple(PoolState(network=0, step=step, accuracy=20 + step) for step in range(61))
    assert [str(band) for band in accuracy_bands(states, "cifar10")][:2] == ["band:10-20", "band:20-30"]
    own = accuracy_bands(states, "fashion_mnist")
    assert len(own) == 5
    counts = [sum(band.contains(state.accuracy) for state in states) for band in own]
    assert sum(counts) == len(states)
    assert max(counts) - min(counts) <= 2
    assert accuracy_bands((), "fashion_mnist") == ()


@pytest.mark.parametrize(
    "accuracies",
    [
        [9.7] * 9,
        [10.0] * 9,
        [9.7] * 8 + [55.0],
        [100.0] * 3,
        [9.0, 10.0, 97.0, 99.9],
        [50.0] * 3 + [100.0] * 9,
    ],
)
def test_no_band_is_empty(accuracies: list[float]) -> None:
    states = tuple(
        PoolState(network=0, step=step, accuracy=accuracy) for step, accuracy in enumerate(accuracies)
    )
    bands = accuracy_bands(states, "digits")
    assert all(any(band.contains(accuracy) for accuracy in accuracies) for band in bands)
    assert all(parse_source(str(band)) == band for band in bands)
    assert sum(band.contains(accuracy) for band in bands for accuracy in accuracies) == len(accuracies)


def test_a_plan_is_made_for_every_source(digits: DataSet) -> None:
    for source in SOURCES:
        assert make_plan(config_of(source), digits.shape, 10, "cpu").workers >= 1


def test_half_precision_is_close_to_the_pool_it_halves(digits: DataSet, tmp_path: Path) -> None:
    whole = PoolConfig(width=4, depth=2, pool_steps=10)
    half = whole.model_copy(update={"pool_half": True})
    pools = []
    for pool in (whole, half):
        for _ in build_pool(digits, pool, 1, tmp_path, Plan()):
            pass
        index = read_index(pool_folder(digits.digest, pool, tmp_path))
        assert index is not None
        folder = pool_folder(digits.digest, pool, tmp_path)
        pools.append((index, read_weights(folder, index, index.states()[-1])))
    (index, exact), (index_half, rounded) = pools
    assert index_half.bytes < 0.7 * index.bytes
    for name, tensor in exact.items():
        np.testing.assert_allclose(rounded[name].numpy(), tensor.numpy(), rtol=1e-3, atol=1e-6)
        assert rounded[name].dtype == tensor.dtype


def test_a_run_goes_on_with_the_pool_it_was_begun_with_and_with_no_other(
    digits: DataSet, cache: Path, tmp_path: Path
) -> None:
    config = config_of("all", iterations=6)
    run = create_run(tmp_path / "runs", config, digits, Plan())
    steps = record(run, digits, cache=cache)
    while next(steps).iteration < 3:
        pass
    steps.close()
    other = tmp_path / "other"
    shutil.copytree(cache, other)
    folder = pool_folder(digits.digest, TINY, other)
    index = read_index(folder)
    assert index is not None
    first, second = (folder / file.name for file in index.files)
    state, facts = read_state(second) or ({}, {})
    write_state(first, state, {**facts, "network": 0})  # another network under the same number
    with pytest.raises(ValueError, match="drew from another pool of networks"):
        next(record(run, digits, cache=other))
    *_, last = record(run, digits, cache=cache)
    assert torch.equal(last.sets[0].pixels, final(config, digits, cache))
