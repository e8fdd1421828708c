"""What a command or a page made of a root: exit code, sentences, facts that may not change silently."""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from dmcore.runs.checkpoint import newest_checkpoint
from dmcore.runs.runs_root import open_run
from support.run_equality import noise_floors


@dataclass(frozen=True)
class Outcome:
    """Result of one target on one root."""

    code: int = 0
    """Exit code of a command; 0 for a page."""
    text: str = ""
    """Everything a person reads, without the folder's name."""
    facts: dict[str, Any] = field(default_factory=dict)
    """Values that may change only with a sentence."""
    traceback: str = ""
    """Of an exception that a user would see; empty without one."""
    lost: tuple[str, ...] = ()
    """Files that a command which failed has removed."""
    hidden: bool = False
    """Whether the healthy run is not shown as it is."""


def plain(text: str, folder: Path) -> str:
    """A text without the folder's name, times and rates."""
    text = text.replace(str(folder), "ROOT").replace("\r", "\n")
    return re.sub(r"\d+(\.\d+)? ?(s|seconds?|minutes?|ms|it/s|images/s|MB)\b", "TIME", text)


def digest(array: Any) -> str:
    """Hash of an array's shape, type and bytes."""
    values = np.ascontiguousarray(array)
    hashed = hashlib.sha256(f"{values.shape} {values.dtype}".encode())
    hashed.update(values.tobytes())
    return hashed.hexdigest()[:12]


def files_in(folder: Path) -> dict[str, str]:
    """Hash of every file below a folder by its name."""
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()[:12]
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def facts_of_resumed(path: Path) -> dict[str, Any]:
    """Images, momentum and losses of a run after it was resumed; damage that a reader names is a fact."""
    facts: dict[str, Any] = {}
    try:
        run = open_run(path)
        newest = newest_checkpoint(run.checkpoint_folder).checkpoint
        facts["iteration"] = None if newest is None else newest.iteration
        facts["target"] = run.config and run.config.iterations
        if newest is not None:
            facts["state"] = {key: digest(tensor.numpy()) for key, tensor in sorted(newest.state.items())}
        for name in run.set_names:
            losses = run.losses(name)
            facts[f"losses {name}"] = (losses.iteration.tolist(), digest(losses.loss))
        facts["noise floors"] = noise_floors(run)
        facts["notes"] = [note.sentence for note in run.notes()]
    except ValueError as damage:
        facts["damage named by a reader"] = str(damage)
    return facts


def snapshots_of(path: Path) -> dict[str, str]:
    """Hash of the pixels of every readable snapshot of a run by set and iteration."""
    hashes = {}
    try:
        run = open_run(path)
        for name in run.set_names:
            for iteration in run.snapshots(name):
                try:
                    snapshot = run.snapshot(name, iteration)
                except ValueError:
                    continue
                hashes[f"{name} {iteration}"] = digest(snapshot.pixels) + digest(snapshot.momentum)
    except ValueError:
        pass
    return hashes
