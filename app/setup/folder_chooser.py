"""Folder chooser: the sub-folders of the home folder of who runs the server, to pick one without typing.

Only names are read, when the list is opened, and none outside the home folder; hidden folders and those of an
operating system are left out. Buttons carry no path: the browser can ask for nothing that is not listed.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path, PurePosixPath

import streamlit as st

from app.text.escaping import plain_text
from dmcore.config.formatting import counted
from dmcore.data.listing import IMAGE_SUFFIXES, is_entered

MOST_LISTED = 40
"""Sub-folders that are listed."""
MOST_FILES = 10_000
"""Files and folders of a listed folder that are looked at."""
COUNTING_SECONDS = 0.5
"""Time for counting images; folders that it does not suffice for have no number."""
_OPEN, _FOLDER, _LISTED = "form_folder_list", "form_folder", "form_folder_listed"
"""Keys of the session state: whether the list is open, of which folder it is, and what was found there."""


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
            state.pop(_LISTED, None)
            return
        try:
            home = Path.home().resolve()
        except (OSError, RuntimeError):  # nobody's
            st.caption("Your home folder cannot be found: type the path of the folder or zip instead.")
            return
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
        if state.get(_LISTED, (None,))[0] != folder:
            state[_LISTED] = folder, sub_folders(folder, home)
        folders, left_out = state[_LISTED][1]
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
        return resolved if resolved.is_dir() and resolved.is_relative_to(home) else home
    except (OSError, RuntimeError):
        return home


def sub_folders(folder: Path, home: Path) -> tuple[list[SubFolder], int]:
    """The folders in one, by name, with the number of images; and how many more there are.

    One that cannot be read has none.
    """
    deadline = time.monotonic() + COUNTING_SECONDS
    paths = sorted(_folders_among(_entries(folder), home), key=lambda path: path.name.lower())
    listed = [_counted(path, home, deadline) for path in paths[:MOST_LISTED]]
    return listed, len(paths) - len(listed)


def _counted(path: Path, home: Path, deadline: float) -> SubFolder:
    """A sub-folder with the number of its images, or without it once the time is over."""
    counts: list[int] = []
    for folder in chain([path], _folders_among(islice(_entries(path), MOST_FILES), home)):
        if time.monotonic() > deadline:
            return SubFolder(path)
        counts.append(_image_count(folder))
    return SubFolder(path, sum(counts), sum(map(bool, counts[1:])))


def _image_count(folder: Path) -> int:
    names = (entry.name for entry in islice(_entries(folder), MOST_FILES))
    return sum(PurePosixPath(name).suffix.lower() in IMAGE_SUFFIXES for name in names)


def _folders_among(entries: Iterable["os.DirEntry[str]"], home: Path) -> Iterator[Path]:
    """Folders that images are looked for in; none that a link leads to outside the home folder."""
    for entry in entries:
        try:
            is_folder = is_entered(entry, 0)
        except OSError:  # a link to itself, or to where nobody may look
            continue
        if is_folder and inside_home(Path(entry.path), home) != home:
            yield Path(entry.path)


def _entries(folder: Path) -> Iterator["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError:  # not permitted, or gone
        return
