"""Permission to read the folder or zip at a path: given by typing or a click, never by a link.

Who opens a link has not chosen the path in its address; reading it could walk a whole disk. What a person has
allowed holds for their browser, after a reload too, until the server ends.
"""

import threading
from collections import OrderedDict

import streamlit as st

from app.setup.person import person_hash
from app.text.escaping import plain_text
from dmcore.data.catalogue import CATALOGUE, is_there

MOST_PEOPLE, MOST_PATHS = 1000, 20


class ReadablePaths:
    """Paths that each person has allowed to read; every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._people: OrderedDict[str, OrderedDict[str, None]] = OrderedDict()

    def add(self, person: str, path: str) -> None:
        """Allow a path, or note that it was used again."""
        with self._lock:
            paths = self._people.setdefault(person, OrderedDict())
            paths[path] = None
            paths.move_to_end(path)
            while len(paths) > MOST_PATHS:
                paths.popitem(last=False)
            self._people.move_to_end(person)
            while len(self._people) > MOST_PEOPLE:
                self._people.popitem(last=False)

    def of(self, person: str) -> tuple[str, ...]:
        """The paths of a person, the one used last first."""
        with self._lock:
            return tuple(reversed(self._people.get(person, ())))


_READABLE = ReadablePaths()


def allow_reading(path: str) -> None:
    """Let this person read a path; for callbacks of what a person typed or clicked.

    The name of a known data set is no path, even where a folder has it.
    """
    if path not in CATALOGUE:
        _READABLE.add(person_hash(), path)


def may_read(path: str) -> bool:
    """Whether this person has allowed to read a path."""
    return path in _READABLE.of(person_hash())


def recent_paths() -> tuple[str, ...]:
    """Folders and zips that this person has allowed to read and that are still there, the last one first."""
    return tuple(path for path in _READABLE.of(person_hash()) if is_there(path))


def show_reading_permission(path: str) -> bool:
    """Return whether this person may read a path; draw a sentence and a button that allows it, if not."""
    if may_read(path):
        return True
    st.markdown(f"**{plain_text(path)}** came with a link or a run. Nothing there has been read yet.")
    st.button("Read this folder or zip", key="read_this_folder", on_click=allow_reading, args=(path,))
    return False
