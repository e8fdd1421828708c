"""Where recorded results come from: version of the code, and the parts in which they were computed."""

import subprocess
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pydantic import Field

from dmcore.config.formatting import counted
from dmcore.experiments.gallery.entries import GalleryEntry, GalleryRun
from dmcore.experiments.gallery.provenance import Provenance
from dmcore.experiments.results import Results, results_name
from dmcore.files.checked_json import Record
from dmcore.runs.folder import RunFolder

UNKNOWN = "unknown"
_PACKAGE = Path(__file__).resolve().parents[2]


class Part(Record):
    """Part of an entry's computation: from a start of the build to its end or interruption."""

    commit: str
    """Commit of the code, or version of the installed package."""
    date: str
    """Day of the start in UTC (ISO 8601)."""
    machine: str
    """Processor, cores and threads, or the graphics card."""
    seconds: float = Field(ge=0)
    """Time that passed."""
    trained: int = Field(default=0, ge=0)
    """Networks that were trained and tested in it."""
    reused: int = Field(default=0, ge=0)
    """Networks whose results were in the cache, of an equal set or from another entry."""
    note: str = ""
    """What a reader should know about it."""


class Parts(Record):
    """`parts/NAME.json` of a work folder: the parts of an entry, in order."""

    parts: tuple[Part, ...] = ()


@cache
def code_version() -> str:
    """Short commit of this checkout, with `-dirty` where its code was changed; else the package's version."""
    root = _PACKAGE.parent
    if _git("rev-parse", "--show-toplevel") == str(root):
        commit = _git("describe", "--always", "--abbrev=7", "--tags")
        changed = _git("status", "--porcelain", "--", "dmcore", ":!dmcore/experiments/gallery/recorded")
        if commit:
            return f"{commit}{'-dirty' if changed else ''}"
    try:
        return f"version {version('dm-explorer')}"
    except PackageNotFoundError:  # the folder was copied
        return UNKNOWN


def provenance_of(entry: GalleryEntry, computed: RunFolder | Results, parts: Sequence[Part]) -> Provenance:
    """Provenance of a complete entry, from the parts in which it was computed."""
    if isinstance(computed, Results):
        table = computed.table
        sets = max(len(table.at(cell.row, cell.column)) for cell in table.cells)
        networks, total = max(cell.repeats for cell in table.cells), computed.tested_networks
        source, day = results_name(table), ""
    else:
        assert isinstance(entry, GalleryRun)
        sets, networks = len(computed.sets), entry.protocol.repeats
        total = sum(result.n for result in computed.results())
        source, day = computed.id, computed.description.created[:10]
    reused = sum(part.reused for part in parts)
    unknown = total - reused - sum(part.trained for part in parts)
    notes = [part.note for part in parts if part.note]
    if reused:
        notes.append(
            f"Results of {counted(reused, 'network')} of {total} were in the cache, of equal sets or other "
            "entries: the seconds do not contain them."
        )
    if unknown > 0:
        notes.append(
            f"Which code computed the results of {counted(unknown, 'network')} of {total} is unknown."
        )
    commits = dict.fromkeys([part.commit for part in parts] + [UNKNOWN] * (unknown > 0 or not parts))
    if len(commits) > 1:
        notes.append("It was computed in parts, by different versions of the code.")
    return Provenance(
        name=entry.name,
        kind="table" if isinstance(computed, Results) else "run",
        title=entry.title,
        commit=", ".join(commits),
        date=max((part.date for part in parts), default=day or UNKNOWN),
        machine="; ".join(dict.fromkeys(part.machine for part in parts)) or UNKNOWN,
        command=entry.command,
        sets=sets,
        networks=networks,
        seconds=round(sum(part.seconds for part in parts), 1) if parts else None,
        note=" ".join(dict.fromkeys(notes)),
        dataset=entry.dataset,
        source=source,
    )


def _git(*words: str) -> str:
    """Output of a git command about this checkout; empty where git or the checkout is missing."""
    try:
        finished = subprocess.run(  # noqa: S603 - fixed words
            ["git", "-C", str(_PACKAGE.parent), *words],  # noqa: S607 - the user's git
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return finished.stdout.strip() if finished.returncode == 0 else ""
