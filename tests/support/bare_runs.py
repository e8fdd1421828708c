"""Runs without images, made in a moment: what lists of runs know of them."""

from datetime import UTC, datetime
from pathlib import Path

from dmcore.config import CondenseConfig, MethodConfig, Selection
from dmcore.runs.description import DataDescription, MadeFor, Origin, SelectionDescription, SetDescription
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import change_description, create_run_folder
from dmcore.runs.set_files import described_by

CONFIG = CondenseConfig(dataset="digits", images_per_class=1, width=8, depth=1, real_batch=4, iterations=6)


def bare_run(
    root: Path,
    title: str,
    *,
    dataset: str = "digits",
    config: MethodConfig | None = CONFIG,
    selected: Selection | None = None,
    sizes: tuple[int, ...] = (1,),
    created: datetime | None = None,
    made_for: MadeFor = "",
) -> RunFolder:
    """A run of no iteration: an interrupted condensation, or a selection or an import without images."""
    origin: Origin = "select" if selected else "condense" if config is not None else "import"
    data = DataDescription(
        name=dataset,
        title=Path(dataset).name.capitalize(),
        class_names=("zero", "one"),
        mean=(0.5,),
        std=(0.5,),
        channels=1,
        height=8,
        width=8,
    )
    if origin == "condense" and config is not None:
        sets = [*described_by(config).values()]
    else:
        selection = SelectionDescription(method=selected, seed=0) if selected else None
        sets = [
            SetDescription(name=f"set-{size}", images_per_class=size, selection=selection) for size in sizes
        ]
    run = create_run_folder(
        root,
        title=title,
        origin=origin,
        config=config if origin == "condense" else None,
        plan=None,
        data=data,
        sets=sets,
        made_for=made_for,
    )
    if created is not None:
        change_description(run.path, created=created.astimezone(UTC).isoformat(timespec="microseconds"))
    return RunFolder(run.path)
