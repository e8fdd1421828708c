"""Rename a run: change its title, a field of `run.json`."""

import unicodedata

from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import change_description

LONGEST_TITLE = 120
"""Maximum length of a title in characters, so that it fits on a page and in a table."""


def rename_run(run: RunFolder, title: str) -> RunFolder:
    """Change the title of a run, also while it is running; of two simultaneous changes the later one wins.

    Args:
        run: the run; its folder and id stay.
        title: any text; runs of white space become one space. Empty: the data set's title.

    Returns:
        The run as it is now.

    Raises:
        ValueError: the title is too long or not text, or the run is gone or damaged.
        StorageError: the folder cannot be written to.
    """
    cleaned = clean_title(title)
    change_description(run.path, title=cleaned or run.description.data.title or run.id)
    return RunFolder(run.path)


def clean_title(title: str) -> str:
    """Title with runs of white space as one space; may be empty.

    Raises:
        ValueError: it is too long or not text.
    """
    cleaned = " ".join(title.split())
    if len(cleaned) > LONGEST_TITLE:
        raise ValueError(
            f"a title has at most {LONGEST_TITLE} characters, this one {len(cleaned)}: shorten it"
        )
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in cleaned):
        raise ValueError("a title is text, and this one has characters that cannot be shown: leave them out")
    return cleaned
