"""Export of sets as the content of one file: for a download, where there is no folder to write into.

The files are those of `export`; several of them, and folders, are put into a zip. Torch is imported when one
is packed.
"""

import importlib.util
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.ranked_classes import has_ranked_classes
from dmcore.runs.lock import active_owner
from dmcore.runs.snapshots import stored_iterations


@dataclass(frozen=True)
class DownloadFormat:
    """Format of a download."""

    export: str
    """Name of the format in `export.FORMATS`."""
    label: str
    """Title for people."""
    sentence: str
    """What is in it, in half a line."""
    exact: bool = False
    """Whether the learned values are preserved as they are stored."""
    ending: str = ""
    """End of the name of the one file of a set; empty where a set is several files."""
    member: str = ""
    """The one file to take from a folder; empty: everything."""
    datasets: tuple[str, ...] = ()
    """Data sets whose runs alone can have it; empty: all."""
    pictures: bool = False
    """Whether it holds pictures, which are grey or RGB."""
    package: str = ""
    """Optional package that writes it; empty: none."""


DOWNLOADS = {
    "png": DownloadFormat(
        "png",
        "PNG grid",
        "all images as one, a row for each class; 8 bits",
        ending="png",
        member="sheet.png",
        pictures=True,
    ),
    "imagefolder": DownloadFormat(
        "imagefolder",
        "Image folder (zip)",
        "a PNG each in a folder named by its class; 8 bits",
        pictures=True,
    ),
    "npz": DownloadFormat(
        "npz", "npz", "NumPy: images, labels, class names, mean and std; lossless", True, "npz"
    ),
    "safetensors": DownloadFormat(
        "safetensors",
        "safetensors",
        "tensors: images and labels, class names beside; lossless",
        True,
        "safetensors",
    ),
    "pt": DownloadFormat(
        "pt", "pt (zip)", "the authors' layout, for torch.load, class names beside; lossless", True
    ),
    "tensorboard": DownloadFormat(
        "tensorboard",
        "TensorBoard (zip)",
        "a log of images and curves, points for its projector; 8 bits",
        pictures=True,
        package="tensorboard",
    ),
    "ddranking": DownloadFormat(
        "ddranking",
        "DD-Ranking (zip)",
        "images, labels, learning rate and settings that it evaluates; renormalised, rounded to float32",
        datasets=("cifar10", "cifar100"),
    ),
}
"""Formats by name, those to look at first."""


def offered_downloads(run: RunFolder) -> tuple[str, ...]:
    """Names of the formats that a run can be saved in."""
    data = run.description.data

    def can_be_saved(format: DownloadFormat) -> bool:
        if format.pictures and data.channels not in (1, 3):
            return False
        if format.package and importlib.util.find_spec(format.package) is None:
            return False
        of_data = data.name in format.datasets and has_ranked_classes(data.name, data.class_names)
        return not format.datasets or of_data

    return tuple(name for name, each in DOWNLOADS.items() if can_be_saved(each))


def downloadable(run: RunFolder, at: int | None = None) -> int | None:
    """Iteration of which a download has the images: the stored one at or before `at`; None without images.

    Left open, the latest; of a run in progress the latest snapshot, since its checkpoints do not stay.
    """
    stored = {*run.snapshots()}
    if active_owner(run.path) is None:
        stored.update(stored_iterations(run.checkpoint_folder))
    return max((each for each in stored if at is None or each <= at), default=None)


def is_exact(run: RunFolder, iteration: int) -> bool:
    """Whether the images of an iteration are stored as they were learned, not rounded to 16 bits."""
    return iteration in stored_iterations(run.checkpoint_folder)


def stem_of(run: RunFolder, set_name: str, iteration: int) -> str:
    """What the names of a set's files begin with."""
    return f"{run.id}-{set_name}-{iteration}"


def download_name(run: RunFolder, set_names: Sequence[str], format: str, iteration: int) -> str:
    """File name of a download: of the only set, or of the run where there are several."""
    chosen = DOWNLOADS[format]
    if len(set_names) == 1:
        stem = stem_of(run, set_names[0], iteration)
        return f"{stem}.{chosen.ending}" if chosen.ending else f"{stem}-{format}.zip"
    return f"{run.id}-{iteration}-{format}.zip"


def pack_download(run: RunFolder, set_names: Sequence[str], format: str, iteration: int) -> bytes:
    """Export sets of a run into the content of one file, which `download_name` names.

    Args:
        run: the run.
        set_names: which sets.
        format: a name of `DOWNLOADS`.
        iteration: which images, one that the run stored.

    Raises:
        ValueError: no such images, or they are damaged.
        StorageError: there is no room for the temporary files.
    """
    from dmcore.runs.formats.export import export_run

    chosen = DOWNLOADS[format]
    with tempfile.TemporaryDirectory(prefix="dm-download-") as temporary:
        folder = Path(temporary)
        for name in set_names:
            (written, *_) = export_run(run, name, chosen.export, folder, iteration)
            if chosen.member:
                (written / chosen.member).rename(folder / f"{stem_of(run, name, iteration)}.{chosen.ending}")
        files = sorted(
            file
            for file in folder.rglob("*")
            if file.is_file() and not (chosen.member and file.parent != folder)
        )
        if chosen.ending and len(set_names) == 1:
            return files[0].read_bytes()
        content = BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for file in files:  # all but tables are compressed, or do not shrink
                packing = zipfile.ZIP_DEFLATED if file.suffix == ".tsv" else zipfile.ZIP_STORED
                archive.write(file, file.relative_to(folder), packing)
        return content.getvalue()
