"""Write a set of a run in a format that other programs read: one registry, one line per format."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from dmcore.config.protocols import is_quick
from dmcore.files.atomic import storage_trouble_named
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.array_files import Accuracies, write_npz, write_pt, write_safetensors
from dmcore.runs.formats.condensed import CondensedSet, condensed_of
from dmcore.runs.formats.image_files import write_imagefolder, write_png


@dataclass(frozen=True)
class ExportFormat:
    """One way to write a set."""

    write: Callable[[CondensedSet, Path, Accuracies], list[Path]]
    """Takes the set, the path without its ending, percent accuracies by network; returns what it wrote."""
    exact: bool
    """Whether the learned float32 come back."""
    sentence: str
    """What is in it, and what is lost: for a page and the command line."""


FORMATS = {
    "png": ExportFormat(
        write_png,
        False,
        "A picture per image and a sheet of all. Clamped to 8 bits; the normalisation lies beside.",
    ),
    "npz": ExportFormat(
        write_npz,
        True,
        "NumPy arrays: normalised float32, labels, class names, mean, std. Nothing lost.",
    ),
    "safetensors": ExportFormat(
        write_safetensors,
        True,
        "Tensors: normalised float32 and labels, class names, mean and std in the metadata. Nothing is lost.",
    ),
    "pt": ExportFormat(
        write_pt,
        True,
        "The authors' layout for torch.load: normalised float32. The normalisation and the class names have "
        "no place in it and lie beside.",
    ),
    "imagefolder": ExportFormat(
        write_imagefolder,
        False,
        "A folder of pictures per class. Clamped to 8 bits; the normalisation lies beside.",
    ),
}


def export_run(
    run: RunFolder, set_name: str | None, format: str, destination: Path, iteration: int | None = None
) -> list[Path]:
    """Write a set into the folder `destination`, which is made if need be.

    Args:
        run: the run.
        set_name: which set; may be left open where there is only one.
        format: a name of `FORMATS`; its `sentence` says what is lost.
        destination: a folder. File names are made of the run's id, the set and the iteration.
        iteration: which images; the latest when left open.

    Returns:
        The files or the folder that were written.

    Raises:
        ValueError: no such format, set or iteration, or a folder of that name is there already.
        StorageError: the destination cannot be written to.
    """
    if format not in FORMATS:
        close = get_close_matches(format, FORMATS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"choose one of {', '.join(FORMATS)}"
        raise ValueError(f"there is no export format {format!r}: {hint}")
    condensed = condensed_of(run, set_name, iteration)
    with storage_trouble_named(destination):
        destination.mkdir(parents=True, exist_ok=True)
    stem = destination / f"{run.id}-{condensed.name}-{condensed.iteration}"
    return FORMATS[format].write(condensed, stem, _accuracies(run, condensed))


def _accuracies(run: RunFolder, condensed: CondensedSet) -> dict[str, tuple[float, ...]]:
    """Percent of every network of the latest evaluation of these very images, by architecture.

    One by the quick protocol counts only where there is no other.
    """
    return {
        result.network: result.accuracies
        for result in sorted(run.results(), key=lambda one: not is_quick(one.protocol, one.kind))
        if (result.set, result.iteration, result.kind) == (condensed.name, condensed.iteration, "condensed")
    }
