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


@pytest.mark.parametrize("bits", [10, 12, 16])
def test_colours_of_more_than_8_bits_are_scaled_by_the_bits_that_all_use(bits: int, tmp_path: Path) -> None:
    plain = saved(tmp_path / "plain.npz", x_train=PIXELS, y_train=LABEL, x_test=PIXELS // 4, y_test=LABEL)
    deep = {name: image.astype(np.uint16) << (bits - 8) for name, image in np.load(plain).items()}
    for name in ("y_train", "y_test"):
        deep[name] = LABEL
    assert load_dataset(saved(tmp_path / "deep.npz", **deep)).digest == load_dataset(plain).digest
    full = np.full_like(PIXELS[..., :1], 255)
    glass = np.concatenate([PIXELS, full], axis=3).astype(np.uint16) << (bits - 8)
    data = load_dataset(
        saved(tmp_path / "glass.npz", x_train=glass, y_train=LABEL, x_test=glass, y_test=LABEL)
    )
    assert torch.equal(data.train.images, load_dataset(plain).train.images)


@pytest.mark.parametrize("kind", [bool, np.int8, np.uint8, np.int64, np.float16])
def test_masks_of_any_type(kind: type, tmp_path: Path) -> None:
    masks = (PIXELS[..., 0] > 100).astype(kind)
    data = load_dataset(saved(tmp_path / "masks.npz", images=masks, labels=LABEL))
    assert torch.unique(data.train.images).tolist() == [0, 255]


def test_floats_a_little_outside_their_range_are_kept_on_its_scale(tmp_path: Path) -> None:
    plain = saved(tmp_path / "plain.npz", images=PIXELS, labels=LABEL)
    for highest in (1, 255):
        floats = PIXELS / np.float32(255 / highest)
        floats[PIXELS == 255] += 2e-5 * highest / 255
        floats[PIXELS == 0] -= 2e-5
        path = saved(tmp_path / f"{highest}.npz", images=floats, labels=LABEL)
        assert load_dataset(path).digest == load_dataset(plain).digest


NUMBERS = np.arange(20)
BESIDE = {
    "identifiers": {"image_ids": NUMBERS, "label_ids": NUMBERS},
    "flat ones of scikit-learn": {"data": PIXELS.reshape(20, -1), "target_names": np.array(["a", "b"])},
    "objects": {"image_files": np.array([{}] * 20)},
    "other labels": {"coarse_labels": LABEL * 0},
}


@pytest.mark.parametrize("kind", BESIDE)
def test_images_and_labels_are_told_from_the_arrays_beside_them(kind: str, tmp_path: Path) -> None:
    plain = load_dataset(saved(tmp_path / "plain.npz", images=PIXELS, labels=LABEL))
    path = saved(tmp_path / "mine.npz", **BESIDE[kind], images=PIXELS, labels=LABEL)
    assert load_dataset(path).train_digest == plain.train_digest


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
    "two kinds of labels": (
        {"images": PIXELS, "coarse_labels": LABEL, "fine_labels": LABEL},
        r"several arrays that may be its labels \(coarse_labels, fine_labels\): keep one",
    ),
    "up to 1.5": ({"images": PIXELS / 170, "labels": LABEL}, "from 0 to 1.5, which are no pixels"),
    "two scales": (
        {"x_train": PIXELS, "y_train": LABEL, "x_test": PIXELS / 255, "y_test": LABEL},
        "which are no pixels",
    ),
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
