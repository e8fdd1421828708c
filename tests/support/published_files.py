"""Condensed sets in the layouts in which methods publish them, made of random images, with what is right.

`tests/unit/runs/test_published_layouts.py` imports each, `tests/benchmarks/print_layouts.py` prints a table.
"""

import argparse
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from dmcore.data.catalogue import CATALOGUE
from dmcore.data.images import Statistics
from dmcore.data.load import load_dataset

Build = Callable[[Path], Path]
"""Writes a file or folder into a folder and returns its path."""
DATASET = "svhn"
"""Colour, ten classes; names and normalisation are known without its files."""
SVHN = Statistics(CATALOGUE[DATASET].mean or (), CATALOGUE[DATASET].std or ())
CLASSES, PER_CLASS, SIDE = 10, 2, 8
SHUFFLED = torch.arange(CLASSES).repeat_interleave(PER_CLASS)[
    torch.randperm(CLASSES * PER_CLASS, generator=torch.Generator().manual_seed(3))
]
"""Labels out of class order."""


def _random(function: Callable[..., Tensor], seed: int) -> Tensor:
    shape = (CLASSES * PER_CLASS, 3, SIDE, SIDE)
    return function(shape, generator=torch.Generator().manual_seed(seed))


NORMALISED = _random(torch.randn, 0)
RAW = _random(torch.rand, 1)
"""Pixels from 0 to 1."""
WHITENED = NORMALISED * 0.3
"""As little deviation as whitened images have."""
BYTES = (RAW * 255).round().byte()
CENTRED = torch.eye(CLASSES)[SHUFFLED] - 1 / CLASSES
LOGITS = torch.eye(CLASSES)[SHUFFLED] * 6 + _random(torch.randn, 2)[:, 0, 0, :1]
LOGITS = LOGITS + torch.linspace(0, 1, CLASSES)


def normalised(raw: Tensor, statistics: Statistics = SVHN) -> Tensor:
    """Pixels from 0 to 1, normalised."""
    mean, std = (torch.tensor(values).view(-1, 1, 1) for values in (statistics.mean, statistics.std))
    return (raw - mean) / std


def by_class(images: Tensor, label: Tensor = SHUFFLED) -> Tensor:
    """Images as they come out: by class, and inside a class as they were."""
    return images[torch.argsort(label, stable=True)]


@dataclass(frozen=True)
class PublishedFile:
    """A file or folder, what it is recognised as, and the set that it holds."""

    layout: str
    """Row of the table."""
    build: Build
    recognised: str
    """Words of the note that says what it was recognised as."""
    images: Callable[[], Tensor]
    """Normalised, by class."""
    options: dict[str, Any] = field(default_factory=dict)
    """What has to be said; without it, it is refused."""
    asked: str = ""
    """Words of the sentence that asks for it; empty where nothing is asked."""
    noted: str = ""
    """Words of another note."""
    dataset: str = DATASET
    label: Callable[[], Tensor] = lambda: SHUFFLED.sort().values


def saved(content: object, name: str = "set.pt") -> Build:
    """A file of `torch.save`."""

    def build(folder: Path) -> Path:
        torch.save(content, folder / name)
        return folder / name

    return build


def several(*builds: Build, give: str = "") -> Build:
    """Several files in a folder; `give` is the name of one that is given in place of the folder."""

    def build(folder: Path) -> Path:
        top = folder / "published"
        top.mkdir()
        for each in builds:
            each(top)
        return top / give if give else top

    return build


def npz(**arrays: np.ndarray) -> Build:
    def build(folder: Path) -> Path:
        np.savez(folder / "set.npz", **arrays)  # type: ignore[arg-type]
        return folder / "set.npz"

    return build


def safetensors(**tensors: Tensor) -> Build:
    def build(folder: Path) -> Path:
        save_file(tensors, folder / "set.safetensors")
        return folder / "set.safetensors"

    return build


def zipped(build: Build) -> Build:
    """A zip of what another build makes, with the folder that macOS adds."""

    def build_zip(folder: Path) -> Path:
        inner = folder / "inner"
        inner.mkdir()
        source = build(inner)
        with zipfile.ZipFile(folder / "set.zip", "w") as archive:
            for file in [source] if source.is_file() else sorted(source.rglob("*")):
                if file.is_file():
                    archive.write(file, file.relative_to(inner))
            archive.writestr("__MACOSX/._set.pt", b"no set")
        return folder / "set.zip"

    return build_zip


def encoded(image: Tensor, suffix: str) -> bytes:
    """A picture of uint8 pixels."""
    stream = io.BytesIO()
    kind = {".png": "PNG", ".jpg": "JPEG"}[suffix]
    Image.fromarray(image.permute(1, 2, 0).contiguous().numpy()).save(stream, kind)
    return stream.getvalue()


def pictures(name: str) -> Build:
    """Pictures under names with {label} and {number}, the number inside the class."""

    def build(folder: Path) -> Path:
        counts = [0] * CLASSES
        for image, label in zip(BYTES, SHUFFLED.tolist(), strict=True):
            file = folder / "pictures" / name.format(label=label, number=counts[label])
            counts[label] += 1
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(encoded(image, file.suffix))
        return folder / "pictures"

    return build


def from_pictures(suffix: str) -> Callable[[], Tensor]:
    """Images that pictures hold once they are decoded, normalised."""

    def decode() -> Tensor:
        arrays = []
        for image in BYTES:
            with Image.open(io.BytesIO(encoded(image, suffix))) as picture:
                arrays.append(np.array(picture).transpose(2, 0, 1))
        return by_class(normalised(torch.from_numpy(np.stack(arrays)).float() / 255))

    return decode


def steps_of_classes() -> list[list[Tensor]]:
    """Images and labels of five steps of two classes, in an order of classes of a seed."""
    order = torch.randperm(CLASSES, generator=torch.Generator().manual_seed(5)).view(5, 2)
    chosen = [torch.isin(SHUFFLED, classes) for classes in order]
    return [[NORMALISED[mask], SHUFFLED[mask]] for mask in chosen]


def distilled_steps() -> list[tuple[Tensor, Tensor, Tensor]]:
    """Three passes of two batches, each step with a rate of its own."""
    batches = [NORMALISED.split(CLASSES)[number] for number in (0, 1)]
    labels = [SHUFFLED.split(CLASSES)[number] for number in (0, 1)]
    return [
        (batches[step % 2].clone(), labels[step % 2].clone(), torch.tensor(0.02 / (step + 1)))
        for step in range(6)
    ]


def decoded(factor: int) -> Callable[[], Tensor]:
    """Tiles of the raw images, enlarged as IDC's own code does it: before it normalises."""

    def decode() -> Tensor:
        images, side = by_class(RAW), SIDE
        missing = -side % factor
        padded = functional.pad(images, (0, missing, 0, missing), value=0.5)
        crop = ceil(side / factor)
        tiles = [
            padded[:, :, row * crop : (row + 1) * crop, column * crop : (column + 1) * crop]
            for row in range(factor)
            for column in range(factor)
        ]
        enlarged = nn.Upsample(size=side, mode="bilinear")(torch.cat(tiles))
        return by_class(normalised(enlarged), SHUFFLED.sort().values.repeat(factor**2))

    return decode


def digits() -> tuple[Tensor, Tensor]:
    """One real digit of each class with pixels from 0 to 1, and as MTT whitens it."""
    real = load_dataset("digits").train
    pixels = real.images.double() / 255
    flat = pixels.flatten(1)
    centred = flat - flat.mean(0)
    covariance = centred.T @ centred / (len(flat) - 1)
    left, values, _ = torch.linalg.svd(covariance)
    whitening = left @ torch.diag((values + 0.1).rsqrt()) @ left.T
    first = [int((real.label == number).nonzero()[0]) for number in range(CLASSES)]
    whitened = (centred @ whitening)[first].view(CLASSES, *real.images.shape[1:])
    return pixels[first].float(), whitened.float()


def unwhitened_digits() -> Tensor:
    return normalised(digits()[0], load_dataset("digits").train.statistics)


def whitened_digits(folder: Path) -> Path:
    whitened = saved(digits()[1], "images_best.pt")
    return several(whitened, saved(torch.arange(CLASSES), "labels_best.pt"))(folder)


AUTHORS = {"data": [[NORMALISED, SHUFFLED]], "accs_all_exps": {"ConvNet": [np.float64(0.5)]}}
PAIR = (saved(NORMALISED, "images_best.pt"), saved(SHUFFLED, "labels_best.pt"))
RATE = saved(torch.tensor(0.0123), "lr_best.pt")
SHARDS = [
    saved(value, f"{name}_{number}.pt")
    for number, step in enumerate(steps_of_classes())
    for name, value in zip(("images", "labels"), step, strict=True)
]


def exact() -> Tensor:
    return by_class(NORMALISED)


def from_raw() -> Tensor:
    return by_class(normalised(RAW))


PUBLISHED = (
    PublishedFile("DC, DSA, DM: .pt", saved(AUTHORS), "DC, DSA and DM", exact),
    PublishedFile("DC, DSA, DM: .pth", saved(AUTHORS, "set.pth"), "DC, DSA and DM", exact),
    PublishedFile(
        "DC, DSA, DM: one-hot labels",
        saved({"data": [[NORMALISED, torch.eye(CLASSES)[SHUFFLED]]]}),
        "DC, DSA and DM",
        exact,
    ),
    PublishedFile(
        "DC, DSA, DM: NumPy arrays inside",
        saved({"data": [[NORMALISED.numpy(), SHUFFLED.numpy()]]}),
        "DC, DSA and DM",
        exact,
    ),
    PublishedFile(
        "DC, DSA, DM: pixels 0 to 1",
        saved({"data": [[RAW, SHUFFLED]]}),
        "DC, DSA and DM",
        from_raw,
        {"pixels": "0-1"},
        "--pixels 0-1",
    ),
    PublishedFile(
        "DC, DSA, DM: pixels 0 to 255",
        saved({"data": [[RAW * 255, SHUFFLED]]}),
        "DC, DSA and DM",
        from_raw,
        {"pixels": "0-255"},
        "--pixels 0-255",
    ),
    PublishedFile(
        "Continual learning: list of steps",
        saved({"data": steps_of_classes()}),
        "continual-learning sets: the images of 5 steps",
        lambda: by_class(*map(torch.cat, zip(*steps_of_classes(), strict=True))),
    ),
    PublishedFile(
        "Continual learning: dict of steps",
        saved({"data": dict(enumerate(steps_of_classes()))}),
        "continual-learning sets: the images of 5 steps",
        lambda: by_class(*map(torch.cat, zip(*steps_of_classes(), strict=True))),
    ),
    PublishedFile("MTT: folder", several(*PAIR, RATE), "MTT and DATM", exact, noted="rate of 0.0123"),
    PublishedFile(
        "MTT: file of images", several(*PAIR, give="images_best.pt"), "labels in labels_best.pt", exact
    ),
    PublishedFile(
        "MTT: file of labels", several(*PAIR, give="labels_best.pt"), "images in images_best.pt", exact
    ),
    PublishedFile(
        "MTT: whitened and unwhitened",
        several(saved(WHITENED, "images_best.pt"), saved(RAW, "images_zca_best.pt"), PAIR[1]),
        "images in images_zca_best.pt",
        from_raw,
        noted="whitening",
    ),
    PublishedFile(
        "MTT: whitened alone",
        whitened_digits,
        "MTT and DATM",
        unwhitened_digits,
        {"pixels": "zca"},
        "--pixels zca",
        dataset="digits",
        label=lambda: torch.arange(CLASSES),
        noted="which was undone",
    ),
    PublishedFile(
        "MTT: perhaps whitened",
        several(saved(WHITENED, "images_best.pt"), PAIR[1]),
        "MTT and DATM",
        lambda: by_class(WHITENED),
        {"pixels": "normalised"},
        "--pixels zca, or --pixels normalised",
    ),
    PublishedFile(
        "MTT: five shards",
        several(*SHARDS),
        "MTT and DATM",
        lambda: by_class(*map(torch.cat, zip(*steps_of_classes(), strict=True))),
        noted="5 pairs of files",
    ),
    PublishedFile(
        "DATM: soft labels",
        several(PAIR[0], saved(LOGITS, "labels_best.pt"), RATE),
        "MTT and DATM",
        exact,
        {"labels": "hardest"},
        "--labels hardest",
        "is lost",
    ),
    PublishedFile("IDC, DANCE, DSDM, NCFM", saved([RAW, SHUFFLED]), "IDC", from_raw, noted="--decode 2"),
    PublishedFile(
        "IDC: 2×2 decoded",
        saved([RAW, SHUFFLED]),
        "IDC",
        decoded(2),
        {"decode": 2},
        noted="split into 2×2",
        label=lambda: SHUFFLED.sort().values.repeat_interleave(4),
    ),
    PublishedFile(
        "IDC: 3×3 decoded",
        saved((RAW, SHUFFLED), "data_best.pth"),
        "IDC",
        decoded(3),
        {"decode": 3},
        noted="split into 3×3",
        label=lambda: SHUFFLED.sort().values.repeat_interleave(9),
    ),
    PublishedFile(
        "KIP: npz, centred labels",
        npz(images=NORMALISED.permute(0, 2, 3, 1).numpy(), labels=CENTRED.numpy()),
        "KIP",
        exact,
    ),
    PublishedFile(
        "KIP: npz, soft labels",
        npz(images=NORMALISED.permute(0, 2, 3, 1).numpy(), labels=LOGITS.numpy()),
        "KIP",
        exact,
        {"labels": "hardest"},
        "--labels hardest",
        "is lost",
    ),
    PublishedFile(
        "KIP: perhaps whitened",
        npz(images=WHITENED.permute(0, 2, 3, 1).numpy(), labels=CENTRED.numpy()),
        "KIP",
        lambda: by_class(WHITENED),
        {"pixels": "normalised"},
        "--pixels",
    ),
    PublishedFile(
        "DD: steps with rates",
        saved(distilled_steps(), "results.pth"),
        "DD",
        exact,
        noted="6 steps of gradient descent over 2 batches in order, with the rates 0.02 0.01",
    ),
    PublishedFile(
        "DDM",
        saved(
            {
                "images": NORMALISED,
                "labels": SHUFFLED,
                "accuracies": [0.5],
                "config": argparse.Namespace(ipc=PER_CLASS, dataset="SVHN"),
            }
        ),
        "DDM",
        exact,
    ),
    PublishedFile(
        "dict with x and y: NumPy, channels last",
        saved({"x": np.asfortranarray(NORMALISED.permute(0, 2, 3, 1).numpy()), "y": SHUFFLED.numpy()}),
        "a dict with x and y",
        exact,
        noted="channels last",
    ),
    PublishedFile(
        "dict with data and targets: 8 bits",
        saved({"data": BYTES, "targets": SHUFFLED}),
        "a dict with data and targets",
        lambda: by_class(normalised(BYTES.float() / 255)),
    ),
    PublishedFile(
        "SRe2L: new000/class000_id000.jpg",
        pictures("new{label:03d}/class{label:03d}_id{number:03d}.jpg"),
        "SRe2L",
        from_pictures(".jpg"),
        noted="new000 was taken for 0",
    ),
    PublishedFile(
        "RDED: 00000/0.png",
        pictures("{label:05d}/{number}.png"),
        "index of their class",
        from_pictures(".png"),
    ),
    PublishedFile(
        "D3HR: n01440764/0.png",
        pictures("n0144{label:04d}/{number}.png"),
        "WordNet numbers",
        from_pictures(".png"),
    ),
    PublishedFile(
        "pictures: class000_id000.jpg in one folder",
        pictures("class{label:03d}_id{number:03d}.jpg"),
        "named by class and number",
        from_pictures(".jpg"),
    ),
    PublishedFile(
        "pictures: 0/0.png", pictures("{label}/{number}.png"), "index of their class", from_pictures(".png")
    ),
    PublishedFile("zip of a .pt", zipped(saved(AUTHORS)), "DC, DSA and DM", exact),
    PublishedFile("zip of MTT's folder", zipped(several(*PAIR, RATE)), "MTT and DATM", exact),
    PublishedFile(
        "zip of SRe2L's folder",
        zipped(pictures("new{label:03d}/class{label:03d}_id{number:03d}.jpg")),
        "SRe2L",
        from_pictures(".jpg"),
    ),
    PublishedFile(
        "zip of pictures in one folder",
        zipped(pictures("{label}_{number}.png")),
        "named by class and number",
        from_pictures(".png"),
    ),
)
