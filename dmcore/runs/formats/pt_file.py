"""Reader of pt files in the authors' published layout: {'data': [[images, label], ...]}, one per experiment.

Reading runs no code: `weights_only`, and the few names that its NumPy scalars need, nothing else. Tensors are
mapped from the file, so that only those that are used take memory.
"""

import io
import pickletools
import warnings
import zipfile
from pathlib import Path
from pickle import UnpicklingError  # noqa: TID251 - only the name of torch's error; nothing is unpickled with it
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from dmcore.data import limits
from dmcore.runs.formats.array_files import sidecar_file
from dmcore.runs.formats.set_metadata import UncheckedSet, read_metadata
from dmcore.runs.formats.tensor_checks import check_bytes

_scalar = np.float64(0).__reduce__()[0]  # lives in numpy.core or numpy._core, by version
_SCALARS = [
    (_scalar, "numpy.core.multiarray.scalar"),
    (_scalar, "numpy._core.multiarray.scalar"),
    np.dtype,
    np.dtypes.Float64DType,
]
_PICKLES_OF_OLD_FORMAT = 5  # magic number, version, system, the object, names of its storages


def read_pt(path: Path) -> list[UncheckedSet]:
    """Read all sets of a pt file in the authors' layout (one per experiment); their values are not read yet.

    Raises:
        ValueError: damaged, another layout, too large, or it carries code.
    """
    pairs = _pairs(_load(path))
    if not pairs:
        raise ValueError(
            f"{path.name} has another layout than the authors': it needs {{'data': [[images, label], ...]}}"
        )
    facts = read_metadata(sidecar_file(path))
    if len(pairs) == 1:
        return [facts.with_images(*pairs[0])]
    return [
        facts.with_images(*pair).named(f"experiment-{number}") for number, pair in enumerate(pairs, start=1)
    ]


def _load(path: Path) -> Any:
    with path.open("rb") as stream:
        is_zip = stream.read(4) == b"PK\x03\x04"  # as torch tells them apart
    if not is_zip:
        check_bytes(path.stat().st_size, path.name)  # the format before torch 1.6 is read as a whole
    try:
        if is_zip:
            _check_zip(path)
        else:
            with path.open("rb") as stream:
                for _ in range(_PICKLES_OF_OLD_FORMAT):
                    _check_pickle(stream)
        with torch.serialization.safe_globals(_SCALARS), warnings.catch_warnings():  # type: ignore[arg-type]
            warnings.simplefilter("ignore")  # of sparse and quantised tensors, which are refused later
            return torch.load(path, map_location="cpu", weights_only=True, mmap=is_zip)
    except UnpicklingError as refused:
        raise ValueError(
            f"{path.name} is damaged or carries more than tensors and numbers, which could run code; "
            "it was not opened: ask its owner for an .npz or .safetensors file"
        ) from refused
    except MemoryError:
        raise
    except Exception as damage:  # a damaged pickle calls the allowed functions with any arguments
        reason = f" ({damage})" if type(damage) is ValueError else ""
        raise ValueError(
            f"{path.name} is damaged or no .pt file{reason}: download or export it again"
        ) from damage


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
                with archive.open(member) as stream:
                    _check_pickle(io.BufferedReader(cast(io.RawIOBase, stream)))


def _check_pickle(stream: io.BufferedReader) -> None:
    """Check the number of instructions of a pickle, none of which is run, and of tuples among them.

    Raises:
        ValueError: too many, or no pickle.
    """
    tuples = 0
    for instructions, (opcode, _, _) in enumerate(pickletools.genops(stream), start=1):
        tuples += opcode.name in ("TUPLE", "TUPLE1", "TUPLE2", "TUPLE3")
        if instructions > limits.MOST_PICKLE_OPCODES or tuples > limits.MOST_PICKLE_TUPLES:
            raise ValueError(
                f"its index has more than {limits.MOST_PICKLE_OPCODES:,} instructions or "
                f"{limits.MOST_PICKLE_TUPLES:,} tuples"
            )


def _pairs(content: Any) -> list[tuple[Tensor, Tensor]]:
    data = content.get("data") if isinstance(content, dict) else None
    if not isinstance(data, list | tuple):
        return []
    pairs = [tuple(pair) for pair in data if isinstance(pair, list | tuple) and len(pair) == 2]
    tensors = [
        (images, label) for images, label in pairs if isinstance(images, Tensor) and isinstance(label, Tensor)
    ]
    return tensors if len(tensors) == len(data) else []
