"""Import of published or exported condensed sets as runs; loading of sets for training."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dmcore.data import limits
from dmcore.data.catalogue import CATALOGUE
from dmcore.data.labels.class_names import printable_name
from dmcore.runs.complete import create_complete_run
from dmcore.runs.description import DataDescription
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.completion import LONGEST_NAME, Supplement, completed
from dmcore.runs.formats.condensed import CondensedSet, read_condensed_set
from dmcore.runs.formats.pixel_scale import PixelScale
from dmcore.runs.formats.set_metadata import UncheckedSet, checked_iteration
from dmcore.runs.formats.set_source import open_sets
from dmcore.runs.formats.tensor_checks import LabelChoice, check_bytes
from dmcore.runs.runs_root import find_runs_root, open_run


def import_run(
    path: Path,
    root: Path,
    dataset: str | None = None,
    title: str = "",
    *,
    set: str | None = None,
    iteration: int | None = None,
    pixels: PixelScale = "auto",
    labels: LabelChoice = "given",
    decode: int = 1,
    data_root: Path | None = None,
) -> RunFolder:
    """Create a run from a file or folder of condensed images; normalised pixels are stored unchanged.

    Args:
        path: .pt or .pth of a published layout (also one of images_NAME.pt and labels_NAME.pt, or their
            folder), .npz, .safetensors, a folder of pictures, or a .zip of one of these.
        root: the runs root.
        dataset: the data set it was condensed from, where the file does not say (normalisation, names).
        title: title of the run.
        set: which set of a file with several, such as experiment-1; left open, all.
        iteration: number of updates the images have had, where the file does not say.
        pixels: what floating-point pixels are: normalised, from 0 to 1, from 0 to 255, or whitened (zca);
            "auto" recognises them by layout, range and deviation, and refuses those that may be several.
        labels: "hardest" keeps the largest of each image's soft labels, which are refused otherwise.
        decode: 2 where each image holds 2×2 smaller ones, each of which becomes an image of the set.
        data_root: folder of named data sets.

    Raises:
        ValueError: another format, damaged, too large, a file that carries code, or metadata are missing
            (names them). Nothing is stored then.
        StorageError: the runs root cannot be written to.
    """
    iteration = None if iteration is None else checked_iteration(iteration)
    supplement = Supplement(dataset, iteration, pixels, labels, decode, data_root)
    with open_sets(path) as sets:
        complete = [
            completed(unchecked, path.name, supplement) for unchecked in _selected(sets, set, path.name)
        ]
    names = _distinct([completion.condensed.name for completion in complete], LONGEST_NAME)
    first = complete[0].condensed
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
    return create_complete_run(
        root,
        title=printable_name(title) or path.stem,
        origin="import",
        data=data,
        sets=[replace(each.condensed, name=name) for each, name in zip(complete, names, strict=True)],
        notes=[
            f"Imported from {path.name}.",
            *dict.fromkeys(note for each in complete for note in each.notes),
        ],
    )


def load_condensed(
    run: RunFolder | Path | str,
    set: str | None = None,
    iteration: int | None = None,
    root: Path | None = None,
    *,
    dataset: str | None = None,
    pixels: PixelScale = "auto",
    labels: LabelChoice = "given",
    decode: int = 1,
) -> CondensedSet:
    """Load the condensed images of a run, or of an exported or published file, for training.

    Args:
        run: a run, its id below the runs root, its path, or a file or folder that `import_run` takes.
        set: which set; may be left open where there is only one.
        iteration: which images of a run; the latest when left open.
        root: the runs root; the usual one when left open.
        dataset: the data set a file was condensed from, where it does not say.
        pixels: what floating-point pixels of a file are, as `import_run` takes it.
        labels: what becomes of soft labels of a file, as `import_run` takes it.
        decode: 2 where each image of a file holds 2×2 smaller ones, as `import_run` takes it.

    Raises:
        ValueError: no such run or file, no such set or iteration, damaged, or too large.
    """
    if isinstance(run, RunFolder):
        return read_condensed_set(run, set, iteration)
    path, root = Path(run).expanduser(), find_runs_root() if root is None else root
    if not path.exists() or any((folder / "run.json").is_file() for folder in (path, root / str(run))):
        return read_condensed_set(open_run(run, root), set, iteration)
    with open_sets(path) as sets:
        if set is None and len(sets) > 1:
            raise ValueError(f"{path.name} has the sets {_abbreviated(sets)}: choose one of them")
        (unchecked,) = _selected(sets, set, path.name)
        supplement = Supplement(dataset, None, pixels, labels, decode, None)
        return completed(unchecked, path.name, supplement).condensed


def _selected(sets: Sequence[UncheckedSet], name: str | None, source: str) -> list[UncheckedSet]:
    """All sets of a file, or the one of a name.

    Raises:
        ValueError: there is none of that name, or the sets are too many or too large together.
    """
    sets = [
        each.named(distinct)
        for each, distinct in zip(sets, _distinct([each.name for each in sets]), strict=True)
    ]
    selected = [unchecked for unchecked in sets if name in (None, unchecked.name)]
    if not selected:
        raise ValueError(f"{source} has no set {name!r}: choose one of {_abbreviated(sets)}")
    if len(selected) > limits.MOST_SETS:
        raise ValueError(
            f"{source} has {len(selected):,} experiments, more than the {limits.MOST_SETS} of a run: "
            f"choose one with --set, of {_abbreviated(sets)}"
        )
    images = [unchecked.images for unchecked in selected if unchecked.images is not None]
    check_bytes(sum(4 * tensor.numel() for tensor in images if not tensor.is_nested), source)
    return selected


def _abbreviated(sets: Sequence[UncheckedSet]) -> str:
    names = [unchecked.name for unchecked in sets]
    return ", ".join(names) if len(names) <= 8 else f"{', '.join(names[:2])} … {names[-1]}"


def _distinct(names: Sequence[str], longest: int | None = None) -> list[str]:
    """Names that differ, whatever their case: of those that repeat, the later ones are numbered."""
    taken = {name.casefold() for name in names}
    used: set[str] = set()
    distinct = []
    for name in names:
        number, chosen = 1, name
        while chosen.casefold() in (used if number == 1 else taken):
            number += 1
            suffix = f"-{number}"
            chosen = f"{name[: longest and longest - len(suffix)]}{suffix}"
        used.add(chosen.casefold())
        taken.add(chosen.casefold())
        distinct.append(chosen)
    return distinct
