"""Reader of .pt and .pth files of any layout in `published.layouts`.

Reading runs no code: `weights_only`, and stand-ins for NumPy's arrays and scalars, nothing else. Tensors are
mapped from the file, so that only those that are used take memory.
"""

import io
import pickletools
import re
import warnings
import zipfile
from itertools import islice
from pathlib import Path
from pickle import UnpicklingError  # noqa: TID251 - only the name of torch's error; nothing is unpickled with it
from typing import Any, cast

import torch

from dmcore.data import limits
from dmcore.data.labels.class_names import printable_name
from dmcore.runs.formats.array_files import sidecar_file
from dmcore.runs.formats.pickle_check import check_pickle
from dmcore.runs.formats.published.layouts import recognise
from dmcore.runs.formats.published.paired_files import find_pairs, read_paired, read_pairs_of_folder
from dmcore.runs.formats.published.pickled_arrays import STAND_INS
from dmcore.runs.formats.published.tensors import tensor_of
from dmcore.runs.formats.set_metadata import METADATA_FILE, UncheckedSet, read_metadata
from dmcore.runs.formats.tensor_checks import check_bytes

_REFUSED_NAME = re.compile(r"GLOBAL ([^\s]+)")
_PICKLES_OF_OLD_FORMAT = 5  # magic number, version, system, the object, names of its storages


class PlainPickleError(ValueError):
    """A pickle of Python, which is never loaded."""


def read_pt(path: Path) -> list[UncheckedSet]:
    """Read all sets of a .pt file, or of the pair of files that it is of; their values are not read yet.

    Raises:
        ValueError: damaged, another layout, too large, or it carries code.
    """
    content = load_plain(path)
    if tensor_of(content) is not None:
        facts = read_metadata(path.with_name(METADATA_FILE))
        return [_with_facts(each, facts) for each in read_paired(path, load_plain)]
    facts = read_metadata(sidecar_file(path))
    return [_with_facts(unchecked, facts) for unchecked in recognise(content, path.name)]


def read_pt_pairs(folder: Path) -> list[UncheckedSet]:
    """Read the pairs of images_NAME.pt and labels_NAME.pt in a folder; none where there are none.

    Raises:
        ValueError: as `read_pt`.
    """
    pairs = find_pairs(folder)
    if not pairs:
        return []
    facts = read_metadata(folder / METADATA_FILE)
    return [_with_facts(each, facts) for each in read_pairs_of_folder(pairs, load_plain)]


def _with_facts(unchecked: UncheckedSet, facts: UncheckedSet) -> UncheckedSet:
    """A set with what the file beside it says; that file is ours, so there is no layout to tell."""
    if facts.statistics is None:
        return unchecked
    assert unchecked.images is not None
    assert unchecked.label is not None
    stated = facts.with_images(unchecked.images, unchecked.label)
    return stated if unchecked.name == UncheckedSet().name else stated.named(unchecked.name)


def load_plain(path: Path) -> Any:
    """Content of a .pt file: tensors, numbers and stand-ins, in lists and dicts.

    Raises:
        ValueError: damaged, too large, or it carries anything else.
    """
    with path.open("rb") as stream:
        is_zip = stream.read(4) == b"PK\x03\x04"  # as torch tells them apart
    if not is_zip:
        check_bytes(path.stat().st_size, path.name)  # the format before torch 1.6 is read as a whole
    try:
        if is_zip:
            _check_zip(path)
        else:
            _refuse_plain_pickle(path)
            with path.open("rb") as stream:
                for _ in range(_PICKLES_OF_OLD_FORMAT):
                    check_pickle(stream)
        with torch.serialization.safe_globals(STAND_INS), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sparse and quantised tensors, which are refused later
            return torch.load(path, map_location="cpu", weights_only=True, mmap=is_zip)
    except UnpicklingError as refused:
        named = _REFUSED_NAME.search(str(refused))
        carried = "is damaged or carries more than tensors and numbers, which"
        if named:
            carried = f"carries {printable_name(named[1][:60])}, which is no tensor and no number and"
        raise ValueError(
            f"{path.name} {carried} could run code; it was not opened: "
            "ask its owner for an .npz or .safetensors file"
        ) from refused
    except PlainPickleError:
        raise
    except MemoryError as full:
        raise ValueError(
            f"{path.name} takes more memory than is free: give fewer images, or close other programs"
        ) from full
    except Exception as damage:  # a damaged pickle calls the allowed functions with any arguments
        reason = f" ({damage})" if type(damage) is ValueError else ""
        raise ValueError(
            f"{path.name} is damaged or no .pt file{reason}: download or export it again"
        ) from damage


def _refuse_plain_pickle(path: Path) -> None:
    """Refuse a pickle that torch.save has not written, such as IDM's of tensors on a GPU.

    Raises:
        PlainPickleError: it is one; names what it would call first.
    """
    with path.open("rb") as stream:
        opcodes = (
            (opcode.name, argument)
            for opcode, argument, _ in islice(pickletools.genops(stream), limits.MOST_PICKLE_OPCODES)
            if opcode.name not in ("PROTO", "FRAME")
        )
        first, *_ = next(opcodes)
        if first == "LONG1":  # torch's magic number
            return
        texts, called = ["", ""], ""
        for name, argument in opcodes:
            if name == "GLOBAL":
                called = str(argument).replace(" ", ".")
            elif name == "STACK_GLOBAL":
                called = ".".join(texts[-2:])
            elif isinstance(argument, str):
                texts = [texts[-1], argument]
            if called:
                break
    calls = f" that calls {printable_name(called[:60])}" if called else ""
    raise PlainPickleError(
        f"{path.name} is a pickle of Python{calls} and could run code; it was not opened: "
        "have its owner save the tensors with torch.save, on the CPU"
    )


def _check_zip(path: Path) -> None:
    """Check the members of a .pt file: not compressed, intact, and a small index.

    Raises:
        ValueError, BadZipFile: one is not.
    """
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if any(member.compress_type != zipfile.ZIP_STORED for member in members):
            raise ValueError("its content is compressed, which torch.save never does")
        if sum(member.file_size for member in members) > limits.MOST_TOTAL_BYTES:
            raise ValueError(f"it holds more than {limits.MOST_TOTAL_BYTES >> 30} GiB")
        for member in members:
            if member.CRC:  # torch, which does not look at it, can be told to write none
                with archive.open(member) as stream:
                    while stream.read(1 << 20):
                        pass
            if member.filename.endswith(".pkl"):
                check_bytes(member.file_size, path.name)  # NumPy's arrays are inside it
                with archive.open(member) as stream:
                    check_pickle(io.BufferedReader(cast(io.RawIOBase, stream)))
