"""Recorded runs with made-up results and without images, for tests of what reads results."""

from pathlib import Path
from typing import Any

from dmcore.config import CondenseConfig, EvaluateConfig
from dmcore.runs.description import DataDescription, SetDescription, StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import create_run_folder

WISH = CondenseConfig(dataset="fashion_mnist", images_per_class=10, width=32)
TWO = EvaluateConfig(epochs=200, repeats=2)


def recorded(
    root: Path,
    accuracies: dict[int, tuple[float, ...]],
    protocol: EvaluateConfig = TWO,
    kind: str = "condensed",
    **changes: Any,
) -> RunFolder:
    """Create a run with stored results at some iterations, without images."""
    config = CondenseConfig.model_validate({**WISH.model_dump(), "iterations": 4000, **changes})
    data = DataDescription(
        name=config.dataset,
        title="Data",
        class_names=("a", "b"),
        mean=(0.5,),
        std=(0.2,),
        channels=1,
        height=28,
        width=28,
    )
    sets = [
        SetDescription(name=spec.name, images_per_class=spec.images_per_class, spec=spec)
        for spec in config.all_sets()
    ]
    run = create_run_folder(root, title="", origin="condense", config=config, plan=None, data=data, sets=sets)
    for iteration, percents in accuracies.items():
        store(run, iteration, percents, protocol, kind)
    return run


def store(
    run: RunFolder,
    iteration: int,
    accuracies: tuple[float, ...],
    protocol: EvaluateConfig = TWO,
    kind: str = "condensed",
) -> None:
    content = {
        "set": run.set_names[-1],
        "iteration": iteration,
        "network": protocol.networks[0],
        "mean": sum(accuracies) / len(accuracies),
        "std": 0.0,
        "n": len(accuracies),
        "accuracies": accuracies,
        "protocol": protocol,
        "kind": kind,
        "created": "2026-01-01T00:00:00",
    }
    folder = run.path / "results"
    file = folder / f"{len(list(folder.iterdir()))}.json"
    file.write_text(StoredResult.model_validate(content).model_dump_json(), encoding="utf-8")
