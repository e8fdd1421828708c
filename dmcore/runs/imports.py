"""Import of published or exported condensed sets as runs; loading of sets for training."""

import re
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from dmcore.data.catalogue import CATALOGUE
from dmcore.data.images import Statistics
from dmcore.data.load import load_dataset
from dmcore.runs.complete import create_complete_run
from dmcore.runs.description import DataDescription
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.array_files import read_npz, read_pt, read_safetensors
from dmcore.runs.formats.condensed import CondensedSet, read_condensed_set, relabelled
from dmcore.runs.formats.image_files import read_image_set
from dmcore.runs.formats.set_metadata import UncheckedSet
from dmcore.runs.runs_root import find_runs_root, open_run

READERS: dict[str, Callable[[Path], list[UncheckedSet]]] = {
    ".npz": read_npz,
    ".safetensors": read_safetensors,
    ".pt": read_pt,
}


def import_run(
    path: Path,
    root: Path,
    dataset: str | None = None,
    title: str = "",
    *,
    iteration: int | None = None,
    data_root: Path | None = None,
) -> RunFolder:
    """Create a run from a file or folder of condensed images; pixels are stored unchanged.

    Args:
        path: .pt in the authors' layout, .npz, .safetensors, or a folder of image files.
        root: the runs root.
        dataset: the data set it was condensed from, where the file does not say (normalisation, names).
        title: title of the run.
        iteration: number of updates the images have had, where the file does not say.
        data_root: folder of named data sets.

    Raises:
        ValueError: another format, damaged, a file that carries code, or metadata are missing (names them).
        StorageError: the runs root cannot be written to.
    """
    sets = _read(path, dataset, iteration, data_root)
    first = sets[0]
    channels, height, width = first.images.shape[1:]
    entry = CATALOGUE.get(first.dataset)
    data = DataDescription(
        name=first.dataset,
        title=entry.title if entry is not None else first.dataset or path.stem,
        class_names=first.class_names,
        mean=first.statistics.mean,
        std=first.statistics.std,
        channels=channels,
        height=height,
        width=width,
    )
    notes = [f"Imported from {path.name}."]
    if first.stored_as == "uint8":
        notes.append("The images were stored with 8 bits a pixel, clamped.")
    return create_complete_run(
        root, title=title or path.stem, origin="import", data=data, sets=sets, notes=notes
    )


def load_condensed(
    run: RunFolder | Path | str,
    set: str | None = None,
    iteration: int | None = None,
    root: Path | None = None,
) -> CondensedSet:
    """Load the condensed images of a run, or of an exported or published file, for training.

    Args:
        run: a run, its id below the runs root, its path, or a file or folder that `import_run` takes.
        set: which set; may be left open where there is only one.
        iteration: which images of a run; the latest when left open.
        root: the runs root; the usual one when left open.

    Raises:
        ValueError: no such run or file, no such set or iteration, or damaged.
    """
    if isinstance(run, RunFolder):
        return read_condensed_set(run, set, iteration)
    path, root = Path(run).expanduser(), find_runs_root() if root is None else root
    if not path.exists() or any((folder / "run.json").is_file() for folder in (path, root / str(run))):
        return read_condensed_set(open_run(run, root), set, iteration)
    by_name = {condensed.name: condensed for condensed in _read(path, None, None, None)}
    if set is None and len(by_name) == 1:
        return next(iter(by_name.values()))
    if set not in by_name:
        raise ValueError(f"{path.name} has the sets {', '.join(by_name)}: choose one of them")
    return by_name[set]


def _read(
    path: Path, dataset: str | None, iteration: int | None, data_root: Path | None
) -> list[CondensedSet]:
    if path.is_dir():
        unchecked = read_image_set(path)
    elif not path.exists():
        raise ValueError(f"there is nothing at {path}: check the path")
    elif path.suffix.lower() in READERS:
        unchecked = READERS[path.suffix.lower()](path)
    else:
        raise ValueError(
            f"{path.name} is no condensed set: give {', '.join(READERS)}, or a folder of image files"
        )
    return [_completed(candidate, path.name, dataset, iteration, data_root) for candidate in unchecked]


def _completed(
    unchecked: UncheckedSet,
    source: str,
    dataset: str | None,
    iteration: int | None,
    data_root: Path | None,
) -> CondensedSet:
    """Complete the metadata of a set, or raise an error that names the missing ones."""
    images, label = _checked_tensors(unchecked, source)
    statistics, names = unchecked.statistics, unchecked.class_names
    if dataset is not None:
        dataset_statistics, dataset_names = _metadata_of_dataset(dataset, data_root)
        if names is not None and names != dataset_names:
            label = relabelled(label, names, dataset_names, source, dataset)
        statistics, names = statistics or dataset_statistics, dataset_names
    if statistics is None and images.dtype == torch.uint8:
        statistics = Statistics.measured(images)
    if statistics is None or names is None:
        raise ValueError(
            f"{source} does not say how its images were normalised or what its classes are: "
            "name the data set it was condensed from with --dataset"
        )
    if len(statistics.mean) != images.shape[1]:
        raise ValueError(
            f"the images of {source} have {images.shape[1]} channels, the normalisation has "
            f"{len(statistics.mean)}: name the right data set with --dataset"
        )
    _check_balanced(label, names, source)
    by_class = torch.argsort(label, stable=True)
    is_uint8 = images.dtype == torch.uint8
    return CondensedSet(
        images=(statistics.normalise(images) if is_uint8 else images.float())[by_class],
        label=label[by_class],
        class_names=names,
        statistics=statistics,
        name=re.sub(r"[^a-z0-9_-]+", "-", unchecked.name.lower()).strip("-_")[:40] or "imported",
        iteration=unchecked.iteration if iteration is None else iteration,
        dataset=unchecked.dataset or dataset or "",
        stored_as="uint8" if is_uint8 else "float32",
    )


def _checked_tensors(unchecked: UncheckedSet, source: str) -> tuple[Tensor, Tensor]:
    images, label = unchecked.images, unchecked.label
    if images is None or label is None or images.ndim != 4 or label.shape != images.shape[:1]:
        raise ValueError(f"{source} does not hold images [image, channel, height, width] with a label each")
    if 0 in images.shape:
        raise ValueError(f"{source} holds no images: export a set that has some")
    if images.dtype != torch.uint8 and not (images.is_floating_point() and bool(images.isfinite().all())):
        raise ValueError(f"the images of {source} are not finite numbers: export the set before it diverged")
    if label.is_floating_point() or label.is_complex():
        raise ValueError(f"the labels of {source} are not whole numbers: give the class of each image from 0")
    return images, label.long()


def _check_balanced(label: Tensor, names: tuple[str, ...], source: str) -> None:
    if int(label.min()) < 0 or int(label.max()) >= len(names):
        raise ValueError(f"a label of {source} lies outside 0 to {len(names) - 1}: name the right data set")
    counts = torch.bincount(label, minlength=len(names)).tolist()
    if min(counts) < max(counts):
        fewest, most = names[counts.index(min(counts))], names[counts.index(max(counts))]
        raise ValueError(
            f"{source} has {min(counts)} images of {fewest!r} and {max(counts)} of {most!r}: "
            "a condensed set has as many of each class"
        )


def _metadata_of_dataset(dataset: str, data_root: Path | None) -> tuple[Statistics, tuple[str, ...]]:
    """Normalisation and class names of a data set; loaded only where the catalogue does not have them."""
    entry = CATALOGUE.get(dataset)
    if entry is not None and entry.mean is not None and entry.std is not None and entry.class_names:
        return Statistics(entry.mean, entry.std), entry.class_names
    real = load_dataset(dataset, data_root)
    return real.train.statistics, real.class_names
