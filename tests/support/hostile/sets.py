"""Condensed sets as files from elsewhere: hostile, damaged or unusual ones, and what becomes of each."""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from dmcore.data.catalogue import CATALOGUE

Build = Callable[[Path], Path]
"""Writes a file or folder into a folder and returns its path."""
LABEL = torch.arange(10).repeat_interleave(2)
"""Two images of each of the ten classes of Fashion-MNIST."""


def learned() -> Tensor:
    """Twenty normalised images with pixels on both sides of the mean."""
    return torch.randn(20, 1, 8, 8, generator=torch.Generator().manual_seed(0))


IMAGES = learned()
RAW = torch.rand(20, 1, 8, 8, generator=torch.Generator().manual_seed(1))
"""Pixels from 0 to 1."""


def published(file: Path, *pairs: tuple[object, object]) -> Path:
    """A .pt file in the authors' layout."""
    torch.save({"data": [list(pair) for pair in pairs], "accs_all_exps": {}}, file)
    return file


def as_pt(images: object, label: object = LABEL) -> Build:
    return lambda folder: published(folder / "set.pt", (images, label))


def as_npz(**arrays: object) -> Build:
    def build(folder: Path) -> Path:
        np.savez(folder / "set.npz", **{"images": IMAGES.numpy(), "label": LABEL.numpy(), **arrays})
        return folder / "set.npz"

    return build


FACTS = {
    "class_names": list(CATALOGUE["fashion_mnist"].class_names),
    "mean": [0.3],
    "std": [0.4],
    "set": "real-2",
    "iteration": 5,
    "dataset": "",
    "stored_as": "float32",
}


def stating(**changes: object) -> Build:
    """An npz file whose metadata are right but for these."""
    return as_npz(facts=np.array(json.dumps(FACTS | changes)))


def zipped(file: Path, compression: int = zipfile.ZIP_STORED, **members: bytes) -> Path:
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def npy_header(shape: tuple[int, ...], descr: str = "<f4") -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": descr, "fortran_order": False, "shape": shape})
    return stream.getvalue()


def broken_header() -> bytes:
    text = b"{'descr': '<f4', 'shape': (20, 'fortran_order': False"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def bomb(folder: Path) -> Path:
    """Zeros of 164 MB in a file of 0.3 MB."""
    file = folder / "set.npz"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("label.npy", npy(np.arange(40_000) % 10))
        with archive.open("images.npy", "w", force_zip64=True) as stream:
            stream.write(npy_header((40_000, 1, 32, 32)))
            for _ in range(40):
                stream.write(bytes(1000 * 32 * 32 * 4))
    return file


def lying_npz(shape: tuple[int, ...], descr: str = "<f4") -> Build:
    content = npy_header(shape, descr) + bytes(80)
    return lambda folder: zipped(
        folder / "set.npz",
        **{"images.npy": content, "label.npy": npy(np.zeros(shape[0] if shape else 1, int))}
        if shape and 0 <= shape[0] < 1000
        else {"images.npy": content, "label.npy": npy(LABEL.numpy())},
    )


def lying_safetensors(folder: Path) -> Path:
    header = json.dumps(
        {
            "images": {"dtype": "F32", "shape": [20, 1, 8000, 8000], "data_offsets": [0, 5_120_000_000]},
            "label": {"dtype": "I64", "shape": [20], "data_offsets": [5_120_000_000, 5_120_000_160]},
        }
    ).encode()
    (folder / "set.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(160))
    return folder / "set.safetensors"


def sparse_file_of_zeros(folder: Path) -> Path:
    """Safetensors whose header is right, of 5 GB that take no room on the disk."""
    size = 20 * 8000 * 8000 * 4
    header = json.dumps(
        {
            "images": {"dtype": "F32", "shape": [20, 1, 8000, 8000], "data_offsets": [0, size]},
            "label": {"dtype": "I64", "shape": [20], "data_offsets": [size, size + 160]},
        }
    ).encode()
    with (folder / "set.safetensors").open("wb") as stream:
        stream.write(struct.pack("<Q", len(header)) + header)
        stream.truncate(8 + len(header) + size + 160)
    return folder / "set.safetensors"


def compressed_pt(folder: Path) -> Path:
    file = published(folder / "plain.pt", (torch.zeros(20, 1, 1000, 1000), LABEL))
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return zipped(folder / "set.pt", zipfile.ZIP_DEFLATED, **members)


def flipped_pt(folder: Path) -> Path:
    file = published(folder / "set.pt", (IMAGES, LABEL))
    content = bytearray(file.read_bytes())
    content[content.index(IMAGES.numpy().tobytes()) + 2] ^= 1
    file.write_bytes(content)
    return file


def with_pickle(pickled: bytes) -> Build:
    """A .pt file with these instructions."""

    def build(folder: Path) -> Path:
        file = published(folder / "plain.pt", (IMAGES, LABEL))
        with zipfile.ZipFile(file) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        name = next(name for name in members if name.endswith("data.pkl"))
        return zipped(folder / "set.pt", **(members | {name: pickled}))

    return build


_LARGE_BYTEARRAY = b"cbuiltins\nbytearray\n", b"\x8a\x05" + (10**11).to_bytes(5, "little") + b"\x85"
"""The function, and the arguments of 100 GB."""


def text(content: bytes) -> bytes:
    """Instruction of a text."""
    return b"X" + struct.pack("<I", len(content)) + content


def one_text_encoded(times: int) -> bytes:
    """A list of the same megabyte of bytes, each encoded anew."""
    call = b"c_codecs\nencode\nh\x01h\x02\x86R"
    return b"\x80\x02" + text(b"a" * 2**20) + b"q\x01" + text(b"latin1") + b"q\x02](" + call * times + b"e."


def two_thousand_experiments(folder: Path) -> Path:
    return published(folder / "set.pt", *[(IMAGES + number / 1000, LABEL) for number in range(2000)])


def empty_picture(width: int, height: int) -> bytes:
    """A PNG whose header claims a size that its data have not."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def class_folders(folder: Path, content: bytes | None = None, count: int = 2) -> Path:
    for level, name in ((10, "cat"), (200, "dog")):
        (folder / "set" / name).mkdir(parents=True)
        for number in range(count):
            Image.new("L", (8, 8), level + number).save(folder / "set" / name / f"{number}.png")
    if content is not None:
        (folder / "set" / "cat" / "0.png").write_bytes(content)
    return folder / "set"


def huge_together(folder: Path) -> Path:
    """Pictures that are allowed alone, and too large together."""
    top = class_folders(folder, count=40)
    for file in top.rglob("*.png"):
        file.write_bytes(empty_picture(8000, 8000))
    return top


def deep_folder(folder: Path) -> Path:
    top = class_folders(folder)
    (top / Path(*["a"] * 60)).mkdir(parents=True)
    return top


def sidecar(text: str) -> Build:
    def build(folder: Path) -> Path:
        (folder / "set.normalisation.json").write_text(text)
        return published(folder / "set.pt", (IMAGES, LABEL))

    return build


def quantised(folder: Path) -> Path:
    with pytest.warns(UserWarning, match="quantized"):
        return as_pt(torch.quantize_per_tensor(IMAGES, 0.1, 0, torch.qint8))(folder)


def nested(folder: Path) -> Path:
    return as_pt(torch.nested.nested_tensor([IMAGES[0], IMAGES[1]], layout=torch.jagged))(folder)


def in_old_format(folder: Path) -> Path:
    file = folder / "set.pt"
    torch.save({"data": [[IMAGES, LABEL]]}, file, _use_new_zipfile_serialization=False)
    return file


REFUSED: dict[str, tuple[Build, str]] = {
    # normalisation
    "a deviation of 0": (stating(std=[0]), "std|deviation"),
    "a negative deviation": (stating(std=[-1]), "deviation"),
    "a deviation that is no number": (stating(std=[float("nan")]), "not finite"),
    "an infinite deviation": (stating(std=[float("inf")]), "not finite"),
    "a mean of 1e300": (stating(mean=[1e300]), "scaled to 0 to 1"),
    "a mean that is no number": (stating(mean=[float("nan")]), "not finite"),
    "statistics of pixels up to 255": (stating(mean=[125.3], std=[63.0]), "scaled to 0 to 1"),
    "two deviations for one mean": (stating(std=[0.4, 0.4]), "1 means and 2 deviations"),
    "two means and deviations for one channel": (stating(mean=[0.3] * 2, std=[0.4] * 2), "channels"),
    "a deviation that is text": (stating(std=["0.4"]), "list of numbers"),
    "a deviation that is true": (stating(std=[True]), "list of numbers"),
    "a deviation inside another list": (stating(std=[[0.4]]), "list of numbers"),
    "a deviation without a list": (stating(std=0.4), "std is no list"),
    "no deviation": (stating(std=[]), "1 means and 0 deviations"),
    "class names that are one text": (stating(class_names="0123456789"), "class_names is no list"),
    "a class name that cannot be written": (stating(class_names=["\ud800"] * 10), "damaged"),
    "metadata that are a list": (sidecar("[]"), "no JSON object"),
    "metadata of 100,000 brackets": (sidecar("[" * 100_000), "damaged"),
    "metadata without an end": (sidecar(" " * (9 << 20)), "larger than 8 MB"),
    # pixel scale
    "floats from 0 to 1": (as_pt(RAW), "--pixels 0-1"),
    "floats from 0 to 255": (as_pt((RAW * 255).round()), "--pixels 0-255"),
    "floats from 0 to 255 that state a normalisation": (
        as_npz(images=RAW.numpy() * 255, facts=np.array(json.dumps(FACTS))),
        "--pixels 0-255",
    ),
    "floats centred but not divided": (as_pt(RAW * 255 - 128), "--pixels"),
    "values that no snapshot can hold": (as_pt(IMAGES * 1e6), "not finite numbers up to 65504"),
    "float64 beyond float32": (as_pt(IMAGES.double() * 1e300), "not finite"),
    "a pixel that is no number": (as_pt(torch.where(IMAGES > 2, torch.nan, IMAGES)), "not finite"),
    # iterations
    "iteration -5": (stating(iteration=-5), "iteration -5 is no whole number"),
    "an infinite iteration": (stating(iteration=float("inf")), "iteration inf is no whole number"),
    "iteration 1e30": (stating(iteration=1e30), "no whole number"),
    "an iteration of 31 digits": (stating(iteration=10**30), "no whole number"),
    "an iteration that is text": (stating(iteration="abc"), "iteration abc is no whole number"),
    "an iteration that is true": (stating(iteration=True), "iteration True is no whole number"),
    # labels
    "soft labels": (as_pt(IMAGES, torch.full((20, 10), 0.1)), "are soft"),
    "two ones in a one-hot row": (as_pt(IMAGES, torch.eye(10)[LABEL] + torch.eye(10)[0]), "are soft"),
    "labels with a fraction": (as_pt(IMAGES, LABEL + 0.5), "not whole numbers"),
    "labels that are no number": (as_pt(IMAGES, LABEL * torch.nan), "not whole numbers"),
    "labels that are infinite": (as_pt(IMAGES, torch.full((20,), torch.inf)), "not whole numbers"),
    "labels that are true or false": (as_pt(IMAGES, LABEL > 4), "bool"),
    "complex labels": (as_pt(IMAGES, LABEL.to(torch.complex64)), "complex64"),
    "labels below 0": (as_pt(IMAGES, LABEL - 1), "outside 0 to 9"),
    "fewer labels than images": (as_pt(IMAGES, LABEL[:18]), "20 images and 18 labels"),
    "one label for all": (as_pt(IMAGES, torch.tensor(3)), "with a label each"),
    "labels as texts": (as_npz(label=np.array(["a"] * 20)), "plain arrays"),
    # tensors
    "complex images": (as_pt(IMAGES.to(torch.complex64)), "are complex64"),
    "images of 32-bit integers": (as_pt(IMAGES.int()), "are int32"),
    "images of one bit": (as_pt(IMAGES > 0), "are bool"),
    "images packed in four bits": (
        as_pt(torch.zeros(20, 1, 8, 8, dtype=torch.uint8).view(torch.float4_e2m1fn_x2)),
        "float4_e2m1fn_x2",
    ),
    "quantised images": (quantised, "dequantize"),
    "sparse images": (as_pt(IMAGES.to_sparse()), "to_dense"),
    "sparse labels": (as_pt(IMAGES, LABEL.to_sparse()), "to_dense"),
    "images of the meta device": (as_pt(IMAGES.to("meta")), "meta device"),
    "labels of the meta device": (as_pt(IMAGES, LABEL.to("meta")), "meta device"),
    "nested images": (nested, "set.pt"),
    "NumPy texts in a pt": (as_pt(np.array(["a"] * 20)), "no plain numbers"),
    "NumPy objects in a pt": (as_pt(np.array([None] * 20)), "no plain numbers"),
    "images of three dimensions": (as_pt(IMAGES[:, 0]), "image, channel, height, width"),
    "pairs of three": (lambda folder: published(folder / "set.pt", (IMAGES, LABEL, 0)), "another layout"),
    # arrays
    "long doubles": (as_npz(images=IMAGES.numpy().astype(np.longdouble)), "plain arrays"),
    "records": (as_npz(images=np.zeros((20, 1, 8, 8), [("red", "f4")])), "plain arrays"),
    "objects": (as_npz(images=np.array([{}] * 20, dtype=object)), "Python objects"),
    "an array that is no array": (
        lambda folder: zipped(folder / "set.npz", **{"images.npy": b"cat", "label.npy": npy(LABEL.numpy())}),
        "plain arrays",
    ),
    "an npz that is an npy": (
        lambda folder: (folder / "set.npz").write_bytes(npy(IMAGES.numpy())) and folder / "set.npz",
        "not a zip file",
    ),
    "a header that is no literal": (
        lambda folder: zipped(
            folder / "set.npz", **{"images.npy": broken_header(), "label.npy": npy(LABEL.numpy())}
        ),
        "plain arrays",
    ),
    "a header that promises more than there is": (lying_npz((20, 1, 8, 8)), "declares"),
    "a header of a petabyte": (lying_npz((20, 1, 10**6, 10**7)), "declares"),
    "a header with a negative size": (lying_npz((-20, 1, 1, -1)), "declares"),
    # size
    "a zip bomb of an npz": (bomb, "would unpack from"),
    "a tensor of 10 GB in a kilobyte": (
        as_pt(torch.zeros(1).expand(20, 1, 10_000, 12_500)),
        "more than the 4 GiB",
    ),
    "labels of 10 GB in a kilobyte": (
        as_pt(IMAGES, torch.zeros(1).expand(20, 70_000_000)),
        "more than the 4 GiB",
    ),
    "ten million images of a pixel": (
        as_pt(torch.zeros(1).expand(10**7, 1, 1, 1), torch.zeros(1).expand(10**7)),
        "10,000,000 images, more than the 1,000,000",
    ),
    "a safetensors header that lies": (lying_safetensors, "set.safetensors"),
    "a safetensors file of 5 GB": (sparse_file_of_zeros, "more than the 4 GiB"),
    "a compressed pt": (compressed_pt, "compressed"),
    "a pt with a flipped bit": (flipped_pt, "is damaged"),
    "2,000 experiments": (two_thousand_experiments, "2,000 experiments.*--set.*experiment-2000"),
    "a pt of brackets": (with_pickle(b"\x80\x02" + b"]" * 1_100_000 + b"."), "instructions"),
    "a pt of tuples inside each other": (
        with_pickle(b"\x80\x02})" + b"\x85" * 200_000 + b"K\x01s."),
        "tuples",
    ),
    "a bytearray of 100 GB": (
        with_pickle(b"\x80\x02" + b"".join(_LARGE_BYTEARRAY) + b"R."),
        "calls bytearray in a way",
    ),
    "a bytearray of 100 GB as a tensor's type": (
        with_pickle(
            b"\x80\x02ctorch._tensor\n_rebuild_from_type_v2\n("
            + _LARGE_BYTEARRAY[0]
            + b"ctorch\nTensor\n"
            + _LARGE_BYTEARRAY[1]
            + b"}tR."
        ),
        "calls bytearray in a way",
    ),
    "a text that doubles 28 times": (
        with_pickle(
            b"\x80\x02"
            + b"c_codecs\nencode\n" * 28
            + text(b"abcd")
            + (text(b"hex_codec") + b"\x86R") * 28
            + b"."
        ),
        "encodes texts in a way",
    ),
    "one text encoded 1,000 times": (with_pickle(one_text_encoded(1000)), "more memory than the file"),
    "a pt that calls with wrong arguments": (with_pickle(b"\x80\x02ctorch\nSize\nK\x01\x85R."), "damaged"),
    # folders
    "a picture of 50,000 by 50,000 pixels": (
        lambda folder: class_folders(folder, empty_picture(50_000, 50_000)),
        "more than 80,000,000",
    ),
    "a picture of 10,000 by 10,000 pixels": (
        lambda folder: class_folders(folder, empty_picture(10_000, 10_000)),
        "10000×10000 pixels, more than 80,000,000",
    ),
    "pictures that are too large together": (huge_together, "more than the 4 GiB"),
    "60 folders inside each other": (deep_folder, "more than 32 folders inside each other"),
    "a file that is no picture": (lambda folder: class_folders(folder, b"text"), "no readable image"),
    "a torn picture": (
        lambda folder: class_folders(folder, empty_picture(8, 8)),
        "no readable image",
    ),
}
"""What is imported, and words of the sentence that refuses it."""
HUGE = (
    *("a zip bomb of an npz", "a tensor of 10 GB in a kilobyte", "labels of 10 GB in a kilobyte"),
    *("ten million images of a pixel", "a safetensors file of 5 GB", "a compressed pt"),
    *("a header of a petabyte", "pictures that are too large together", "a pt of brackets"),
    *("a picture of 50,000 by 50,000 pixels", "a bytearray of 100 GB", "a text that doubles 28 times"),
    *("a bytearray of 100 GB as a tensor's type", "one text encoded 1,000 times"),
)
"""Those that would take much memory."""

READ: dict[str, tuple[Build, Tensor]] = {
    "with requires_grad": (as_pt(IMAGES.clone().requires_grad_()), IMAGES),
    "as parameters": (as_pt(torch.nn.Parameter(IMAGES), torch.nn.Parameter(LABEL.float())), IMAGES),
    "as float64": (as_pt(IMAGES.double()), IMAGES),
    "as float16": (as_pt(IMAGES.half()), IMAGES.half().float()),
    "as bfloat16": (as_pt(IMAGES.bfloat16()), IMAGES.bfloat16().float()),
    "as float8": (as_pt(IMAGES.to(torch.float8_e4m3fn)), IMAGES.to(torch.float8_e4m3fn).float()),
    "negated lazily": (as_pt(torch._neg_view(-IMAGES)), IMAGES),
    "transposed": (as_pt(IMAGES.transpose(2, 3).contiguous().transpose(2, 3)), IMAGES),
    "in another memory format": (as_pt(IMAGES.to(memory_format=torch.channels_last)), IMAGES),
    "as a view of a larger tensor": (as_pt(torch.cat([IMAGES, IMAGES])[:20]), IMAGES),
    "repeated with stride 0": (as_pt(IMAGES[:1].expand(20, 1, 8, 8)), IMAGES[:1].expand(20, 1, 8, 8)),
    "in the format before torch 1.6": (in_old_format, IMAGES),
    "with one-hot labels": (as_pt(IMAGES, torch.eye(10, dtype=torch.int64)[LABEL]), IMAGES),
    "with one-hot float labels": (as_pt(IMAGES, torch.eye(10)[LABEL]), IMAGES),
    "with one-hot bool labels": (as_pt(IMAGES, torch.eye(10, dtype=torch.bool)[LABEL]), IMAGES),
    "with whole float labels": (as_pt(IMAGES, LABEL.float()), IMAGES),
    "with uint16 labels": (as_pt(IMAGES, LABEL.to(torch.uint16)), IMAGES),
    "with int8 labels": (as_pt(IMAGES, LABEL.to(torch.int8)), IMAGES),
    "as NumPy array in a pt": (as_pt(IMAGES.numpy(), LABEL.numpy()), IMAGES),
    "as big-endian NumPy array in a pt": (as_pt(IMAGES.numpy().astype(">f4"), LABEL.numpy()), IMAGES),
    "with big-endian arrays": (
        as_npz(images=IMAGES.numpy().astype(">f4"), label=LABEL.numpy().astype(">i8")),
        IMAGES,
    ),
    "with arrays in Fortran's order": (as_npz(images=np.asfortranarray(IMAGES.numpy())), IMAGES),
}
"""What is imported, and the images that come of it; the labels are `LABEL`."""
