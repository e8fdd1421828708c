"""From a configuration and a data set to a new run folder, and from a finished run to one that goes on."""

from pathlib import Path

from dmcore.config import CondenseConfig
from dmcore.data.images import DataSet
from dmcore.execution.plan import Plan
from dmcore.runs.description import DataDescription, SetDescription
from dmcore.runs.folder import RunFolder
from dmcore.runs.lock import owned
from dmcore.runs.runs_root import change_description, make_run


def create_run(
    root: Path, config: CondenseConfig, dataset: DataSet, plan: Plan, title: str = ""
) -> RunFolder:
    """Make the folder of a run that is to condense `dataset`; `record` then fills it.

    Raises:
        StorageError: the runs root cannot be written to, or the disk is full.
    """
    return make_run(
        root,
        title=title,
        origin="condense",
        config=config,
        plan=plan.model_dump(mode="json"),
        data=describe_data(dataset),
        sets=[
            SetDescription(name=spec.name, images_per_class=spec.images_per_class, spec=spec)
            for spec in config.all_sets()
        ],
        notes=dataset.notes,
    )


def extend_run(run: RunFolder, iterations: int) -> RunFolder:
    """Ask a run for another number of iterations; `record` then goes on from where it is.

    Raises:
        RunBusyError: a process is working on it.
        ValueError: an import, or fewer iterations than are done.
    """
    if run.config is None:
        raise ValueError(f"run {run.id} was not condensed here: start a new run instead")
    if iterations < run.iteration():
        raise ValueError(f"run {run.id} has done {run.iteration()} iterations: ask for more than that")
    config = CondenseConfig.model_validate({**run.config.model_dump(), "iterations": iterations})
    with owned(run.path):
        change_description(run.path, config=config)
    return RunFolder(run.path)


def describe_data(dataset: DataSet) -> DataDescription:
    """What a run keeps of its data set."""
    channels, height, width = dataset.shape
    return DataDescription(
        name=dataset.name,
        title=dataset.title,
        class_names=dataset.class_names,
        mean=dataset.train.statistics.mean,
        std=dataset.train.statistics.std,
        channels=channels,
        height=height,
        width=width,
        train_count=len(dataset.train),
        test_count=len(dataset.test),
        digest=digest(dataset),
    )


def digest(dataset: DataSet) -> str:
    """SHA-256 of the training images and their labels: what condensation depends on."""
    return dataset.train_digest
