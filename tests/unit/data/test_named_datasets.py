"""The named data sets: read from files in their published formats, small ones written here."""

import pickle  # noqa: TID251  to write files in the published format
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.io import savemat

from dmcore.data.catalogue import CATALOGUE, describe_datasets, find_data_root
from dmcore.data.images import DataSet
from dmcore.data.load import load_dataset

RANDOM = np.random.default_rng(5)
COUNTS = {"train": 20, "test": 10}
DOWNLOADED = [name for name, entry in CATALOGUE.items() if entry.files]


def write_idx(root: Path, folder: str) -> dict[str, np.ndarray]:
    raw = root / folder / "raw"
    raw.mkdir(parents=True)
    written = {}
    for part, prefix in (("train", "train"), ("test", "t10k")):
        count = COUNTS[part]
        images = RANDOM.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        label = np.arange(count, dtype=np.uint8) % 10
        header = struct.pack(">BBBBIII", 0, 0, 8, 3, count, 28, 28)
        (raw / f"{prefix}-images-idx3-ubyte").write_bytes(header + images.tobytes())
        (raw / f"{prefix}-labels-idx1-ubyte").write_bytes(
            struct.pack(">BBBBI", 0, 0, 8, 1, count) + label.tobytes()
        )
        written[part] = images[:, None]
    return written


def write_cifar(root: Path, name: str) -> dict[str, np.ndarray]:
    folder = root / ("cifar-10-batches-py" if name == "cifar10" else "cifar-100-python")
    folder.mkdir(parents=True)
    classes = CATALOGUE[name].classes
    written = {}
    files = [f"data_batch_{number}" for number in range(1, 6)] if name == "cifar10" else ["train"]
    for part, names in (("train", files), ("test", ["test_batch" if name == "cifar10" else "test"])):
        batches = []
        for file in names:
            count = COUNTS[part] if name == "cifar10" else classes
            images = RANDOM.integers(0, 256, (count, 3072), dtype=np.uint8)
            key = "labels" if name == "cifar10" else "fine_labels"
            content = {"data": images, key: [index % classes for index in range(count)], "batch_label": file}
            (folder / file).write_bytes(pickle.dumps(content, protocol=2))
            batches.append(images.reshape(-1, 3, 32, 32))
        written[part] = np.concatenate(batches)
    meta, key = ("batches.meta", "label_names") if name == "cifar10" else ("meta", "fine_label_names")
    (folder / meta).write_bytes(pickle.dumps({key: [f"class {index}" for index in range(classes)]}))
    return written


def write_svhn(root: Path) -> dict[str, np.ndarray]:
    written = {}
    for part, count in COUNTS.items():
        images = RANDOM.integers(0, 256, (32, 32, 3, count), dtype=np.uint8)
        label = (np.arange(count, dtype=np.uint8) % 10 + 1)[:, None]  # 1 ... 10, where 10 is the digit 0
        savemat(root / f"{part}_32x32.mat", {"X": images, "y": label})
        written[part] = images.transpose(3, 2, 0, 1)
    return written


def write(name: str, root: Path) -> dict[str, np.ndarray]:
    if name in ("mnist", "fashion_mnist"):
        return write_idx(root, "MNIST" if name == "mnist" else "FashionMNIST")
    return write_svhn(root) if name == "svhn" else write_cifar(root, name)


@pytest.mark.parametrize("name", DOWNLOADED)
def test_files_in_the_published_format_give_their_pixels_labels_and_statistics(
    name: str, tmp_path: Path
) -> None:
    written = write(name, tmp_path)
    data = load_dataset(name, tmp_path)
    entry = CATALOGUE[name]
    assert data.shape == entry.shape
    assert len(data.class_names) == entry.classes
    for part, images in ((data.train, written["train"]), (data.test, written["test"])):
        assert part.images.dtype == torch.uint8
        assert torch.equal(part.images, torch.from_numpy(images.copy()))
        assert part.images.is_contiguous()
        expected = np.arange(len(images)) % entry.classes
        if name == "svhn":
            expected = (expected + 1) % 10
        elif name == "cifar10" and part is data.train:
            expected = np.tile(np.arange(COUNTS["train"]) % 10, 5)
        assert part.label.tolist() == expected.tolist()
        assert (part.statistics.mean, part.statistics.std) == (entry.mean, entry.std)
    assert "published" in data.notes[0]  # it says that these are not the real thing


@pytest.mark.parametrize("name", DOWNLOADED)
def test_damaged_files_give_a_sentence_that_names_the_folder(name: str, tmp_path: Path) -> None:
    write(name, tmp_path)
    for file in CATALOGUE[name].files[:1]:
        content = (tmp_path / file).read_bytes()
        (tmp_path / file).write_bytes(content[: len(content) // 2])
    with pytest.raises(
        ValueError, match=r"on disk cannot be read: .*delete its files in .* and download"
    ) as raised:
        load_dataset(name, tmp_path)
    assert str(tmp_path) in str(raised.value)


@pytest.mark.parametrize("name", DOWNLOADED)
def test_absent_data_give_a_sentence_with_what_is_there(name: str, tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"is not on disk under .*run with --download \(\d+ MB\).*there: fashion, digits"
    ):
        load_dataset(name, tmp_path)


def test_labels_outside_the_classes_are_refused(tmp_path: Path) -> None:
    write("mnist", tmp_path)
    file = tmp_path / "MNIST/raw/train-labels-idx1-ubyte"
    file.write_bytes(file.read_bytes()[:-1] + b"\x0a")
    with pytest.raises(ValueError, match="labels run from 0 to 10"):
        load_dataset("mnist", tmp_path)


def test_a_cifar_file_that_carries_code_is_refused_and_not_run(tmp_path: Path) -> None:
    write("cifar10", tmp_path)

    class Carrier:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "it-ran",))

    (tmp_path / "cifar-10-batches-py/data_batch_3").write_bytes(
        pickle.dumps({"data": Carrier(), "labels": []})
    )
    with pytest.raises(
        ValueError, match=r"data_batch_3 is no CIFAR file or is damaged .*no CIFAR file needs"
    ):
        load_dataset("cifar10", tmp_path)
    assert not (tmp_path / "it-ran").exists()


def test_python_2_pickles_of_the_published_kind_are_read(tmp_path: Path) -> None:
    """Python 2 wrote an array's bytes as a str; protocol 0 text is how such a file looks."""
    write("cifar10", tmp_path)
    header = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I1\nI3072\nt"
    array = (
        header
        + b"cnumpy\ndtype\n(S'u1'\nI0\nI1\ntR(I3\nS'|'\nNNNI-1\nI-1\nI0\ntbI00\nS'"
        + b"\\x07" * 3072
        + b"'\ntb"
    )
    (tmp_path / "cifar-10-batches-py/data_batch_1").write_bytes(
        b"(dS'data'\n" + array + b"sS'labels'\n(lI4\nas."
    )
    data = load_dataset("cifar10", tmp_path)
    assert data.train.images[0].unique().tolist() == [7]
    assert data.train.label[0] == 4


def test_digits_are_those_of_scikit_learn(digits: DataSet) -> None:
    from sklearn.datasets import load_digits

    published = load_digits()
    ours = torch.cat((digits.train.images, digits.test.images)).flatten(1)
    levels = (ours.double() * 16 / 255).round()
    assert sorted(map(tuple, levels.tolist())) == sorted(map(tuple, published.data.tolist()))


def test_digits_are_split_once_in_proportion(digits: DataSet) -> None:
    assert (len(digits.train), len(digits.test)) == (1437, 360)
    assert {len(members) for members in digits.test.by_class} <= {35, 36, 37}
    again = load_dataset("digits")
    assert torch.equal(again.test.images, digits.test.images)
    assert again.digest == digits.digest == "cd863dc8a0ca3af8"


def test_measured_statistics_make_the_training_images_standard(digits: DataSet) -> None:
    normal = digits.train.statistics.normalise(digits.train.images)
    assert normal.mean().abs() < 1e-4
    assert (normal.std(correction=0) - 1).abs() < 1e-4


def test_digest_differs_when_one_pixel_or_one_label_does(digits: DataSet) -> None:
    from dataclasses import replace

    images = digits.train.images.clone()
    images[7, 0, 3, 3] ^= 1
    label = digits.test.label.clone()
    label[0] = (label[0] + 1) % 10
    changed = (
        replace(digits, train=replace(digits.train, images=images)),
        replace(digits, test=replace(digits.test, label=label)),
    )
    assert len({digits.digest, *(data.digest for data in changed)}) == 3


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [("CIFAR-10", "cifar10"), ("fashionmnist", "fashion_mnist"), ("Digits", "digits"), ("mnits", "mnist")],
)
def test_an_unknown_name_is_answered_with_the_nearest(wrong: str, meant: str) -> None:
    with pytest.raises(ValueError, match=f"did you mean {meant}\\?"):
        load_dataset(wrong)


def test_a_missing_path_and_an_empty_name_are_answered_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is nothing at"):
        load_dataset(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="no data set is named"):
        load_dataset("")


def test_the_listing_says_what_is_on_disk(tmp_path: Path) -> None:
    write("svhn", tmp_path)
    listing = {entry.name: entry for entry in describe_datasets(tmp_path)}
    assert {name for name, entry in listing.items() if entry.on_disk} == {"fashion", "digits", "svhn"}
    assert listing["digits"].download_bytes == 0
    assert all(entry.download_bytes > 10_000_000 for entry in listing.values() if entry.files)


def test_the_data_root_is_the_option_then_the_variable_then_the_cache(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DM_DATA", "/from/variable")
    assert find_data_root("/from/option") == Path("/from/option")
    assert find_data_root() == Path("/from/variable")
    monkeypatch.delenv("DM_DATA")
    assert "dm-explorer" in find_data_root().parts


def test_the_listing_needs_no_torch() -> None:
    code = (
        "import sys\n"
        "from dmcore.data.catalogue import describe_datasets\n"
        "describe_datasets()\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
