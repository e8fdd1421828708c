"""Titles of synthetic sets and runs: a set is named by what tells it from the run's other sets."""

from collections import Counter
from collections.abc import Sequence

from app.text.labels import init_label
from dmcore.runs.description import SetDescription
from dmcore.runs.folder import RunFolder

SHORT_INIT_LABELS = {"real": "real images", "noise": "noise", "wrong_class": "wrong class"}


def set_title(run: RunFolder, description: SetDescription) -> str:
    """Title above a set's images: 'from noise', '10 per class, from real images'."""
    spec = description.spec
    if spec is None:
        return description.name
    varied = _varied_fields(run)
    parts = []
    if "images_per_class" in varied or not varied:
        parts.append(f"{spec.images_per_class} per class")
    if "init" in varied or not varied:
        parts.append(f"from {init_label(spec.init)}")
    if "image_lr" in varied:
        parts.append(f"learning rate {spec.image_lr:g}")
    if "momentum" in varied:
        parts.append(f"momentum {spec.momentum:g}")
    return ", ".join(parts)


def run_titles(runs: Sequence[RunFolder]) -> dict[str, str]:
    """Unique titles of runs in a list, by id: the title, with the id where several have the same."""
    uses = Counter(run.description.title for run in runs)
    titles = {run.id: run.description.title or run.id for run in runs}
    return {
        run.id: titles[run.id] if uses[run.description.title] == 1 else f"{titles[run.id]} ({run.id})"
        for run in runs
    }


def run_summary(run: RunFolder) -> str:
    """Summary of a run's set-up: 'Digits, 1 image per class, convnet of width 32'."""
    data, config = run.description.data, run.config
    counts = sorted({description.images_per_class for description in run.sets})
    images = f"{' or '.join(map(str, counts))} image{'' if counts == [1] else 's'} per class"
    parts = [data.title or data.name or "unknown data", images]
    if config is not None:
        width = f" of width {config.width}" if config.network == "convnet" else ""
        parts.append(f"{config.network}{width}")
    return ", ".join(parts)


def set_line_label(run: RunFolder, name: str) -> str:
    """Short label of a set, for the end of its line in a chart."""
    description = next(description for description in run.sets if description.name == name)
    if description.spec is None:
        return name
    varied = _varied_fields(run)
    if varied == {"init"} or not varied:
        return SHORT_INIT_LABELS[description.spec.init]
    return set_title(run, description).removeprefix("from ")


def _varied_fields(run: RunFolder) -> set[str]:
    """Fields in which the run's sets differ."""
    specs = [description.spec for description in run.sets if description.spec is not None]
    fields = ("images_per_class", "init", "image_lr", "momentum")
    return {field for field in fields if len({getattr(spec, field) for spec in specs}) > 1}
