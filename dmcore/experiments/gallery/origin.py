"""Where recorded results come from: version of the code, and the parts in which they were computed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field

from dmcore.config.formatting import counted
from dmcore.experiments.figure4.results import RaceResults, race_folder
from dmcore.experiments.gallery.entries import GalleryEntry, GalleryRun
from dmcore.experiments.gallery.provenance import EntryKind, Provenance
from dmcore.experiments.results import Results, results_name
from dmcore.files.checked_json import Record
from dmcore.runs.folder import RunFolder
from dmcore.runs.program import UNKNOWN, code_version


class Part(Record):
    """Part of an entry's computation: from a start of the build to its end or interruption."""

    commit: str
    """Commit of the code, or version of the installed package."""
    date: str
    """Day of the start in UTC (ISO 8601)."""
    machine: str
    """Processor, cores and threads, or the graphics card."""
    machine_identity: str = ""
    """What decides the last bits of results (`dmcore.execution.machine`); empty if unknown."""
    seconds: float = Field(ge=0)
    """Time that passed."""
    trained: int = Field(default=0, ge=0)
    """Networks that were trained and tested in it."""
    reused: int = Field(default=0, ge=0)
    """Networks whose results were in the cache, computed before by unknown code."""
    note: str = ""
    """What a reader should know about it."""


def begun_part(machine: str, machine_identity: str, note: str = "") -> Part:
    """A part that this code begins now, on a machine."""
    return Part(
        commit=code_version(),
        date=datetime.now(UTC).date().isoformat(),
        machine=machine,
        machine_identity=machine_identity,
        seconds=0,
        note=note,
    )


class Parts(Record):
    """`parts/NAME.json` of a work folder: the parts of an entry, in order."""

    key: str = ""
    """Key of the configuration that was computed; empty in files of older versions, which did not tell."""
    parts: tuple[Part, ...] = ()


def provenance_of(
    entry: GalleryEntry, computed: RunFolder | Results | RaceResults, parts: Sequence[Part]
) -> Provenance:
    """Provenance of a complete entry, from the parts in which it was computed."""
    kind: EntryKind
    day = machine = ""
    if isinstance(computed, Results):
        kind, table = "table", computed.table
        sets = max(len(table.at(cell.row, cell.column)) for cell in table.cells)
        networks, total = max(cell.repeats for cell in table.cells), len(computed.networks)
        source = results_name(table)
    elif isinstance(computed, RaceResults):
        kind, sets, networks = "race", computed.config.seeds, computed.config.repeats
        total = sum(len(point.accuracies) for point in computed.points)
        source, machine = race_folder(Path(), computed.config).name, computed.machine
    else:
        assert isinstance(entry, GalleryRun)
        kind, sets, networks = "run", len(computed.sets), entry.protocol.repeats
        total = sum(result.n for result in computed.results())
        source, day = computed.id, computed.description.created[:10]
    reused = sum(part.reused for part in parts)
    unknown = total - reused - sum(part.trained for part in parts)
    notes = [part.note for part in parts if part.note]
    if reused:
        notes.append(
            f"{counted(reused, 'network')} of {total} had been trained before, by an unknown version of the "
            "program: the time is without them."
        )
    if unknown > 0:
        notes.append(
            f"Which version of the program trained {counted(unknown, 'network')} of {total} is not known."
        )
    commits = dict.fromkeys(
        [part.commit for part in parts] + [UNKNOWN] * (unknown > 0 or reused > 0 or not parts)
    )
    if len(commits) > 1:
        notes.append("It was computed in parts, by different versions of the program.")
    return Provenance(
        name=entry.name,
        kind=kind,
        title=entry.title,
        commit=", ".join(commits),
        date=max((part.date for part in parts), default=day or UNKNOWN),
        machine="; ".join(dict.fromkeys(part.machine for part in parts)) or machine or UNKNOWN,
        machine_identity=_machine_identity(parts) if not (reused or unknown > 0) else "",
        command=entry.command,
        sets=sets,
        networks=networks,
        seconds=round(sum(part.seconds for part in parts), 1) if parts else None,
        note=" ".join(dict.fromkeys(notes)),
        dataset=entry.dataset,
        source=source,
    )


def _machine_identity(parts: Sequence[Part]) -> str:
    """That of all parts; empty where they have different ones or none."""
    identities = {part.machine_identity for part in parts}
    return identities.pop() if len(identities) == 1 else ""
