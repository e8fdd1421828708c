"""Titles of runs, synthetic sets and images: a set is named by what tells it from the run's other sets."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from dmcore.config import SetSpec
from dmcore.runs.description import SetDescription
from dmcore.runs.folder import RunFolder

INIT_LABELS = {"real": "real images", "noise": "noise", "wrong_class": "a wrong class"}
"""What a set's images started from."""
LEARNED = "learned"
"""What the images of a condensed set are, in a chart."""
SET_FIELDS = ("images_per_class", "init", "image_lr", "momentum")
"""Settings in which the sets of a run may differ."""


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
        parts.append(f"from {INIT_LABELS[spec.init]}")
    if "image_lr" in varied:
        parts.append(f"learning rate {spec.image_lr:g}")
    if "momentum" in varied:
        parts.append(f"momentum {spec.momentum:g}")
    if _has_twin(run, description):
        parts.append(description.name)
    return ", ".join(parts)


def run_titles(runs: Sequence[RunFolder]) -> dict[str, str]:
    """Unique titles of runs in a list, by id: of several with one title with when they were begun.

    To the minute, else to the second; of those that were begun in one second with the id.
    """
    titles = {run.id: run.description.title or run.id for run in runs}
    unique = titles
    for ending in (partial(_begun_text, "%H:%M"), partial(_begun_text, "%H:%M:%S"), lambda run: run.id):
        uses = Counter(unique.values())
        unique = {
            run.id: unique[run.id] if uses[unique[run.id]] == 1 else f"{titles[run.id]}, {ending(run)}"
            for run in runs
        }
    return unique


def run_summary(run: RunFolder) -> str:
    """Summary of a run's set-up: 'Digits, 1 image per class, convnet of width 32'."""
    data, config = run.description.data, run.config
    counts = sorted({description.images_per_class for description in run.sets})
    images = f"{' or '.join(map(str, counts))} image{'' if counts == [1] else 's'} per class"
    parts = [data.title or data.name or "unknown data", images]
    if config is not None:
        width = f" of width {config.width}" if config.network == "convnet" else ""
        parts.append(f"{config.network}{width}")
        if config.method != "dm":
            parts.append(f"by {config.method.upper()}")
    return ", ".join(parts)


def set_line_label(run: RunFolder, name: str) -> str:
    """Short label of a set, for the end of its line in a chart: 'learned', 'from noise'; as on the stage."""
    description = run.set_named(name)
    if description.spec is None:
        return name
    if len(run.sets) == 1:
        return LEARNED
    setting = set_title(run, description)
    if not _varied_fields(run) <= {"init"}:
        return setting
    return setting[setting.index("from ") :]  # without the number of images, which all have


def image_title(run: RunFolder, set_name: str, label: int, image: int) -> str:
    """Title of an image of a class: 'Trouser, image 2 of 10, from noise'."""
    described = run.set_named(set_name)
    title = set_title(run, described)
    parts = [run.class_names[label]]
    if described.images_per_class > 1:
        parts.append(f"image {image + 1} of {described.images_per_class}")
        title = title.removeprefix(f"{described.images_per_class} per class").removeprefix(", ")
    return ", ".join([*parts, title] if title else parts)


def start_of_image(run: RunFolder, set_name: str, label: int) -> str:
    """Description of what an image started from: 'noise', 'a real Trouser'; empty where it is not known."""
    spec = run.set_named(set_name).spec
    if spec is None:
        return ""
    if spec.init == "noise":
        return "noise"
    names = run.class_names
    # a wrong class is the next one, see dmcore.data.synthetic.initial_images
    return f"a real {names[(label + (spec.init == 'wrong_class')) % len(names)]}"


def _begun_text(clock: str, run: RunFolder) -> str:
    """Day and time by this machine's clock, '29 Nov 15:37'."""
    begun = datetime.fromisoformat(run.description.created).astimezone()
    return f"{begun.day} {begun:%b} {begun.strftime(clock)}"


def _varied_fields(run: RunFolder) -> set[str]:
    """Fields in which the run's sets differ."""
    settings = (_settings(description.spec) for description in run.sets if description.spec is not None)
    return {field for field, *values in zip(SET_FIELDS, *settings, strict=True) if len({*values}) > 1}


def _has_twin(run: RunFolder, description: SetDescription) -> bool:
    """Whether another set of the run has the same settings: only their names tell them apart."""
    specs = [item.spec for item in run.sets if item.spec is not None and item.name != description.name]
    return description.spec is not None and _settings(description.spec) in map(_settings, specs)


def _settings(spec: SetSpec) -> tuple[object, ...]:
    return tuple(getattr(spec, field) for field in SET_FIELDS)
