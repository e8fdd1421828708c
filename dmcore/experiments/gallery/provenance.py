"""Provenance of a recorded entry: what computed it, when, where, how long, and what computes it again."""

from typing import Literal

from pydantic import Field

from dmcore.files.checked_json import Record

EntryKind = Literal["run", "table", "race"]


class Provenance(Record):
    """`provenance/NAME.json` of a gallery: one entry, beside the run, results file or race that it is of."""

    name: str
    """Name of the entry."""
    kind: EntryKind
    """A run with its evaluations, the results of a table with the runs of its cells, or a race."""
    title: str
    """Title for people."""
    commit: str
    """Commit of the code that computed it, or version of the installed package; several joined by commas."""
    date: str
    """Day on which it was computed, the last of several (ISO 8601)."""
    machine: str
    """Processor, cores and threads, or the graphics card."""
    machine_identity: str = ""
    """What decides the last bits of results (`dmcore.execution.machine`); empty if unknown, or of several."""
    command: str
    """Command that computes it again."""
    sets: int = Field(ge=1)
    """Independent synthetic or selected sets: of a table's row and column, a run, or a race's method."""
    networks: int = Field(ge=1)
    """Networks trained on each set."""
    seconds: float | None = Field(ge=0)
    """Computing time, all parts together; None where it was not measured."""
    note: str = ""
    """What a reader should know about these facts, such as what the time does not contain."""
    dataset: str
    """Name of the data set."""
    source: str
    """Id of the run, name of the results file of the table, or of the folder of the race."""
