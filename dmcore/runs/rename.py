"""A run's title: a field of `run.json` that people choose and change. Torch is not imported here."""

import unicodedata

from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import change_description

LONGEST_TITLE = 120
"""Characters: what still fits on a page and in a table."""


def rename_run(run: RunFolder, title: str) -> RunFolder:
    """Give a run another title, also while it is at work; when two rename it at once, the later one wins.

    Args:
        run: the run; its folder and id stay.
        title: any text; runs of white space become one space. Empty: the data set's title.

    Returns:
        The run as it is now.

    Raises:
        ValueError: the title is too long or not text, or the run is gone or damaged.
        StorageError: the folder cannot be written to.
    """
    asked = " ".join(title.split())
    if len(asked) > LONGEST_TITLE:
        raise ValueError(f"a title has at most {LONGEST_TITLE} characters, this one {len(asked)}: shorten it")
    if any(unicodedata.category(one) in ("Cc", "Cs") for one in asked):
        raise ValueError("a title is text, and this one has characters that cannot be shown: leave them out")
    change_description(run.path, title=asked or run.description.data.title or run.id)
    return RunFolder(run.path)
