"""Mutations of any file, whatever it holds: bits, bytes, lengths, what stands in its place, its name."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from support.fuzz.root import HEALTHY, FuzzedFile, FuzzedRoot

FEW_BYTES = 20


@dataclass(frozen=True)
class Damage:
    """What a mutation works on."""

    root: FuzzedRoot
    """The copy that is damaged."""
    target: FuzzedFile
    random: Random

    @property
    def file(self) -> Path:
        """The file that is damaged."""
        return self.root.folder / self.target.path

    def change(self, replace: Callable[[bytearray], object]) -> None:
        """Rewrite the file after a change of its bytes in place."""
        content = bytearray(self.file.read_bytes())
        replace(content)
        self.file.write_bytes(content)

    def position(self) -> int:
        """A position in the file."""
        return self.random.randrange(max(1, self.file.stat().st_size))

    def siblings(self) -> list[Path]:
        """Other files of the same kind, those of the same folder first, then of other sets and runs."""
        ending = self.file.suffix
        beside = sorted(path for path in self.file.parent.glob(f"*{ending}") if path != self.file)
        of_kind = [
            self.root.folder / other.path
            for other in self.root.files()
            if other.kind == self.target.kind and other.path != self.target.path
        ]
        healthy = self.root.path_of(HEALTHY)
        return [*dict.fromkeys((*beside, *of_kind, *sorted(healthy.rglob(self.file.name))))]


Mutation = Callable[[Damage], str | None]
"""Damages a file; says what it did, or None where it does not apply."""


def flip_a_bit(damage: Damage) -> str | None:
    position, bit = damage.position(), damage.random.randrange(8)
    if not damage.file.stat().st_size:
        return None
    damage.change(lambda content: content.__setitem__(position, content[position] ^ (1 << bit)))
    return f"bit {bit} of byte {position} flipped"


def change_a_byte(damage: Damage) -> str | None:
    position, value = damage.position(), damage.random.randrange(256)
    if not damage.file.stat().st_size:
        return None
    damage.change(lambda content: content.__setitem__(position, value))
    return f"byte {position} set to {value}"


def truncate(damage: Damage) -> str:
    length = damage.position()
    os.truncate(damage.file, length)
    return f"truncated to {length} bytes"


def keep_a_few_bytes(damage: Damage) -> str:
    length = damage.random.randrange(1, FEW_BYTES)
    os.truncate(damage.file, min(length, damage.file.stat().st_size))
    return f"truncated to {length} bytes"


def empty(damage: Damage) -> str:
    damage.file.write_bytes(b"")
    return "emptied"


def delete(damage: Damage) -> str:
    damage.file.unlink()
    return "deleted"


def folder_instead(damage: Damage) -> str:
    damage.file.unlink()
    damage.file.mkdir()
    if damage.random.random() < 0.5:
        (damage.file / "inside.txt").write_text("text", encoding="utf-8")
    return "a folder in its place"


def link_loop(damage: Damage) -> str:
    damage.file.unlink()
    damage.file.symlink_to(damage.file.name)
    return "a link to itself in its place"


def dangling_link(damage: Damage) -> str:
    damage.file.unlink()
    damage.file.symlink_to("no such file")
    return "a dangling link in its place"


def insert_garbage(damage: Damage) -> str:
    position, garbage = damage.position(), damage.random.randbytes(damage.random.randrange(1, 200))
    damage.change(lambda content: content.__setitem__(slice(position, position), garbage))
    return f"{len(garbage)} random bytes inserted at {position}"


def overwrite_with_nulls(damage: Damage) -> str:
    position = damage.position()
    length = min(damage.random.randrange(1, 600), damage.file.stat().st_size - position)
    damage.change(lambda content: content.__setitem__(slice(position, position + length), bytes(length)))
    return f"{length} null bytes at {position}"


def all_nulls(damage: Damage) -> str:
    damage.file.write_bytes(bytes(damage.file.stat().st_size))
    return "every byte null, as after a power cut"


def no_utf8(damage: Damage) -> str:
    position = damage.position()
    damage.change(lambda content: content.__setitem__(slice(position, position), b"\xff\xfe\xc3("))
    return f"bytes that are no UTF-8 at {position}"


def append_garbage(damage: Damage) -> str:
    damage.change(lambda content: content.extend(damage.random.randbytes(50)))
    return "50 random bytes appended"


def repeat_content(damage: Damage) -> str:
    damage.change(lambda content: content.extend(bytes(content)))
    return "its content twice"


def brackets(damage: Damage) -> str:
    damage.file.write_bytes(b"[" * 100_000)
    return "100,000 ["


def swap_with_sibling(damage: Damage) -> str | None:
    siblings = damage.siblings()
    if not siblings:
        return None
    other = damage.random.choice(siblings)
    content = other.read_bytes()
    if content == damage.file.read_bytes():
        return None
    damage.file.write_bytes(content)
    return f"the content of {other.relative_to(damage.root.folder)}"


def rename(damage: Damage) -> str:
    name = damage.random.choice((f"{damage.file.name}.bak", f"old-{damage.file.name}", "0000099.safetensors"))
    damage.file.rename(damage.file.with_name(name))
    return f"renamed to {name}"


def copy_beside(damage: Damage) -> str:
    names = ("0000099.safetensors", "9" * 40 + ".safetensors", "copy.json", "-1.safetensors", "٣.safetensors")
    name = damage.random.choice(names)
    shutil.copy2(damage.file, damage.file.with_name(name))
    return f"copied to {name}"


def unreadable(damage: Damage) -> str | None:
    if os.geteuid() == 0:
        return None  # the superuser may read everything
    damage.file.chmod(0)
    return "permissions 000"


FILE_MUTATIONS: tuple[Mutation, ...] = (
    *(flip_a_bit, change_a_byte, truncate, keep_a_few_bytes, empty, delete, folder_instead, link_loop),
    *(dangling_link, insert_garbage, overwrite_with_nulls, all_nulls, no_utf8, append_garbage),
    *(repeat_content, brackets, swap_with_sibling, rename, copy_beside, unreadable),
)
