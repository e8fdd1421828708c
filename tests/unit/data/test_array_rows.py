"""Images of npz files: the names that their arrays usually have, shapes, scales, and what is refused."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from dmcore.data.class_folders import count_smallest_class, describe_folder
from dmcore.data.load import load_dataset

LABEL = np.arange(20) % 2
PIXELS = np.random.default_rng(0).integers(0, 256, (20, 16, 16, 3), dtype=np.uint8)


def saved(path: Path, **arrays: object) -> Path:
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize(
    ("images", "labels", "tested"),
    [
        ("x_train", "y_train", ("x_test", "y_test")),
        ("train_images", "train_labels", ("test_images", "test_labels")),
        ("X_train", "Y_train", ("X_val", "Y_val")),
        ("trainX", "trainY", ("testX", "testY")),
        ("train_data", "train_targets", ("dev_data", "dev_targets")),
        ("images", "labels", None),
        ("x", "y", None),
        ("arr_0", "arr_1", None),
    ],
)
def test_arrays_by_their_usual_names(
    images: str, labels: str, tested: tuple[str, str] | None, tmp_path: Path
) -> None:
    arrays = {images: PIXELS, labels: LABEL}
    if tested is not None:
        arrays |= {tested[0]: PIXELS[:6], tested[1]: LABEL[:6, None]}
    path = saved(tmp_path / "mine.npz", **arrays)
    data = load_dataset(path)
    assert data.title == "mine"
    assert data.class_names == ("0", "1")
    assert (len(data.train), len(data.test)) == ((20, 6) if tested else (16, 4))
    if tested:
        assert torch.equal(data.train.images, torch.from_numpy(PIXELS.transpose(0, 3, 1, 2)))
        assert data.train.label.tolist() == LABEL.tolist()
        assert data.notes == ()
    assert describe_folder(str(path)).startswith("20 images")
    assert count_smallest_class(str(path)) == (10 if tested else 8)


def test_medmnist_is_trained_and_tested_as_published(tmp_path: Path) -> None:
    grey = PIXELS[..., 0]
    parts = {"train": 20, "val": 8, "test": 6}
    arrays = {f"{part}_images": grey[:number] for part, number in parts.items()}
    arrays |= {f"{part}_labels": LABEL[:number, None].astype(np.uint8) for part, number in parts.items()}
    data = load_dataset(saved(tmp_path / "pneumoniamnist.npz", **arrays))
    assert data.shape == (1, 16, 16)
    assert (len(data.train), len(data.test)) == (20, 6)
    assert data.notes == ("8 images were left out, in val_images neither in train nor in the test set.",)
    assert [entry.path for entry in data.left_out] == ["val_images"]


FORMS = {
    "channels first": PIXELS.transpose(0, 3, 1, 2),
    "from 0 to 1": PIXELS / np.float32(255),
    "from 0 to 255 as floats": PIXELS.astype(np.float64),
    "whole numbers of 64 bits": PIXELS.astype(np.int64),
    "other byte order": PIXELS.astype(">i4"),
}


@pytest.mark.parametrize("form", FORMS)
def test_arrays_of_any_shape_and_scale_give_the_same_pixels(form: str, tmp_path: Path) -> None:
    plain = saved(tmp_path / "plain.npz", images=PIXELS, labels=LABEL)
    other = saved(tmp_path / "other.npz", images=FORMS[form], labels=LABEL)
    assert load_dataset(other).digest == load_dataset(plain).digest


def test_grey_masks_12_bits_and_transparency(tmp_path: Path) -> None:
    grey = PIXELS[..., 0]
    data = load_dataset(saved(tmp_path / "grey.npz", images=grey[..., None], labels=LABEL))
    assert data.shape == (1, 16, 16)
    masks = load_dataset(saved(tmp_path / "masks.npz", images=grey > 100, labels=LABEL))
    assert torch.unique(masks.train.images).tolist() == [0, 255]
    scans = grey.astype(np.uint16) * 16
    data = load_dataset(saved(tmp_path / "scans.npz", images=scans, labels=LABEL))
    assert "20 images were reduced from 12 to 8 bits." in data.notes
    assert set(torch.unique(data.train.images).tolist()) <= set(grey.ravel().tolist())
    glass = np.concatenate([PIXELS, np.zeros_like(PIXELS[..., :1])], axis=3)
    data = load_dataset(saved(tmp_path / "glass.npz", images=glass, labels=LABEL))
    assert (data.train.images == 255).all()


def test_labels_as_names_columns_and_with_names(tmp_path: Path) -> None:
    words = np.array(["cat", "dog"])
    named = load_dataset(saved(tmp_path / "a.npz", images=PIXELS, labels=words[LABEL]))
    assert named.class_names == ("cat", "dog")
    columns = np.eye(2)[LABEL]
    given = load_dataset(saved(tmp_path / "b.npz", images=PIXELS, labels=columns, class_names=words))
    assert given.class_names == ("cat", "dog")
    assert given.digest == named.digest
    data = load_dataset(saved(tmp_path / "c.npz", images=PIXELS, labels=np.where(LABEL, 10, 9)))
    assert data.class_names == ("9", "10")
    stored = load_dataset(tmp_path / "c.npz", class_names=("10", "9"))
    assert stored.class_names == ("10", "9")


def bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, shape in (("images", (4_000_000, 8, 8)), ("labels", (4_000_000,))):
            stream = io.BytesIO()
            np.lib.format.write_array_header_1_0(
                stream, {"descr": "|u1", "fortran_order": False, "shape": shape}
            )
            archive.writestr(f"{name}.npy", stream.getvalue() + bytes(int(np.prod(shape))))
    return path


REFUSED = {
    "objects": ({"images": PIXELS, "labels": np.array([{}] * 20)}, "holds Python objects"),
    "one label too few": ({"images": PIXELS, "labels": LABEL[1:]}, "give each image one label"),
    "several labels": ({"images": PIXELS, "labels": np.ones((20, 3))}, "several labels for an image"),
    "fractions": ({"images": PIXELS, "labels": LABEL / 3}, "neither whole numbers nor names"),
    "other names": ({"a": PIXELS, "b": LABEL}, "the arrays a, b: name them images and labels"),
    "flat": ({"images": PIXELS.reshape(20, -1), "labels": LABEL}, r"the shape \[20, 768\]: give"),
    "no channels": ({"images": np.zeros((20, 5, 9, 9)), "labels": LABEL}, "without 1, 3 or 4 channels"),
    "normalised": ({"images": PIXELS / 255 - 0.5, "labels": LABEL}, "no pixels: give uint8"),
    "not numbers": ({"images": np.full((20, 9, 9), np.nan), "labels": LABEL}, "no pixels: give uint8"),
    "one class": ({"images": PIXELS, "labels": LABEL * 0}, "of one class only"),
    "too few names": ({"images": PIXELS, "labels": LABEL, "class_names": ["a"]}, "beyond its 1 class names"),
    "no training": ({"test_images": PIXELS, "test_labels": LABEL}, "no labelled training images"),
    "unknown in the test": (
        {"x_train": PIXELS, "y_train": LABEL, "x_test": PIXELS, "y_test": LABEL + 1},
        "test images of classes without training images",
    ),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_is_no_data_set_is_refused_with_a_remedy(why: str, tmp_path: Path) -> None:
    arrays, sentence = REFUSED[why]
    with pytest.raises(ValueError, match=sentence):
        load_dataset(saved(tmp_path / "mine.npz", **arrays))


def test_a_bomb_and_a_damaged_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="would unpack from"):
        load_dataset(bomb(tmp_path / "bomb.npz"))
    path = saved(tmp_path / "torn.npz", images=PIXELS, labels=LABEL)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="cannot be read as plain arrays"):
        load_dataset(path)
