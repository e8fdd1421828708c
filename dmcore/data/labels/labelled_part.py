"""Label the images of one part of a data set: by the folders they lie in, or by a table beside them."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from dmcore.data.labels.label_tables import Parts, TableLabels
from dmcore.data.labels.split_folders import are_numbered, is_wrapper
from dmcore.data.listing import ListedFile

_NEARLY_ALL = 0.9
_MOST = 0.5


@dataclass
class LabelledPart:
    """Images of one part by class."""

    by_class: dict[str, list[ListedFile]] = field(default_factory=dict)
    stray: list[ListedFile] = field(default_factory=list)
    """Images without a label: in no class folder, or not named by the table."""
    above_classes: set[Parts] = field(default_factory=set)
    """Folders that the class folders lie in; none where a table has the labels."""
    from_table: bool = False
    contradicted: int = 0
    """Images to which a table gives another class than the folders, which were taken."""

    @property
    def labelled(self) -> list[ListedFile]:
        """Images of all classes."""
        return [file for members in self.by_class.values() for file in members]

    def restricted(self, kept: Collection[Parts]) -> "LabelledPart":
        """Those of its images that are in a part of the part, by their paths."""
        by_class = {
            name: inside
            for name, members in self.by_class.items()
            if (inside := [file for file in members if file.parts in kept])
        }
        return LabelledPart(by_class, above_classes=self.above_classes, from_table=self.from_table)


def label_part(images: Sequence[ListedFile], level: int, tables: TableLabels) -> LabelledPart:
    """Label the images of one part.

    Args:
        images: the part's, all of them below the same number of folders that are no classes.
        level: that number.
        tables: labels of tables.
    """
    by_folder = _label_by_folder(images, level)
    if _is_labelled_by(tables, by_folder, images):
        return _label_by_table(images, tables)
    if tables.certain and len(by_folder.by_class) > 1:
        by_folder.contradicted = _contradicted(tables, by_folder)
    return by_folder


def label_parts(
    images: Sequence[ListedFile], level: int, folders: Collection[str], tables: TableLabels
) -> LabelledPart:
    """Label the images of a part that lies in one folder or several at `level`."""
    joined = LabelledPart()
    for folder in folders:
        inside = [file for file in images if len(file.parts) > level + 1 and file.parts[level] == folder]
        part = label_part(inside, _below_wrappers(inside, level + 1), tables)
        for name, members in part.by_class.items():
            joined.by_class.setdefault(name, []).extend(members)
        joined.stray += part.stray
        joined.above_classes |= part.above_classes
        joined.from_table = joined.from_table or part.from_table
        joined.contradicted += part.contradicted
    return joined


def _below_wrappers(images: Sequence[ListedFile], level: int) -> int:
    """Level below folders that lie alone in the part's folder and add nothing to its name."""
    while True:
        inner = {file.parts[level] if len(file.parts) > level + 1 else "" for file in images}
        if len(inner) != 1 or not is_wrapper(next(iter(inner)), images[0].parts[level - 1]):
            return level
        level += 1


def _label_by_folder(images: Sequence[ListedFile], level: int) -> LabelledPart:
    part = LabelledPart(above_classes={file.parts[:level] for file in images[:1]})
    for file in images:
        if len(file.parts) > level + 1:
            part.by_class.setdefault(file.parts[level], []).append(file)
        else:
            part.stray.append(file)
    return part


def _is_labelled_by(tables: TableLabels, by_folder: LabelledPart, images: Sequence[ListedFile]) -> bool:
    """Whether labels are to be taken from tables: they name most images, and the folders are no classes.

    Folders that could be classes stay, unless tables that name nearly all images contradict most of them;
    tables called metadata, which are made to replace folders, need to contradict only one.
    """
    if not tables.by_image:
        return False
    named = sum(file.parts in tables.by_image or file.parts in tables.several for file in images)
    if not named or 2 * named < len(images):
        return False
    if len(by_folder.by_class) < 2 or are_numbered(by_folder.by_class):
        return True
    if not tables.certain or named < _NEARLY_ALL * len(images):
        return False
    contradicted = _contradicted(tables, by_folder)
    return contradicted > 0 if tables.are_metadata else contradicted > named * _MOST


def _contradicted(tables: TableLabels, by_folder: LabelledPart) -> int:
    """Count the images that lie in another folder than most of their label, whatever it is called."""
    folders_of: dict[str, Counter[str]] = {}
    for folder, members in by_folder.by_class.items():
        for file in members:
            if (label := tables.by_image.get(file.parts)) is not None:
                folders_of.setdefault(label, Counter())[folder] += 1
    return sum(folders.total() - max(folders.values()) for folders in folders_of.values())


def _label_by_table(images: Sequence[ListedFile], tables: TableLabels) -> LabelledPart:
    part = LabelledPart(from_table=True)
    for file in images:
        label = tables.by_image.get(file.parts)
        if label is None:
            part.stray.append(file)
        else:
            part.by_class.setdefault(label, []).append(file)
    return part
