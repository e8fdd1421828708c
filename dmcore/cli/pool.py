"""`dmcore pool build|show`: a pool of trained networks with checkpoints, for the sources of table 4."""

from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from dmcore.cli.flags import check_number, config_of, most_of, one_of, with_flags
from dmcore.cli.interrupt import stop_requests
from dmcore.cli.options import Folder, WholeNumber, WithData, WithDevice
from dmcore.cli.output import Output, progress_bar, table
from dmcore.config import CondenseConfig, PoolConfig
from dmcore.config.formatting import counted, file_size
from dmcore.config.models import DEFAULT_DATASET
from dmcore.data.catalogue import canonical_name
from dmcore.embedding.pool_index import PoolIndex, accuracy_bands, find_index
from dmcore.files.cache_root import find_cache_root

if TYPE_CHECKING:
    from dmcore.data.images import DataSet
    from dmcore.execution.plan import Plan

ACTIONS = ("build", "show")


@dataclass(frozen=True, kw_only=True)
class PoolOptions(WithData, WithDevice):
    """Train a pool of networks on a whole data set, to condense with trained networks.

    With the paper's width of 128 the 20 networks take hours on a laptop at 28×28 pixels; `--width 32` is
    several times faster, and so are fewer `--networks`.
    """

    action: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="{" + ",".join(ACTIONS) + "}")]
    """build: train the missing networks; show: how many there are, and their accuracies."""
    dataset: Annotated[str, tyro.conf.arg(metavar="TEXT")] = DEFAULT_DATASET
    """Data set to train on: a known name, or the path of an image folder or a zip of one."""
    networks: WholeNumber = 20
    """build: number of networks in the pool."""
    cache_root: Folder = None
    """Cache of pools; left open: DM_CACHE, else your cache folder."""

    def run(self) -> int:
        """Build or show the pool; with --json {"dataset", "networks", "states", "bytes", "bands"}."""
        action = one_of("ACTION", self.action, ACTIONS)
        check_number("networks", self.networks, most_of(CondenseConfig, "pool_networks"))
        config, cache = config_of(self, PoolConfig), find_cache_root(self.cache_root)
        name = canonical_name(self.dataset)
        if action == "build":
            threads = self.chosen_threads()
            dataset = self.load(name)
            from dmcore.execution.plan import evaluation_plan

            plan = evaluation_plan(self.device, threads)
            self.output.print_device(plan.device, plan.device_reason, plan.workers * plan.threads)
            build(dataset, config, self.networks, cache, plan, self.output)
        return self._show(find_index(name, config, cache), name)

    def _show(self, index: PoolIndex | None, name: str) -> int:
        if index is None:
            raise ValueError(
                f"there is no pool of {name} with these options: `dmcore pool build` with the same makes one"
            )
        states = index.states()
        bands = [
            (band, sum(band.contains(state.accuracy) for state in states))
            for band in accuracy_bands(states, name)
        ]
        self.output.print_json(
            {
                "dataset": name,
                "networks": index.networks,
                "states": [state.model_dump() for state in states],
                "bytes": index.bytes,
                "bands": {str(band): count for band, count in bands},
            }
        )
        self.output.print(
            f"{counted(index.networks, 'network')} with {counted(len(states), 'state')}, "
            f"{file_size(index.bytes)}; accuracies of {index.validation}"
        )
        self.output.print(table(("source", "states"), [(str(band), str(count)) for band, count in bands]))
        return 0


Pool = with_flags(PoolOptions, PoolConfig)


def build(
    dataset: "DataSet", config: PoolConfig, networks: int, cache: Path, plan: "Plan", output: Output
) -> bool:
    """Build a pool with a progress bar on standard error; False where it was stopped.

    Networks that are finished stay in the pool.

    Raises:
        ValueError: another process builds it, or it would be too large.
    """
    from dmcore.bench.estimate import data_shape_of, start_timer
    from dmcore.execution.cost import pool_workload
    from dmcore.training.network_pool import build_pool

    index = find_index(dataset.name, config, cache)
    known = 0 if index is None else min(index.networks, networks)
    workload = pool_workload(config, networks, data_shape_of(dataset), plan.workers)
    timer = start_timer(workload, plan, cache, plan.workers, known / networks)
    output.print(replace(timer.estimate, present=known, parts=networks, part="network").text)
    last_note, done = "", 0
    with (
        stop_requests() as stop,
        closing(timer),
        closing(build_pool(dataset, config, networks, cache, plan)) as events,
        progress_bar(100, "%", "pool of trained networks") as bar,
    ):
        bar.miniters = 0
        for event in events:
            if event.note and event.note != last_note:
                last_note = event.note
                output.print(f"note: {last_note}")
            done = event.done
            timer.take(event.fraction)
            text = f"{done} of {counted(networks, 'network')}, {timer.left_text}"
            bar.set_postfix_str(text, refresh=False)
            bar.update(round(100 * event.fraction) - bar.n)
            if stop.is_set() and done < networks:
                break
    if done < networks:
        output.print(f"stopped with {done} of {networks} networks, these are stored: rerun to continue")
    return done >= networks
