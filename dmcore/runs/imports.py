"""Published or exported sets become ordinary runs: to look at, to evaluate, to export again."""

import re
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from dmcore.data.catalogue import CATALOGUE
from dmcore.data.images import Statistics
from dmcore.data.load import load_dataset
from dmcore.runs.complete import make_whole_run
from dmcore.runs.description import DataDescription
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.array_files import read_npz, read_pt, read_safetensors
from dmcore.runs.formats.condensed import CondensedSet, condensed_of, relabelled
from dmcore.runs.formats.image_files import read_pictures
from dmcore.runs.formats.set_facts import LooseSet
from dmcore.runs.runs_root import find_runs_root, open_run

READERS: dict[str, Callable[[Path], list[LooseSet]]] = {
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
    """Make a run of a file or folder of condensed images; its pixels are kept as they are.

    Args:
        path: .pt in the authors' layout, .npz, .safetensors, or a folder of pictures.
        root: the runs root.
        dataset: the data set it was condensed from, where the file does not say (normalisation, names).
        title: what to call the run.
        iteration: how many updates the images have seen, where the file does not say.
        data_root: where named data sets lie.

    Raises:
        ValueError: not such a file, damaged, one that carries code, or facts are missing (names them).
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
        notes.append("The images were pictures: 8 bits a pixel, clamped.")
    return make_whole_run(root, title=title or path.stem, origin="import", data=data, sets=sets, notes=notes)


def load_condensed(
    run: RunFolder | Path | str,
    set: str | None = None,
    iteration: int | None = None,
    root: Path | None = None,
) -> CondensedSet:
    """The images of a run, or of an exported or published file, ready for training.

    Args:
        run: a run, its id below the runs root, its path, or a file or folder that `import_run` takes.
        set: which set; may be left open where there is only one.
        iteration: which images of a run; the latest when left open.
        root: the runs root; the usual one when left open.

    Raises:
        ValueError: nothing of that name, no such set or iteration, or damage.
    """
    if isinstance(run, RunFolder):
        return condensed_of(run, set, iteration)
    path, root = Path(run).expanduser(), find_runs_root() if root is None else root
    if not path.exists() or any((place / "run.json").is_file() for place in (path, root / str(run))):
        return condensed_of(open_run(run, root), set, iteration)
    found = {one.name: one for one in _read(path, None, None, None)}
    if set is None and len(found) == 1:
        return next(iter(found.values()))
    if set not in found:
        raise ValueError(f"{path.name} has the sets {', '.join(found)}: choose one of them")
    return found[set]


def _read(
    path: Path, dataset: str | None, iteration: int | None, data_root: Path | None
) -> list[CondensedSet]:
    if path.is_dir():
        found = read_pictures(path)
    elif not path.exists():
        raise ValueError(f"there is nothing at {path}: check the path")
    elif path.suffix.lower() in READERS:
        found = READERS[path.suffix.lower()](path)
    else:
        raise ValueError(f"{path.name} is no set: give {', '.join(READERS)}, or a folder of pictures")
    return [_completed(one, path.name, dataset, iteration, data_root) for one in found]


def _completed(
    loose: LooseSet, where: str, dataset: str | None, iteration: int | None, data_root: Path | None
) -> CondensedSet:
    """A set with every fact, or a sentence that names the missing one."""
    images, label = _plain(loose, where)
    statistics, names = loose.statistics, loose.class_names
    if dataset is not None:
        known_statistics, known_names = _facts_of_dataset(dataset, data_root)
        if names is not None and names != known_names:
            label = relabelled(label, names, known_names, where, dataset)
        statistics, names = statistics or known_statistics, known_names
    if statistics is None and images.dtype == torch.uint8:
        statistics = Statistics.measured(images)
    if statistics is None or names is None:
        raise ValueError(
            f"{where} does not say how its images were normalised or what its classes are: "
            "name the data set it was condensed from with --dataset"
        )
    if len(statistics.mean) != images.shape[1]:
        raise ValueError(
            f"the images of {where} have {images.shape[1]} channels, the normalisation has "
            f"{len(statistics.mean)}: name the right data set with --dataset"
        )
    _refuse_uneven(label, names, where)
    by_class = torch.argsort(label, stable=True)
    pictures = images.dtype == torch.uint8
    return CondensedSet(
        images=(statistics.normalise(images) if pictures else images.float())[by_class],
        label=label[by_class],
        class_names=names,
        statistics=statistics,
        name=re.sub(r"[^a-z0-9_-]+", "-", loose.name.lower()).strip("-_")[:40] or "imported",
        iteration=loose.iteration if iteration is None else iteration,
        dataset=loose.dataset or dataset or "",
        stored_as="uint8" if pictures else "float32",
    )


def _plain(loose: LooseSet, where: str) -> tuple[Tensor, Tensor]:
    images, label = loose.images, loose.label
    if images is None or label is None or images.ndim != 4 or label.shape != images.shape[:1]:
        raise ValueError(f"{where} does not hold images [image, channel, height, width] with a label each")
    if 0 in images.shape:
        raise ValueError(f"{where} holds no images: export a set that has some")
    if images.dtype != torch.uint8 and not (images.is_floating_point() and bool(images.isfinite().all())):
        raise ValueError(f"the images of {where} are not finite numbers: export the set before it diverged")
    if label.is_floating_point() or label.is_complex():
        raise ValueError(f"the labels of {where} are not whole numbers: give the class of each image from 0")
    return images, label.long()


def _refuse_uneven(label: Tensor, names: tuple[str, ...], where: str) -> None:
    if int(label.min()) < 0 or int(label.max()) >= len(names):
        raise ValueError(f"a label of {where} lies outside 0 to {len(names) - 1}: name the right data set")
    counts = torch.bincount(label, minlength=len(names)).tolist()
    if min(counts) < max(counts):
        fewest, most = names[counts.index(min(counts))], names[counts.index(max(counts))]
        raise ValueError(
            f"{where} has {min(counts)} images of {fewest!r} and {max(counts)} of {most!r}: "
            "a set has as many of each class"
        )


def _facts_of_dataset(dataset: str, data_root: Path | None) -> tuple[Statistics, tuple[str, ...]]:
    """Normalisation and class names; the data themselves are read only where these are not known without."""
    entry = CATALOGUE.get(dataset)
    if entry is not None and entry.mean is not None and entry.std is not None and entry.class_names:
        return Statistics(entry.mean, entry.std), entry.class_names
    real = load_dataset(dataset, data_root)
    return real.train.statistics, real.class_names
