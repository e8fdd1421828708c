"""Descriptions of a run's synthetic sets (`sets/NAME/set.json`), also where a file is missing or damaged.

A condensed run's sets follow from its configuration, so that their files are only compared with it; of an
imported or selected set the number of images is counted in its newest snapshot.
"""

from pathlib import Path
from typing import NamedTuple

from dmcore.config import MethodConfig
from dmcore.files.checked_json import DamagedFileError, read_record
from dmcore.runs.description import SetDescription
from dmcore.runs.snapshots import read_snapshot, stored_iterations


class StoredSets(NamedTuple):
    """Sets of a run in the order of its configuration, and what is wrong with their files."""

    sets: tuple[SetDescription, ...]
    damaged: tuple[DamagedFileError, ...]


def read_sets(run: Path, config: MethodConfig | None) -> StoredSets:
    """Read the descriptions of a run's sets; never raises for a damaged one.

    Args:
        run: the run's folder.
        config: its configuration; None for an import or a selection.
    """
    expected = described_by(config) if config is not None else {}
    sets: list[SetDescription] = []
    damaged: list[DamagedFileError] = []
    for name in [*expected, *(name for name in _folders(run / "sets") if name not in expected)]:
        folder = run / "sets" / name
        try:
            described = _read_set(folder, expected.get(name))
        except DamagedFileError as damage:
            damaged.append(damage)
            known = expected.get(name) or _counted(folder)
            if known is not None and folder.is_dir():
                sets.append(known)
        else:
            sets.append(described)
    return StoredSets(tuple(sets), tuple(damaged))


def described_by(config: MethodConfig) -> dict[str, SetDescription]:
    """Descriptions of the sets of a condensed run, by name: what is written into each `set.json`."""
    return {
        spec.name: SetDescription(name=spec.name, images_per_class=spec.images_per_class, spec=spec)
        for spec in config.all_sets()
    }


def _read_set(folder: Path, expected: SetDescription | None) -> SetDescription:
    """Read `set.json` and compare it with what is expected.

    Raises:
        DamagedFileError: it is missing or damaged, or describes another set.
    """
    file = folder / "set.json"
    remedy = (
        f"restore it from a copy; its images are counted in {folder}"
        if expected is None
        else "nothing is lost, run.json says the same; `dmcore doctor --repair` writes it again"
    )
    try:
        stored = read_record(SetDescription, file, remedy)
    except FileNotFoundError as missing:
        raise DamagedFileError(file, "it is missing", remedy) from missing
    if stored.name != folder.name or (expected is not None and stored != expected):
        raise DamagedFileError(file, "it describes another set", remedy)
    return stored


def _counted(folder: Path) -> SetDescription | None:
    """Description of an imported set from its newest images; None where they cannot be read."""
    stored = stored_iterations(folder / "snapshots")
    try:
        images = read_snapshot(folder / "snapshots", stored[-1]).pixels.shape[1] if stored else 0
        return SetDescription(name=folder.name, images_per_class=images) if images else None
    except (ValueError, OSError):
        return None


def _folders(sets: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in sets.iterdir() if entry.is_dir() and entry.name[0] != ".")
    except OSError:
        return []
