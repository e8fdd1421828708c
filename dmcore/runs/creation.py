"""Create a run folder from a configuration and a data set; extend a run to more iterations."""

from pathlib import Path

from dmcore.config import MethodConfig
from dmcore.data.images import DataSet
from dmcore.execution.plan import Plan
from dmcore.runs.description import DataDescription, MadeFor
from dmcore.runs.folder import RunFolder
from dmcore.runs.lock import lock_run
from dmcore.runs.resume import find_checkpoint
from dmcore.runs.runs_root import change_description, create_run_folder
from dmcore.runs.set_files import described_by


def create_run(
    root: Path,
    config: MethodConfig,
    dataset: DataSet,
    plan: Plan,
    title: str = "",
    made_for: MadeFor = "",
) -> RunFolder:
    """Create the folder of a run that is to condense `dataset`; `record` then writes into it.

    Raises:
        StorageError: the runs root cannot be written to, or the disk is full.
    """
    return create_run_folder(
        root,
        title=title.strip() or _default_title(config, dataset),
        origin="condense",
        config=config,
        plan=plan.model_dump(mode="json"),
        data=describe_data(dataset),
        sets=list(described_by(config).values()),
        notes=dataset.notes,
        made_for=made_for,
    )


def _default_title(config: MethodConfig, dataset: DataSet) -> str:
    return dataset.title if config.method == "dm" else f"{dataset.title}, {config.method.upper()}"


def extend_run(run: RunFolder, iterations: int) -> RunFolder:
    """Change the number of iterations of a run; `record` then continues from where it is.

    Raises:
        RunBusyError: a process holds its lock.
        ValueError: an import, fewer iterations than are done, or its checkpoints are damaged or lost.
    """
    if run.config is None:
        raise ValueError(f"run {run.id} was not condensed here: start a new run instead")
    if iterations < run.iteration():
        raise ValueError(f"run {run.id} has done {run.iteration()} iterations: ask for more than that")
    config = type(run.config).model_validate({**run.config.model_dump(), "iterations": iterations})
    with lock_run(run.path):
        find_checkpoint(run)  # what cannot be resumed stays as it is
        change_description(run.path, config=config)
    return RunFolder(run.path)


def describe_data(dataset: DataSet) -> DataDescription:
    """Description of a data set that is stored in a run."""
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
        digest=dataset.train_digest,
    )
