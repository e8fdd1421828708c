"""Small finished runs on the digits."""

from pathlib import Path

from dmcore.config import CondenseConfig
from dmcore.data.load import load_dataset
from dmcore.execution.plan import make_plan
from dmcore.runs.creation import create_run
from dmcore.runs.folder import RunFolder
from dmcore.runs.recorder import record
from dmcore.runs.runs_root import open_run

TINY = CondenseConfig(images_per_class=2, width=8, depth=2, real_batch=8, iterations=4)


def made(root: Path, title: str = "Two per digit", seed: int = 0) -> RunFolder:
    """A run of four iterations, every one of them kept."""
    dataset = load_dataset("digits")
    config = TINY.model_copy(update={"seed": seed})
    run = create_run(root, config, dataset, make_plan(config, dataset.shape, 10, "cpu"), title)
    for _ in record(run, dataset):
        pass
    return open_run(run.id, root)
