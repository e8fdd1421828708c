"""Recorded runs with made-up results and without images, for tests of what reads results."""

from pathlib import Path
from typing import Any

from dmcore.config import CondenseConfig, EvaluateConfig
from dmcore.runs.description import DataDescription, SetDescription, StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import create_run_folder

WISH = CondenseConfig(dataset="fashion_mnist", images_per_class=10, width=32)
TWO = EvaluateConfig(epochs=200, repeats=2)


def described_data(
    name: str = "x",
    title: str = "Data",
    class_names: tuple[str, ...] = ("a", "b"),
    channels: int = 1,
    side: int = 8,
) -> DataDescription:
    """Description of made-up square images."""
    mean, std = (0.5,) * channels, (0.25,) * channels
    return DataDescription(
        name=name,
        title=title,
        class_names=class_names,
        mean=mean,
        std=std,
        channels=channels,
        height=side,
        width=side,
    )


def imported(root: Path, like: RunFolder) -> RunFolder:
    """Create an imported run of the same data, without images."""
    sets = [SetDescription(name="imported", images_per_class=1)]
    return create_run_folder(
        root, title="", origin="import", config=None, plan=None, data=like.description.data, sets=sets
    )


def recorded(
    root: Path,
    accuracies: dict[int, tuple[float, ...]],
    protocol: EvaluateConfig = TWO,
    kind: str = "condensed",
    **changes: Any,
) -> RunFolder:
    """Create a run with stored results at some iterations, without images."""
    config = CondenseConfig.model_validate({**WISH.model_dump(), "iterations": 4000, **changes})
    data = described_data(config.dataset, side=28)
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
    """Store a result of the last set of a run."""
    folder = run.path / "results"
    result = stored_result(run.set_names[-1], iteration, accuracies, protocol, kind)
    file = folder / f"{len(list(folder.iterdir()))}.json"
    file.write_text(result.model_dump_json(), encoding="utf-8")


def stored_result(
    set_name: str,
    iteration: int,
    accuracies: tuple[float, ...],
    protocol: EvaluateConfig,
    kind: str = "condensed",
    created: str = "2026-01-01T00:00:00+00:00",
) -> StoredResult:
    """Result of the first architecture of a protocol, with these accuracies in percent."""
    content = {
        "set": set_name,
        "iteration": iteration,
        "network": protocol.networks[0],
        "mean": sum(accuracies) / len(accuracies),
        "std": 0.0,
        "n": len(accuracies),
        "accuracies": accuracies,
        "protocol": protocol,
        "kind": kind,
        "created": created,
    }
    return StoredResult.model_validate(content)
