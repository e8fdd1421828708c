"""Factory of a run's embedding networks from its configuration: random, fixed or from a pool (table 4)."""

from functools import partial
from pathlib import Path

from dmcore.config import CondenseConfig
from dmcore.data.images import DataSet
from dmcore.embedding.networks import (
    EmbeddingNetworks,
    FixedNetworks,
    PixelNetworks,
    PooledNetworks,
    RandomNetworks,
    ReadWeights,
)
from dmcore.embedding.pool_files import check_pool_files, read_weights
from dmcore.embedding.pool_index import PoolIndex, pool_folder, pool_states, read_index
from dmcore.execution.plan import Plan
from dmcore.files.cache_root import find_cache_root


def embedding_networks(
    config: CondenseConfig, dataset: DataSet, plan: Plan, cache: Path | None = None
) -> EmbeddingNetworks:
    """Create the sampler of a run's embedding networks.

    Args:
        config: the run; `source` selects the distribution.
        dataset: its real images.
        plan: execution plan, with the device of the networks.
        cache: folder of the pools; None: `DM_CACHE`, else the user's cache folder.

    Raises:
        ValueError: the pool is missing, too small, damaged, or has no network in the band.
    """
    source, classes = config.network_source, len(dataset.class_names)
    if source.kind == "pixels":
        return PixelNetworks(dataset.shape, classes, plan.torch_device)
    random = RandomNetworks(
        config.network_spec(), dataset.shape, classes, config.seed, plan.torch_device, plan.channels_last
    )
    if source.kind == "fixed":
        return FixedNetworks(random, source.count, config.seed)
    if not source.pooled:
        return random
    return PooledNetworks(
        random,
        _pool_readers(config, dataset, cache or find_cache_root()),
        config.seed,
        source.share if source.kind == "interpolated" else 1.0,
    )


def _pool_readers(config: CondenseConfig, dataset: DataSet, cache: Path) -> list[ReadWeights]:
    pool = config.pool_config()
    folder = pool_folder(dataset.digest, pool, cache)
    index = read_index(folder) or PoolIndex(
        config=pool, dataset=dataset.name, data=dataset.digest, validation=""
    )
    states = pool_states(index, config.network_source, config.pool_networks)
    check_pool_files(folder, index, config.pool_networks)
    return [partial(read_weights, folder, index, state) for state in states]
