"""Classes of the pictures of a set, from the names of their folders or files alone.

Folders are named by class (cat/0.png), by index (new000/class000_id000.jpg of SRe2L, 00000/0.jpg) or by
WordNet number (n01440764/…); pictures in one folder by class and number (class000_id000.jpg, 3_12.png).
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from dmcore.data.labels.class_names import in_natural_order, is_wordnet, printable_name
from dmcore.data.listing import IMAGE_SUFFIXES, ListedFile
from dmcore.runs.formats.set_metadata import METADATA_FILE

_INDEXED = re.compile(r"(\D*?)_?([0-9]{1,9})")
_CLASS_AND_NUMBER = re.compile(r"(.+?)[_-](?:id|img|image)?_?[0-9]{1,9}\.[A-Za-z]+")
Labelled = list[tuple[ListedFile, str]]
"""Pictures, each with the name of its class."""


@dataclass(frozen=True)
class PictureClasses:
    """Pictures of a set with their classes."""

    files: tuple[ListedFile, ...]
    label: tuple[int, ...]
    class_names: tuple[str, ...]
    named_by_index: bool
    """Whether the names are only numbers or WordNet's, in the order of the labels."""
    layout: str
    """Sentence on the layout; empty for folders with the names of classes."""
    notes: tuple[str, ...]


def find_picture_classes(
    listed: Sequence[ListedFile],
    source: str,
    in_order: Callable[[Collection[str]], list[str]] = in_natural_order,
) -> PictureClasses:
    """Label pictures by their folders, or by their own names where they are in one folder.

    Args:
        listed: all files of the set.
        source: its name.
        in_order: puts the names of the classes in the order of the labels.

    Raises:
        ValueError: no pictures, or folders inside class folders.
    """
    pictures = [file for file in listed if file.suffix in IMAGE_SUFFIXES]
    if not pictures:
        raise ValueError(
            f"{source} is no set of images: give a folder with one folder of images per class, or a .pt, "
            ".pth, .npz or .safetensors file"
        )
    level = _level(pictures)
    in_folders = [file for file in pictures if len(file.parts) > level + 1]
    labelled = _by_folder(in_folders, level, source) if in_folders else _by_name(pictures, source)
    if in_folders and len({name for _, name in labelled}) == 1:  # one folder with all pictures
        by_name = _by_name(in_folders, source, strict=False)
        if len({name for _, name in by_name}) > 1:
            in_folders, labelled = [], by_name
    names = in_order({name for _, name in labelled})
    index = {name: number for number, name in enumerate(names)}
    return PictureClasses(
        files=tuple(file for file, _ in labelled),
        label=tuple(index[name] for _, name in labelled),
        class_names=tuple(map(printable_name, names)),
        named_by_index=is_wordnet(names) or _is_indexed(names),
        layout=_layout(names, labelled[0][0].parts[-1], in_folders=bool(in_folders)),
        notes=left_out(listed, [file for file, _ in labelled]),
    )


def _level(pictures: Sequence[ListedFile]) -> int:
    """Number of folders inside each other that hold everything, above the class folders."""
    level = 0
    while all(len(file.parts) > level + 2 for file in pictures) and (
        len({file.parts[level] for file in pictures}) == 1
    ):
        level += 1
    return level


def _by_folder(pictures: Sequence[ListedFile], level: int, source: str) -> Labelled:
    nested = [file for file in pictures if len(file.parts) > level + 2]
    if nested:
        raise ValueError(
            f"{source} has a folder inside a class folder ({nested[0].relative_path}): "
            "give a folder with one folder of images per class"
        )
    return [(file, file.parts[level]) for file in pictures]


def _by_name(pictures: Sequence[ListedFile], source: str, *, strict: bool = True) -> Labelled:
    matches = [(file, _CLASS_AND_NUMBER.fullmatch(file.parts[-1])) for file in pictures]
    unmatched = [file for file, match in matches if match is None]
    if unmatched and strict:
        raise ValueError(
            f"{source} has pictures that do not name their class, such as {unmatched[0].parts[-1]}: give a "
            "folder with one folder of images per class, or name them class_number.png"
        )
    return [] if unmatched else [(file, match[1]) for file, match in matches if match]


def _is_indexed(names: Sequence[str]) -> bool:
    """Whether names are numbers after one and the same word: new000, new001."""
    matches = [_INDEXED.fullmatch(name) for name in names]
    return all(matches) and len({match[1] for match in matches if match}) == 1


def _layout(names: Sequence[str], example: str, *, in_folders: bool) -> str:
    if not in_folders:
        return f"Recognised as pictures named by class and number, such as {printable_name(example)}."
    if is_wordnet(names):
        return (
            "Recognised as the layout of D3HR: folders of pictures named by WordNet numbers, in their order."
        )
    if _is_indexed(names):
        return (
            "Recognised as the layout of SRe2L and RDED: folders of pictures named by the index of their "
            f"class, from {printable_name(names[0])}."
        )
    return ""


def left_out(listed: Sequence[ListedFile], used: Sequence[ListedFile]) -> tuple[str, ...]:
    """Sentences on the files of a set that become none of its images; its metadata are not told."""
    of_use = {file.parts for file in used}
    rest = [file for file in listed if file.parts not in of_use and file.parts[-1] != METADATA_FILE]
    loose = [file for file in rest if file.suffix in IMAGE_SUFFIXES]
    others = len(rest) - len(loose)
    sentences = []
    if loose:
        pictures = "1 picture" if len(loose) == 1 else f"{len(loose):,} pictures"
        example = printable_name(loose[0].parts[-1])
        sentences.append(
            f"Left out as outside the folders or names of classes: {pictures}, such as {example}."
        )
    if others:
        files = "1 file" if others == 1 else f"{others:,} files"
        sentences.append(f"Left out as no pictures by their names: {files}.")
    return tuple(sentences)
