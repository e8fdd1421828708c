"""Label the rows of arrays, parquet and arrow files, whose images are no files of their own."""

from collections.abc import Sequence
from dataclasses import dataclass

from dmcore.data.labels.class_names import in_natural_order, printable_name
from dmcore.data.labels.labelled_files import LabelledFiles
from dmcore.data.labels.left_out import LeftOut, count_were
from dmcore.data.labels.split_folders import TESTING, TRAINING
from dmcore.data.listing import ListedFile


@dataclass(frozen=True)
class Rows:
    """Rows of one part of a data set."""

    source: str
    """What they are called: the array, or the file."""
    word: str
    """Word of the part, "" where its name does not say."""
    images: Sequence[ListedFile]
    labels: Sequence[int | str | None]
    """None: without a label."""


def label_rows(
    parts: Sequence[Rows], title: str, class_names: Sequence[str] = (), known_names: tuple[str, ...] = ()
) -> LabelledFiles:
    """Join the parts of a data set to training and test images.

    Args:
        parts: at least one.
        title: how errors call them.
        class_names: names of the classes 0, 1, 2 ...; left open, labels are names themselves.
        known_names: as for `label_files`.

    Raises:
        ValueError: no training images, a single class, or labels that have no name.
    """
    labelled = [part for part in parts if any(label is not None for label in part.labels)]
    training = [part for part in labelled if part.word in ("", *TRAINING)]
    testing = next((word for word in TESTING if any(part.word == word for part in labelled)), None)
    tested = [part for part in labelled if testing is not None and part.word == testing]
    if not training:
        raise ValueError(f"“{title}” has no labelled training images: name their part train")
    names = _names(training, class_names, title)
    if not {label for part in tested for label in part.labels} <= {None, *names}:
        raise ValueError(
            f"“{title}” has test images of classes without training images: give it some of each"
        )
    if sorted(names.values()) == sorted(known_names):
        names = dict(sorted(names.items(), key=lambda item: known_names.index(item[1])))
    index = {label: position for position, label in enumerate(names)}
    train, test = (
        tuple(
            (file, index[label])
            for part in chosen
            for file, label in zip(part.images, part.labels, strict=True)
            if label is not None
        )
        for chosen in (training, tested)
    )
    notes, left_out = _unused(parts, [*training, *tested])
    return LabelledFiles(tuple(names.values()), train, test or None, notes, left_out)


def _names(training: Sequence[Rows], class_names: Sequence[str], title: str) -> dict[int | str, str]:
    """Labels in the order of their classes, with their names."""
    found = {label for part in training for label in part.labels if label is not None}
    if len(found) < 2:
        raise ValueError(f"“{title}” has training images of one class only: give at least two classes")
    if class_names and all(isinstance(label, int) for label in found):
        if any(not 0 <= int(label) < len(class_names) for label in found):
            raise ValueError(
                f"“{title}” has labels beyond its {len(class_names)} class names: give a name for each label"
            )
        return {
            label: printable_name(class_names[label]) for label in range(len(class_names)) if label in found
        }
    by_text = {str(label): label for label in found}
    return {by_text[text]: printable_name(text) for text in in_natural_order(by_text)}


def _unused(parts: Sequence[Rows], used: Sequence[Rows]) -> tuple[tuple[str, ...], tuple[LeftOut, ...]]:
    """Sentences on the images that are in no part, and an entry for each of their tables."""
    notes, left_out = [], []
    for part in parts:
        unlabelled = sum(label is None for label in part.labels)
        number, why = unlabelled, "without labels"
        if part not in used and unlabelled < len(part.labels):
            number, why = len(part.labels), "neither in train nor in the test set"
        if number:
            notes.append(f"{count_were(number, 'image')} left out, in {part.source} {why}.")
            left_out.append(LeftOut(part.source, f"{number} of its {len(part.labels)} images are {why}"))
    return tuple(notes), tuple(left_out)
