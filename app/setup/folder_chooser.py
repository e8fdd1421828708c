"""Folder chooser: the sub-folders of the home folder of who runs the server, to pick one without typing.

Only names are read, when the list is opened, and none outside the home folder; hidden folders and those of an
operating system are left out. Buttons carry no path: the browser can ask for nothing that is not listed.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

import streamlit as st

from app.text.escaping import plain_text
from dmcore.config.formatting import counted
from dmcore.data.class_folders import IMAGE_SUFFIXES
from dmcore.data.listing import is_entered

MOST_LISTED = 40
"""Sub-folders that are listed."""
MOST_FILES = 10_000
"""Files of a folder that are looked at."""
COUNTING_SECONDS = 0.5
"""Time for counting images; folders that it does not suffice for have no number."""
_OPEN, _FOLDER = "form_folder_list", "form_folder"
"""Keys of the session state: whether the list is open, and of which folder it is."""


@dataclass(frozen=True)
class SubFolder:
    """Folder of the list."""

    path: Path
    images: int = 0
    """In it and in the folders directly in it."""
    classes: int = 0
    """Folders directly in it that hold images."""

    @property
    def label(self) -> str:
        """Its name, and what is in it as far as it holds images: 'my photos · 120 images in 3 folders'."""
        if not self.images:
            return self.path.name
        inside = f" in {counted(self.classes, 'folder')}" if self.classes else ""
        return f"{self.path.name} · {counted(self.images, 'image')}{inside}"


def show_folder_chooser(take: Callable[[str], None]) -> None:
    """Draw the list, folded until somebody opens it; `take` is called with the path that is chosen."""
    state = st.session_state
    with st.expander("Choose a folder", key=_OPEN, on_change="rerun"):
        if not state.get(_OPEN):
            return
        home = Path.home().resolve()
        folder = inside_home(state.get(_FOLDER, home), home)

        def go(target: Path) -> None:
            state[_FOLDER] = target

        def choose() -> None:
            state[_OPEN] = False
            take(str(folder))

        st.caption(plain_text(str(folder)))
        with st.container(horizontal=True, gap="small"):
            st.button("Take this folder", key="form_folder_take", on_click=choose)
            st.button(
                "One folder up",
                key="form_folder_up",
                disabled=folder == home,
                on_click=go,
                args=(folder.parent,),
            )
        folders, left_out = sub_folders(folder, home)
        with st.container(gap="xxsmall"):
            for number, each in enumerate(folders):
                st.button(
                    plain_text(each.label),
                    key=f"form_folder_{number}",
                    type="tertiary",
                    icon=":material/folder:",
                    on_click=go,
                    args=(each.path,),
                )
        if not folders:
            st.caption("There are no folders in it.")
        if left_out:
            st.caption(f"{counted(left_out, 'more folder')}: type the path of one of them.")


def inside_home(folder: Path, home: Path) -> Path:
    """The folder, if it is there and below the home folder; else that."""
    try:
        resolved = folder.resolve(strict=True)
    except (OSError, RuntimeError):
        return home
    return resolved if resolved.is_dir() and resolved.is_relative_to(home) else home


def sub_folders(folder: Path, home: Path) -> tuple[list[SubFolder], int]:
    """The folders in one, by name, with the number of images; and how many more there are.

    One that cannot be read has none.
    """
    deadline = time.monotonic() + COUNTING_SECONDS
    inner = sorted(_folders_in(folder), key=lambda path: path.name.lower())
    paths = [path for path in inner if inside_home(path, home) != home]
    listed = [_counted(path, deadline) for path in paths[:MOST_LISTED]]
    return listed, len(paths) - len(listed)


def _counted(path: Path, deadline: float) -> SubFolder:
    """A sub-folder with the number of its images, or without it once the time is over."""
    counts = []
    for folder in (path, *_folders_in(path)):
        counts.append(_image_count(folder))
        if time.monotonic() > deadline:
            return SubFolder(path)
    return SubFolder(path, sum(counts), sum(map(bool, counts[1:])))


def _image_count(folder: Path) -> int:
    names = islice((entry.name for entry in _entries(folder)), MOST_FILES)
    return sum(PurePosixPath(name).suffix.lower() in IMAGE_SUFFIXES for name in names)


def _folders_in(folder: Path) -> list[Path]:
    return [Path(entry.path) for entry in _entries(folder) if is_entered(entry, 0)]


def _entries(folder: Path) -> Iterator["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError:  # not permitted, or gone
        return
