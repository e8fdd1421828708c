"""Facts of a run that a list of runs shows, and that runs are filtered and sorted by.

A fact that cannot be read, or is not known yet, is empty or None: a list never fails by one damaged run.
"""

import os
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Literal

from dmcore.config import Method, Selection
from dmcore.config.protocols import is_quick
from dmcore.runs.collection.tags import read_tags
from dmcore.runs.description import Origin, Status
from dmcore.runs.events import losses_at
from dmcore.runs.folder import RunFolder

MadeBy = Literal["person", "table"]
HowMade = Literal[Method, Selection, "import"]
"""How the images of a run were made: a method of condensation or of selection, or elsewhere."""
ORIGIN_WORDS: dict[Origin, str] = {"condense": "", "import": "imported", "select": "chosen from real images"}
"""What the pages call the state of a run that was complete at once."""


def dataset_names(run: RunFolder) -> tuple[str, ...]:
    """Names of the data set of a run: as it was loaded, its title, and of a path its last part."""
    data = run.description.data
    return tuple(dict.fromkeys(name for name in (data.name, data.title, Path(data.name).name) if name))


def methods(run: RunFolder) -> tuple[str, ...]:
    """How the images were made, of each kind once, as `HowMade` names it; empty where that cannot be read."""
    if run.config is not None:
        return (run.config.method,)
    selected = [described.selection.method for described in run.sets if described.selection is not None]
    return tuple(dict.fromkeys(selected)) or ("import",) * (run.description.origin == "import")


def images_per_class(run: RunFolder) -> tuple[int, ...]:
    """Images per class of the sets of a run, each number once, ascending."""
    return tuple(sorted({described.images_per_class for described in run.sets}))


def status(run: RunFolder) -> Status | None:
    """Status of a run; None where it was deleted just now."""
    with suppress(ValueError, OSError):
        return run.status()
    return None


def made_by(run: RunFolder) -> MadeBy:
    """Whether a person or a table made it; see `RunDescription.is_of_table`."""
    return "table" if run.description.is_of_table else "person"


def created(run: RunFolder) -> datetime:
    """When a run was created, in UTC."""
    return datetime.fromisoformat(run.description.created)


def searched_text(run: RunFolder) -> str:
    """Text of a run that words are searched in, in lower case: what a person knows it by."""
    description, state = run.description, status(run)
    parts = [description.title, run.id, description.data.name, description.data.title, *methods(run)]
    parts += [ORIGIN_WORDS[description.origin], state or "", "stopped" * (state is Status.INTERRUPTED)]
    parts += [run.config.network] if run.config is not None else []
    return "\n".join([*parts, *read_tags(run)]).casefold()


def best_accuracy(run: RunFolder) -> float | None:
    """Highest mean accuracy that networks trained on its images have reached, in percent.

    Tests by the quick protocol of a run at work do not count, as on every page.
    """
    means = [
        result.mean
        for result in run.results()
        if result.kind == "condensed" and not is_quick(result.protocol, result.kind)
    ]
    return max(means, default=None)


def last_loss(run: RunFolder) -> float | None:
    """Loss of the first set at its last iteration, mean over the classes."""
    with suppress(ValueError, OSError, IndexError):
        losses = losses_at(run.events_file, run.set_names[0], len(run.class_names), sys.maxsize - 1)
        return float(losses.loss[-1].mean())
    return None


def size_on_disk(path: Path) -> int:
    """Bytes of all files below a folder; none of what a link leads to."""
    size, folders = 0, [] if path.is_symlink() else [os.fspath(path)]
    while folders:
        with suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                with suppress(OSError):  # deleted just now
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        size += entry.stat(follow_symlinks=False).st_size
    return size
