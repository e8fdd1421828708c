"""Export of a set of a run: registry of file formats that other programs read."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from dmcore.config.protocols import is_quick
from dmcore.files.atomic import storage_errors_explained
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.array_files import Accuracies, write_npz, write_pt, write_safetensors
from dmcore.runs.formats.condensed import CondensedSet, read_condensed_set
from dmcore.runs.formats.image_files import check_displayable, write_imagefolder, write_png


@dataclass(frozen=True)
class ExportFormat:
    """File format of a condensed set."""

    write: Callable[[CondensedSet, Path, Accuracies], list[Path]]
    """Writer: set, path without ending, percent accuracies by network -> files written."""
    exact: bool
    """Whether the learned float32 values are preserved."""
    sentence: str
    """Description for the user: what is in it and what the format loses."""


FORMATS = {
    "png": ExportFormat(
        write_png,
        False,
        "A PNG per image and a sheet of all. Clamped to 8 bits; the normalisation is in a file next to them.",
    ),
    "npz": ExportFormat(
        write_npz,
        True,
        "NumPy arrays: normalised float32, labels, class names, mean, std.",
    ),
    "safetensors": ExportFormat(
        write_safetensors,
        True,
        "Tensors: normalised float32 and labels, class names, mean and std in the metadata.",
    ),
    "pt": ExportFormat(
        write_pt,
        True,
        "The authors' layout for torch.load: normalised float32. The normalisation and the class names are "
        "in a file next to it.",
    ),
    "imagefolder": ExportFormat(
        write_imagefolder,
        False,
        "A folder of PNG files per class. Clamped to 8 bits; the normalisation is in a file next to them.",
    ),
}


def export_run(
    run: RunFolder, set_name: str | None, format: str, destination: Path, iteration: int | None = None
) -> list[Path]:
    """Write a set into the folder `destination`, created if missing.

    Args:
        run: the run.
        set_name: which set; may be left open where there is only one.
        format: a name of `FORMATS`.
        destination: a folder. File names consist of the run's id, the set and the iteration.
        iteration: which images; the latest when left open.

    Returns:
        The files or the folder written.

    Raises:
        ValueError: no such format, set or iteration, or a folder of that name exists already.
        StorageError: the destination cannot be written to.
    """
    _check_format(format)
    return export_set(run, read_condensed_set(run, set_name, iteration), format, destination)


def export_set(run: RunFolder, condensed: CondensedSet, format: str, destination: Path) -> list[Path]:
    """Write a set that was read from `run` (see `export_run`, which reads it first)."""
    _check_format(format)
    accuracies = _accuracies(run, condensed)
    if not FORMATS[format].exact:
        check_displayable(condensed)
    with storage_errors_explained(destination):
        destination.mkdir(parents=True, exist_ok=True)
    stem = destination / f"{run.id}-{condensed.name}-{condensed.iteration}"
    return FORMATS[format].write(condensed, stem, accuracies)


def describe_export(condensed: CondensedSet, format: str) -> str:
    """Description of an exported set for the user: what is in the file, and whether anything is lost."""
    described = FORMATS[format]
    if condensed.stored_as == "float32":
        return f"{described.sentence} Nothing is lost." if described.exact else described.sentence
    return (
        f"{described.sentence} The values of {condensed.name} are rounded to {condensed.stored_as} "
        f"(11 bits of mantissa), because {condensed.rounded_because}."
    )


def _check_format(format: str) -> None:
    if format not in FORMATS:
        close = get_close_matches(format, FORMATS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"choose one of {', '.join(FORMATS)}"
        raise ValueError(f"there is no export format {format!r}: {hint}")


def _accuracies(run: RunFolder, condensed: CondensedSet) -> dict[str, tuple[float, ...]]:
    """Accuracies in percent of the latest evaluation of exactly these images, by architecture.

    One by the quick protocol counts only where there is no other.
    """
    return {
        result.network: result.accuracies
        for result in sorted(run.results(), key=lambda result: not is_quick(result.protocol, result.kind))
        if (result.set, result.iteration, result.kind) == (condensed.name, condensed.iteration, "condensed")
    }
