"""Label the images of a folder or zip, and split them: `[top/][train/|test/|val/]CLASS/.../file`, or tables.

No pixels are read.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from dmcore.data.labels.class_names import in_natural_order, printable_name, shown_names
from dmcore.data.labels.label_tables import Parts, TableLabels, read_labels
from dmcore.data.labels.labelled_part import LabelledPart, label_part, label_parts
from dmcore.data.labels.left_out import LeftOut, Report
from dmcore.data.labels.split_folders import (
    PARTS,
    TESTING,
    TRAINING,
    SplitFolders,
    are_testing_only,
    find_class_parts,
    find_split,
)
from dmcore.data.listing import IMAGE_SUFFIXES, ListedFile, Listing

_WORDNET_LISTS = frozenset(("words.txt", "loc_synset_mapping.txt"))
"""Files that tell what the numbers of ImageNet's classes mean."""
_NAMED_FOLDERS = 5
"""Folders without images that a note names."""


@dataclass(frozen=True)
class LabelledFiles:
    """Image files with class labels; `test` is None where no test images have labels."""

    class_names: tuple[str, ...]
    train: tuple[tuple[ListedFile, int], ...]
    test: tuple[tuple[ListedFile, int], ...] | None
    notes: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def label_files(files: Listing, title: str, known_names: tuple[str, ...] = ()) -> LabelledFiles:
    """Label image files by their class folders or tables, and split them by train/ and test/ folders.

    Args:
        files: of a folder or zip.
        title: how errors call it.
        known_names: names of the classes in the order of their labels, as a run has them stored; without
            effect where they are not those of the files.

    Raises:
        ValueError: no images, no class folders, a single class, or a split with a part missing.
    """
    title = f"“{title}”"  # a sentence that begins with it keeps its letters
    images = [file for file in files if file.suffix in IMAGE_SUFFIXES]
    is_image = {file.parts for file in images}
    others = [file for file in files if file.parts not in is_image] if len(images) < len(files) else []
    if not images:
        _refuse_without_images(others, title)
    report = Report()
    content = _Content(title, images, read_labels(images, others), _below_single_folders(images), report)
    meanings = [file for file in others if file.parts[-1].lower() in _WORDNET_LISTS]
    used = {*content.tables.tables, *content.tables.split_tables, *(file.relative_path for file in meanings)}
    for path, reason in content.tables.skipped.items():
        used.add(path)
        report.leave_out([path], "table", f"it {reason}", " because it is too large or cannot be read")
    unused = [file.relative_path for file in others if file.relative_path not in used]
    why = " because of a name that is not an image's"
    report.leave_out(unused, "file", "its name is not an image's", why)
    train, test = content.label()
    _note_empty_folders(files, train, test, report)
    names = shown_names(train.by_class, meanings, known_names)
    return LabelledFiles(
        tuple(names.values()),
        _in_order(train, names),
        None if test is None else _in_order(test, names),
        tuple(report.notes),
        tuple(report.left_out),
    )


@dataclass(frozen=True)
class _Content:
    """Images of a folder or zip, and what is known about their labels."""

    title: str
    images: Sequence[ListedFile]
    tables: TableLabels
    level: int
    """Folders above that hold a single folder and nothing else."""
    report: Report

    def label(self) -> tuple[LabelledPart, LabelledPart | None]:
        """Training and test images; None where no test images have labels."""
        folders: dict[str, bool] = {}
        for file in self.images:
            if len(file.parts) > self.level + 1:
                name, deep = file.parts[self.level], len(file.parts) > self.level + 2
                folders[name] = folders.get(name, False) or deep
        split = find_split(folders)
        if split is not None:
            return self._label_split(split)
        if class_parts := find_class_parts(folders):
            return self._label_class_parts(class_parts)
        if folders and are_testing_only(folders):
            raise ValueError(
                f"{self.title} has no train/ folder with images: put the training images under train/"
            )
        return self._label_whole()

    def _label_whole(self) -> tuple[LabelledPart, LabelledPart | None]:
        """Label images that no folders split; a table may."""
        whole = label_part(self.images, self.level, self.tables)
        self._refuse_single(whole)
        self._note_labels([whole])
        by_part: dict[str, set[Parts]] = {}
        for file in whole.labelled:
            by_part.setdefault(self.tables.part_of.get(file.parts, ""), set()).add(file.parts)
        training = {path for part in ("", *TRAINING) for path in by_part.get(part, ())}
        testing = next((word for word in TESTING if word in by_part), None)
        if testing is None or not training:
            return whole, None
        train, test = (whole.restricted(paths) for paths in (training, by_part[testing]))
        self._refuse_single(train)
        self._refuse_unknown(train, test, testing)
        if not whole.from_table:
            tables = " and ".join(map(printable_name, self.tables.split_tables))
            self.report.notes.append(f"Training and test images are apart as {tables} has them.")
        kept = training | by_part[testing]
        unused = [file.relative_path for file in whole.labelled if file.parts not in kept]
        reason = f"its table puts it neither in train nor in {testing}"
        self.report.leave_out(unused, "image", reason, f", neither in train nor in {testing}", example=False)
        return train, test

    def _label_split(self, split: SplitFolders) -> tuple[LabelledPart, LabelledPart | None]:
        """Label the images of training and test folders."""
        train, test = label_parts(self.images, self.level, split.training, self.tables), None
        self._refuse_single(train)
        tested: tuple[str, ...] = ()
        unlabelled = [*split.unlabelled]
        for folders in split.testing:
            part = label_parts(self.images, self.level, folders, self.tables)
            if not part.by_class:
                unlabelled += folders
            elif test is None:
                test, tested = part, folders
        if test is None and not unlabelled:
            raise ValueError(
                f"{self.title} has a train/ folder but no test images: add class folders under test/ or "
                "val/, or take the train/ level away to have one image in five kept for testing"
            )
        if test is not None:
            self._refuse_unknown(train, test, f"{tested[0]}/")
        self._note_labels([train] if test is None else [train, test])
        self._leave_out_unused(split, tested, unlabelled)
        if test is not None and (untested := in_natural_order(set(train.by_class) - set(test.by_class))):
            self.report.notes.append(
                f"{len(untested)} of {len(train.by_class)} classes have no test images: "
                f"{', '.join(untested[:3])}."
            )
        return train, test

    def _label_class_parts(
        self, class_parts: Mapping[str, tuple[str, str]]
    ) -> tuple[LabelledPart, LabelledPart | None]:
        """Label images in folders that each are a part of a class."""
        words = {word for _, word in class_parts.values()}
        testing = next((word for word in TESTING if word in words), None)
        train, test = LabelledPart(), LabelledPart()
        outside: list[str] = []
        for file in self.images:
            name, word = class_parts.get(file.parts[self.level], ("", ""))
            if word == "train":
                train.by_class.setdefault(name, []).append(file)
            elif word and word == testing:
                test.by_class.setdefault(name, []).append(file)
            elif name:
                outside.append(file.relative_path)
            else:
                train.stray.append(file)
        self._note_labels([train])
        where = f"train and {testing}"
        self.report.leave_out(outside, "image", f"it lies outside {where}", f", outside {where}", False)
        return train, test if testing is not None else None

    def _leave_out_unused(
        self, split: SplitFolders, tested: Collection[str], unlabelled: Sequence[str]
    ) -> None:
        by_top: dict[str, list[str]] = {}
        for file in self.images:
            by_top.setdefault(file.parts[self.level], []).append(file.relative_path)
        for folder in unlabelled:
            reason = f"images in {folder}/ have no labels"
            self.report.leave_out(by_top[folder], "image", reason, f", in {folder}/ without labels", False)
        used = {*split.training, *tested, *unlabelled}
        outside = [path for top, paths in by_top.items() if top not in used for path in paths]
        where = " and ".join(f"{name}/" for name in (*split.training[:1], *list(tested)[:1]))
        self.report.leave_out(outside, "image", f"it lies outside {where}", f", outside {where}", False)

    def _note_labels(self, parts: Sequence[LabelledPart]) -> None:
        """Tell which labels are a table's, and leave out the images without one."""
        stray = [file.relative_path for part in parts if not part.from_table for file in part.stray]
        reason, why = "it lies in no class folder", ", lying in no class folder"
        self.report.leave_out(stray, "image", reason, why)
        of_tables = [part for part in parts if part.from_table]
        if of_tables:
            tables = self.tables.title
            number = sum(len(part.labelled) for part in of_tables)
            self.report.notes.append(f"The classes of {number} images are those in {tables}.")
            for several, reason, why in (
                (True, f"{tables} gives it several classes", f", having several classes in {tables}"),
                (False, f"{tables} has no class for it", f", having none in {tables}"),
            ):
                paths = [
                    file.relative_path
                    for part in of_tables
                    for file in part.stray
                    if (file.parts in self.tables.several) == several
                ]
                self.report.leave_out(paths, "image", reason, why)
        if number := sum(part.contradicted for part in parts):
            self.report.notes.append(
                f"The folders are the classes; {number} of the classes in {self.tables.title} are others and "
                "have no effect."
            )

    def _refuse_single(self, part: LabelledPart) -> None:
        if len(part.by_class) < 2 and self.tables.unclear:
            raise ValueError(self.tables.unclear)
        if not part.by_class:
            raise ValueError(
                f"{self.title} has no class folders: put the images of each class in a folder named after "
                "it, or add a table metadata.csv with the columns file_name and label"
            )
        if len(part.by_class) == 1:
            raise ValueError(
                f"{self.title} has one class only ({printable_name(next(iter(part.by_class)))!r}): "
                "give at least two class folders with images"
            )

    def _refuse_unknown(self, train: LabelledPart, test: LabelledPart, where: str) -> None:
        unknown = in_natural_order(set(test.by_class) - set(train.by_class))
        if unknown:
            raise ValueError(
                f"{self.title} has no training images of {', '.join(map(repr, unknown[:3]))}, "
                f"found under {where}: give train/ and {where} the same class folders"
            )


def _refuse_without_images(others: Sequence[ListedFile], title: str) -> NoReturn:
    if others:
        kinds = sorted({file.suffix or "others" for file in others})
        remedy = "save the images as JPEG or PNG"
        raise ValueError(
            f"{title} holds no images that can be read, but files of another kind ({', '.join(kinds[:3])}): "
            f"{'give the path of one of these files' if kinds == ['.npz'] else remedy}"
        )
    raise ValueError(f"{title} holds no images: give a folder with one folder of images for each class")


def _below_single_folders(images: Sequence[ListedFile]) -> int:
    """Number of levels at the top that hold a single folder and nothing else (a zip often has one)."""
    level = 0
    while True:
        tops = {file.parts[level] for file in images}
        single = len(tops) == 1 and all(len(file.parts) > level + 2 for file in images)
        if not single or next(iter(tops)).lower() in PARTS:
            return level
        level += 1


def _note_empty_folders(
    files: Listing, train: LabelledPart, test: LabelledPart | None, report: Report
) -> None:
    """Name the folders beside those of the classes that hold no images."""
    parts = [train] if test is None else [train, test]
    above = {folder for part in parts for folder in part.above_classes}
    empty = sorted(
        folder for folder in files.folders if folder[:-1] in above and folder[-1] not in train.by_class
    )
    if not empty:
        return
    report.left_out += [LeftOut(printable_name(f"{'/'.join(each)}/"), "it holds no images") for each in empty]
    names = in_natural_order({printable_name(folder[-1]) for folder in empty})
    listed = ", ".join(names[:_NAMED_FOLDERS]) + (" …" if len(names) > _NAMED_FOLDERS else "")
    ending = "s beside the classes hold no images and are no classes"
    if len(names) == 1:
        ending = " beside the classes holds no images and is no class"
    report.notes.append(f"{len(names)} folder{ending}: {listed}.")


def _in_order(part: LabelledPart, names: Iterable[str]) -> tuple[tuple[ListedFile, int], ...]:
    """Images with their labels, class by class."""
    return tuple((file, label) for label, name in enumerate(names) for file in part.by_class.get(name, ()))
