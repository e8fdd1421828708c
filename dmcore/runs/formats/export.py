"""Export of a set of a run: registry of file formats that other programs read."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from dmcore.files.atomic import storage_errors_explained
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.array_files import write_npz, write_pt, write_safetensors
from dmcore.runs.formats.condensed import CondensedSet, read_condensed_set
from dmcore.runs.formats.ddranking_files import write_ddranking
from dmcore.runs.formats.download import stem_of
from dmcore.runs.formats.image_writers import check_displayable, write_imagefolder, write_png
from dmcore.runs.formats.tensorboard_files import write_tensorboard


@dataclass(frozen=True)
class ExportFormat:
    """File format of a condensed set."""

    write: Callable[[CondensedSet, Path, RunFolder | None], list[Path]]
    """Writer: set, path without ending, its run if it is of one -> files written."""
    exact: bool
    """Whether the learned float32 values are preserved."""
    sentence: str
    """Description for the user: what is in it and what the format loses."""
    read_back: bool = True
    """Whether `dmcore import` reads it."""
    pictures: bool = False
    """Whether it holds pictures, which are grey or RGB."""


FORMATS = {
    "png": ExportFormat(
        write_png,
        False,
        "A PNG per image and a sheet of all. Clamped to 8 bits; the normalisation is in a file next to them.",
        pictures=True,
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
        pictures=True,
    ),
    "tensorboard": ExportFormat(
        write_tensorboard,
        False,
        "A log for TensorBoard: the images by iteration, loss and accuracies, and points for its projector, "
        "with real images of the data where they are on this machine. Clamped to 8 bits.",
        read_back=False,
        pictures=True,
    ),
    "ddranking": ExportFormat(
        write_ddranking,
        False,
        "images.pt, labels.pt, lr.pt and config.yaml for DD-Ranking 0.2.0: normalised with its constants, "
        "which are in config.yaml; where these are not the set's, renormalised and rounded to float32.",
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
    if FORMATS[format].pictures:
        check_displayable(condensed)
    with storage_errors_explained(destination):
        destination.mkdir(parents=True, exist_ok=True)
    stem = destination / stem_of(run, condensed.name, condensed.iteration)
    return FORMATS[format].write(condensed, stem, run)


def describe_export(condensed: CondensedSet, format: str) -> str:
    """Description of an exported set for the user: what is in the file, and whether anything is lost."""
    described = FORMATS[format]
    sentences = [described.sentence]
    if not described.read_back:
        sentences.append("`dmcore import` does not read it.")
    if condensed.stored_as != "float32":
        sentences.append(
            f"The values of {condensed.name} are rounded to {condensed.stored_as} (11 bits of mantissa), "
            f"because {condensed.rounded_because}."
        )
    elif described.exact:
        sentences.append("Nothing is lost.")
    return " ".join(sentences)


def _check_format(format: str) -> None:
    if format not in FORMATS:
        close = get_close_matches(format, FORMATS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"choose one of {', '.join(FORMATS)}"
        raise ValueError(f"there is no export format {format!r}: {hint}")
