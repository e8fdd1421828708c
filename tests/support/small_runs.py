"""Small finished runs, by default on the digits."""

from collections.abc import Mapping
from pathlib import Path

from dmcore.condensation import make_plan
from dmcore.config import CondenseConfig, MethodConfig
from dmcore.data.images import DataSet
from dmcore.data.load import load_dataset
from dmcore.runs.creation import create_run
from dmcore.runs.folder import RunFolder
from dmcore.runs.recorder import record
from dmcore.runs.runs_root import open_run

TINY = CondenseConfig(dataset="digits", images_per_class=2, width=8, depth=2, real_batch=8, iterations=4)


def record_run(
    root: Path,
    config: MethodConfig,
    title: str = "",
    *,
    steps: int | None = None,
    device: str = "cpu",
    threads: int | None = None,
    dataset: DataSet | None = None,
) -> RunFolder:
    """Record a run to its end, or stop it after some steps; opened again, so nothing of it is in memory."""
    dataset = dataset or load_dataset(config.dataset)
    plan = make_plan(config, dataset.shape, len(dataset.class_names), device, threads)
    run = create_run(root, config, dataset, plan, title)
    recording = record(run, dataset)
    for step in recording:
        if step.iteration == steps:
            break
    recording.close()
    return open_run(run.id, root)


def record_runs(
    root: Path, configs: Mapping[str, CondenseConfig], datasets: Mapping[str, DataSet] | None = None
) -> dict[str, str]:
    """Create a runs root with a finished run of each configuration, titled by its name; their ids.

    Args:
        root: a folder that is not there yet.
        configs: by name.
        datasets: by name, of those that are not of the data set that their configuration says.
    """
    root.mkdir()
    of = datasets or {}
    return {name: record_run(root, config, name, dataset=of.get(name)).id for name, config in configs.items()}


def made(root: Path, title: str = "Two per digit", seed: int = 0) -> RunFolder:
    """A run of four iterations, with a snapshot of each."""
    return record_run(root, TINY.model_copy(update={"seed": seed}), title)
