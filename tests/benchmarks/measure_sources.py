"""Benchmark of sampling an embedding network, by network source, against an iteration of the paper's size.

`python tests/benchmarks/measure_sources.py`. The pool's files hold random weights: reading them costs the
same. Draws and iterations are timed in turns, so that a noisy machine slows both.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path
from statistics import median

import torch

from dmcore.bench.cases import CASES
from dmcore.bench.our_step import random_data
from dmcore.config import CondenseConfig, PoolConfig
from dmcore.data.images import DataSet
from dmcore.embedding.networks import RandomNetworks
from dmcore.embedding.pool_index import PoolFile, PoolIndex, pool_folder, write_index
from dmcore.embedding.sources import embedding_networks
from dmcore.execution.plan import Plan, make_plan
from dmcore.files.tensor_file import write_state
from dmcore.matching import condense


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=200, help="in the pool")
    parser.add_argument("--draws", type=int, default=40, help="of each source")
    parser.add_argument("--iterations", type=int, default=3, help="of the paper's size")
    options = parser.parse_args()
    dataset, config = (
        random_data(CASES["colour-10"]),
        CondenseConfig(pool_steps=1, pool_networks=options.networks),
    )
    plan = make_plan(config, dataset.shape, len(dataset.class_names))
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before; on {plan.device}")
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        fill_pool(dataset, config, options.networks, cache)
        step = median(step_seconds(dataset, config, plan, options.iterations))
        for source in ("random", "fixed:8", "all", "interpolated:0.5"):
            chosen = config.model_copy(update={"source": source})
            draws = draw_seconds(dataset, chosen, plan, options.draws, cache)
            print(
                f"{source}: median {1000 * median(draws):.2f} ms a draw, worst {1000 * max(draws):.2f} "
                f"(n = {len(draws)}), {median(draws) / step:.2%} of an iteration of {step:.2f} s"
            )


def fill_pool(dataset: DataSet, config: PoolConfig, networks: int, cache: Path) -> None:
    """Files as a build leaves them."""
    pool, folder = config.pool_config(), pool_folder(dataset.digest, config, cache)
    folder.mkdir(parents=True)
    spec, classes = pool.network_spec(), len(dataset.class_names)
    random = RandomNetworks(spec, dataset.shape, classes, 1, torch.device("cpu"))
    files = []
    for number in range(networks):
        name = f"network-{number:04}.safetensors"
        state = {f"1/{key}": tensor.clone() for key, tensor in random.at(number).state_dict().items()}
        write_state(folder / name, state, {"network": number, "states": [(1, 50.0)]})
        size = (folder / name).stat().st_size
        files.append(PoolFile(network=number, name=name, bytes=size, states=((1, 50.0),)))
    index = PoolIndex(
        config=pool, dataset=dataset.name, data=dataset.digest, validation="", files=tuple(files)
    )
    write_index(folder, index)
    print(f"pool of {networks} networks, {index.bytes / 1e6:.0f} MB")


def step_seconds(dataset: DataSet, config: CondenseConfig, plan: Plan, iterations: int) -> list[float]:
    steps = condense(dataset, config, plan=plan)
    next(steps)
    next(steps)  # warms
    seconds = []
    for _ in range(iterations):
        began = time.perf_counter()
        float(next(iter(next(steps).loss_by_class.values())).sum())  # waits for a GPU
        seconds.append(time.perf_counter() - began)
    return seconds


def draw_seconds(
    dataset: DataSet, config: CondenseConfig, plan: Plan, draws: int, cache: Path
) -> list[float]:
    networks, seconds = embedding_networks(config, dataset, plan, cache), []
    for draw in range(draws):
        began = time.perf_counter()
        float(next(networks.at(draw).parameters()).sum())
        seconds.append(time.perf_counter() - began)
    return seconds


if __name__ == "__main__":
    main()
