"""What a synthetic set is called on a page: by what tells it from the run's other sets."""

from collections import Counter
from collections.abc import Sequence

from app.text.labels import init_label
from dmcore.runs.description import SetDescription
from dmcore.runs.folder import RunFolder

SHORT_INIT_LABELS = {"real": "real images", "noise": "noise", "wrong_class": "wrong class"}


def set_title(run: RunFolder, one: SetDescription) -> str:
    """A sentence fragment above a set's images: 'from noise', '10 per class, from real images'."""
    spec = one.spec
    if spec is None:
        return one.name
    varied = _varied(run)
    said = []
    if "images_per_class" in varied or not varied:
        said.append(f"{spec.images_per_class} per class")
    if "init" in varied or not varied:
        said.append(f"from {init_label(spec.init)}")
    if "image_lr" in varied:
        said.append(f"learning rate {spec.image_lr:g}")
    if "momentum" in varied:
        said.append(f"momentum {spec.momentum:g}")
    return ", ".join(said)


def run_titles(runs: Sequence[RunFolder]) -> dict[str, str]:
    """What each run is called in a list, by id: its title, with the id where several have the same."""
    named = Counter(run.description.title for run in runs)
    titles = {run.id: run.description.title or run.id for run in runs}
    return {
        run.id: titles[run.id] if named[run.description.title] == 1 else f"{titles[run.id]} ({run.id})"
        for run in runs
    }


def run_summary(run: RunFolder) -> str:
    """What the run is about: 'Digits, 1 image per class, convnet of width 32'."""
    data, config = run.description.data, run.config
    counts = sorted({one.images_per_class for one in run.sets})
    images = f"{' or '.join(map(str, counts))} image{'' if counts == [1] else 's'} per class"
    said = [data.title or data.name or "unknown data", images]
    if config is not None:
        width = f" of width {config.width}" if config.network == "convnet" else ""
        said.append(f"{config.network}{width}")
    return ", ".join(said)


def set_line_label(run: RunFolder, name: str) -> str:
    """A few words at the end of a set's line in a chart."""
    one = next(one for one in run.sets if one.name == name)
    if one.spec is None:
        return name
    varied = _varied(run)
    if varied == {"init"} or not varied:
        return SHORT_INIT_LABELS[one.spec.init]
    return set_title(run, one).removeprefix("from ")


def _varied(run: RunFolder) -> set[str]:
    """The fields in which the run's sets differ."""
    specs = [one.spec for one in run.sets if one.spec is not None]
    fields = ("images_per_class", "init", "image_lr", "momentum")
    return {field for field in fields if len({getattr(spec, field) for spec in specs}) > 1}
