"""Read access to a run folder: description, status, snapshots, losses, results and errors.

Readers take no lock. Status is derived from the files, never stored. Layout:

    run.json  events.jsonl  sets/NAME/{set.json, snapshots/}  checkpoints/
    results/  result.json  error.json  guess.json  tags.json  program
    owner.json  lock  run.json.lock  use-*.lock
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
from jaxtyping import Float16

from dmcore.config import MethodConfig
from dmcore.files.checked_json import (
    DamagedFileError,
    Record,
    parse_fields,
    parse_record,
    read_content,
    read_record,
    record_content,
)
from dmcore.files.listing import list_folder
from dmcore.runs.description import (
    NEWEST_FORMAT,
    NewerFormatError,
    RunDescription,
    RunError,
    RunResult,
    SetDescription,
    Status,
    StoredResult,
)
from dmcore.runs.events import (
    Losses,
    Note,
    last_iteration,
    losses_of,
    read_events,
)
from dmcore.runs.lock import active_owner
from dmcore.runs.packing.packed import no_images_text
from dmcore.runs.results.stored_result import read_result
from dmcore.runs.set_files import described_by, read_sets
from dmcore.runs.snapshots import Snapshot, read_image, read_snapshot, snapshot_file, stored_iterations

Model = TypeVar("Model", bound=Record)


@dataclass(frozen=True)
class RunFolder:
    """A run on disk, read-only; from `open_run`, `create_run` or `list_runs`."""

    path: Path

    @property
    def id(self) -> str:
        """Name of the folder."""
        return self.path.name

    @cached_property
    def description(self) -> RunDescription:
        """Content of `run.json`, read once.

        Raises:
            NewerFormatError: written by a later version of this program.
            DamagedFileError: it is damaged.
            ValueError: not a run.
        """
        return read_description(self.path)

    def description_copy(self) -> str:
        """Content of `run.json` for a checkpoint: as it is on disk, or as read before it was damaged."""
        try:
            current = read_description(self.path)
        except (ValueError, OSError):
            current = self.description
        return record_content(current).decode()

    @property
    def config(self) -> MethodConfig | None:
        """Configuration; None for an import or a selection."""
        return self.description.config

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the labels."""
        return self.description.data.class_names

    @cached_property
    def sets(self) -> tuple[SetDescription, ...]:
        """Synthetic sets, in the order of the configuration, whatever `set.json` is missing or damaged."""
        return read_sets(self.path, self.config).sets

    @property
    def set_names(self) -> tuple[str, ...]:
        """Names of the synthetic sets, in the order of the configuration."""
        return tuple(described.name for described in self.sets)

    def set_named(self, name: str) -> SetDescription:
        """Description of a set.

        Raises:
            ValueError: no such set.
        """
        by_name = {described.name: described for described in self.sets}
        if name not in by_name:
            raise ValueError(f"run {self.id} has no set {name!r}: choose one of {', '.join(by_name)}")
        return by_name[name]

    @cached_property
    def recorded_sets(self) -> tuple[str, ...]:
        """Names of the sets that the recorder writes: of the configuration, of an import all; no others."""
        return self.set_names if self.config is None else tuple(described_by(self.config))

    @property
    def shapes(self) -> dict[str, tuple[int, int, int, int, int]]:
        """Shape of the images of each set of the configuration, of an import of each set.

        (classes, images per class, channels, height, width)
        """
        data, classes = self.description.data, len(self.class_names)
        image = data.channels, data.height, data.width
        sets = self.sets if self.config is None else described_by(self.config).values()
        return {described.name: (classes, described.images_per_class, *image) for described in sets}

    def status(self) -> Status:
        """Status of the run: from an active owner, else from its result, else from its error."""
        if self.description.origin != "condense":  # complete at once
            return Status.FINISHED
        owner = active_owner(self.path)
        if owner is not None:
            return Status(owner.state)
        result = self.result()
        if result is not None and self.config is not None and result.iteration >= self.config.iterations:
            return Status.FINISHED
        if self.error() is not None:
            return Status.FAILED
        return Status.INTERRUPTED

    def iteration(self) -> int:
        """Updates done according to the files: of the last event or snapshot, whichever is later."""
        newest = [stored[-1] for name in self.recorded_sets if (stored := self.snapshots(name))]
        return max([last_iteration(self.events_file), *newest])

    def snapshots(self, set_name: str | None = None) -> list[int]:
        """Iterations of the stored snapshots of a set, in order; left open, those that every set has.

        Raises:
            ValueError: no such set.
        """
        if set_name is None:
            of_sets = [set(self.snapshots(name)) for name in self.set_names]
            return sorted(set.intersection(*of_sets)) if of_sets else []
        return stored_iterations(self.snapshot_folder(set_name))

    def snapshot(self, set_name: str, iteration: int | None = None) -> Snapshot:
        """Images of a set at a stored iteration; the latest when left open.

        Raises:
            ValueError: no such set, no such snapshot, or a damaged file.
        """
        if iteration is None:
            stored = self.snapshots(set_name)
            if not stored:
                raise ValueError(no_images_text(self.path, self.id))
            iteration = stored[-1]
        folder, shape = self.snapshot_folder(set_name), self.shapes.get(set_name)
        return read_snapshot(folder, iteration, shape, self.description.id)

    def image(
        self, set_name: str, iteration: int, label: int, image: int
    ) -> Float16[np.ndarray, "channel height width"]:
        """Pixels of a single image at a stored iteration, without reading the others.

        Raises:
            ValueError: no such set, snapshot or image, or a damaged file.
        """
        folder, shape = self.snapshot_folder(set_name), self.shapes.get(set_name)
        return read_image(folder, iteration, label, image, shape, self.description.id)

    def snapshot_stamps(self, iteration: int) -> list[tuple[int, int]]:
        """(modification time in ns, bytes) of each set's snapshot at an iteration: a change token.

        Raises:
            ValueError: no such snapshot.
        """
        files = [snapshot_file(self.snapshot_folder(name), iteration).stat() for name in self.set_names]
        return [(stat.st_mtime_ns, stat.st_size) for stat in files]

    def losses(self, set_name: str) -> Losses:
        """(iteration [event], loss [event, class] float32, seconds [event]) of a set, as far as written."""
        self.snapshot_folder(set_name)
        return losses_of(read_events(self.events_file), set_name, len(self.class_names))

    def notes(self) -> list[Note]:
        """All notes with their iterations; those of the start at iteration 0."""
        at_start = [Note(0, sentence) for sentence in self.description.notes]
        return at_start + [
            Note(event["iteration"], event["note"])
            for event in read_events(self.events_file)
            if "note" in event
        ]

    def results(self) -> list[StoredResult]:
        """Stored evaluations, oldest first, without damaged ones."""
        return self.read_results()[0]

    def read_results(self) -> tuple[list[StoredResult], list[DamagedFileError]]:
        """Stored evaluations, oldest first, and the damage of those that cannot be read."""
        stored: list[StoredResult] = []
        damaged: list[DamagedFileError] = []
        for file in self.result_files():
            try:
                stored.append(read_result(file, self.description.id))
            except FileNotFoundError:  # deleted just now
                continue
            except DamagedFileError as damage:
                damaged.append(damage)
        return sorted(stored, key=lambda result: result.created), damaged

    def result_files(self) -> list[Path]:
        """Files of the stored evaluations, in the order of their names; none if they cannot be listed."""
        try:
            entries = list_folder(self.path / "results")
        except DamagedFileError:
            return []
        return sorted(Path(entry.path) for entry in entries if entry.name.endswith(".json"))

    def result(self) -> RunResult | None:
        """Result of a finished run; None before its last iteration, or where the file is damaged."""
        return _read_intact(RunResult, self.path / "result.json")

    def error(self) -> RunError | None:
        """Why the run failed; None when it did not, or where the file is damaged."""
        return _read_intact(RunError, self.path / "error.json")

    @property
    def events_file(self) -> Path:
        """Path of the event log."""
        return self.path / "events.jsonl"

    @property
    def checkpoint_folder(self) -> Path:
        """Path of the checkpoints."""
        return self.path / "checkpoints"

    def snapshot_folder(self, set_name: str) -> Path:
        """Path of the snapshots of a set.

        Raises:
            ValueError: no such set.
        """
        if set_name not in self.recorded_sets and set_name not in self.set_names:
            raise ValueError(
                f"run {self.id} has no set {set_name!r}: choose one of {', '.join(self.set_names)}"
            )
        return self.path / "sets" / set_name / "snapshots"


def read_description(path: Path) -> RunDescription:
    """Read `run.json` of a run folder.

    Raises:
        NewerFormatError: written by a later version of this program.
        DamagedFileError: it is damaged.
        ValueError: not a run.
    """
    file, remedy = path / "run.json", f"`dmcore doctor {path}` tells what mends it"
    try:
        content = read_content(file, remedy)
    except FileNotFoundError as missing:
        if stored_iterations(path / "checkpoints"):
            raise DamagedFileError(file, "it is missing", remedy) from missing
        raise ValueError(f"{path} is no run: it has no run.json; `dmcore runs` lists the runs") from missing
    version = parse_fields(content, file, remedy).get("format")
    if isinstance(version, int) and version > NEWEST_FORMAT:
        raise NewerFormatError(
            f"run {path.name} has format {version}, this version reads up to {NEWEST_FORMAT}: "
            "update dm-explorer"
        )
    return parse_record(RunDescription, content, file, remedy)


def _read_intact(model: type[Model], file: Path) -> Model | None:
    """Record of a file; None where it is missing or damaged: `dmcore.runs.problems` names the damage."""
    try:
        return read_record(model, file)
    except (FileNotFoundError, DamagedFileError):
        return None
