"""Names of classes: their order, and what a person can read of them."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from dmcore.data.listing import ListedFile

_DIGITS = re.compile(r"([0-9]+)")
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_WORDNET = re.compile(r"n[0-9]{8}")
_MEANING = re.compile(r"(n[0-9]{8})[\t ]+([^,\t]+)")


def in_natural_order(names: Collection[str]) -> list[str]:
    """Sort names with the numbers in them as numbers (1, 2, 10), and else by their characters."""
    if all(map(_INTEGER.fullmatch, names)):
        return sorted(names, key=lambda name: (int(name), name))
    return sorted(names, key=_natural_key)


def _natural_key(name: str) -> tuple[list[str | tuple[int, str]], str]:
    """Text and numbers of a name in turns; a number is its count of digits and the digits."""
    pieces = _DIGITS.split(name)
    numbers = [piece.lstrip("0") for piece in pieces[1::2]]
    key: list[str | tuple[int, str]] = list(pieces)
    key[1::2] = [(len(number), number) for number in numbers]
    return key, name


def is_wordnet(names: Collection[str]) -> bool:
    """Whether all names are numbers of WordNet, as ImageNet's class folders are: n01443537."""
    return all(map(_WORDNET.fullmatch, names))


def wordnet_names(names: Sequence[str], text: str) -> tuple[str, ...] | None:
    """First meaning of each WordNet number; None where the list does not have all of them.

    Args:
        names: numbers.
        text: a line for each number: itself and its meanings, such as words.txt of Tiny ImageNet.
    """
    meanings: Mapping[str, str] = {
        match[1]: match[2].strip() for match in map(_MEANING.match, text.splitlines()) if match
    }
    if not all(map(meanings.get, names)):
        return None
    number_of = Counter(meanings[name] for name in names)
    return tuple(  # a crane is a bird, and another crane a machine
        meanings[name] if number_of[meanings[name]] == 1 else f"{meanings[name]} ({name})" for name in names
    )


def printable_name(name: str) -> str:
    """Name of a class, file or folder with unprintable characters replaced, safe to store and show."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in name
    )


def shown_names(
    classes: Collection[str], meanings: Sequence[ListedFile], known_names: tuple[str, ...]
) -> dict[str, str]:
    """Classes in the order of their labels, each with its name as shown.

    Args:
        classes: names of folders, or in tables.
        meanings: files that tell what the numbers of ImageNet's classes mean.
        known_names: names in another order, which is taken where they are those of the classes.
    """
    ordered = in_natural_order(classes)
    plain = dict(zip(ordered, map(printable_name, ordered), strict=True))
    shown = [plain]
    for file in meanings if is_wordnet(classes) else ():
        names = wordnet_names(ordered, file.read().decode(errors="replace"))
        if names is not None:
            shown.insert(0, dict(zip(ordered, map(printable_name, names), strict=True)))
    for names_of in shown:
        if sorted(names_of.values()) == sorted(known_names):
            return dict(sorted(names_of.items(), key=lambda item: known_names.index(item[1])))
    return shown[0]
