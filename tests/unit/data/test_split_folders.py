"""Folders of training and test images under any of their usual names; classes that only sound like them."""

from pathlib import Path

import pytest
from support.image_folders import fill, save_picture, zipped

from dmcore.data.class_folders import count_smallest_class, describe_folder
from dmcore.data.labels.split_folders import split_name
from dmcore.data.load import load_dataset


@pytest.mark.parametrize(
    ("training", "testing"),
    [
        ("train", "dev"),
        ("train", "eval"),
        ("training", "evaluation"),
        ("train_set", "test_set"),
        ("TrainingSet", "TestSet"),
        ("trainset", "testset"),
        ("TRAIN", "VALID"),
        ("training_set/training_set", "test_set/test_set"),
        ("seg_train/seg_train", "seg_test/seg_test"),
        ("train_data", "val-data"),
        ("train_images", "test images"),
        ("train/images", "test/images"),
        ("Train/data/images", "Val/data/images"),
        ("flowers_train", "flowers_test"),
        ("train2017", "val2017"),
        ("ILSVRC2012_img_train", "ILSVRC2012_img_val"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_parts_of_a_data_set_are_not_its_classes(
    training: str, testing: str, packed: bool, tmp_path: Path
) -> None:
    top = fill(tmp_path / "mine", [f"{training}/{name}" for name in ("cat", "dog")], count=3)
    fill(top, [f"{testing}/{name}" for name in ("cat", "dog")], count=2)
    data = load_dataset(zipped(top, tmp_path / "mine.zip", "mine/") if packed else top)
    assert data.class_names == ("cat", "dog")
    assert (len(data.train), len(data.test)) == (6, 4)
    assert data.notes == ()
    assert count_smallest_class(str(top)) == 3


@pytest.mark.parametrize(
    "names",
    [
        ("trains", "cars"),
        ("test tubes", "beakers"),
        ("train station", "test station", "bus station"),
        ("train tracks", "test tubes"),
        ("latest", "oldest"),
        ("development", "research", "training"),
        ("prévalidation", "train"),
        ("images_of_cats", "images_of_dogs"),
        ("devices", "evaluate"),
    ],
)
def test_classes_that_sound_like_parts_are_classes(names: tuple[str, ...], tmp_path: Path) -> None:
    assert load_dataset(fill(tmp_path, names)).class_names == tuple(sorted(names))


def test_images_in_folders_without_labels_are_left_out_each_with_the_reason(tmp_path: Path) -> None:
    fill(
        tmp_path, [f"seg_{part}/seg_{part}/{name}" for part in ("train", "test") for name in ("sea", "wood")]
    )
    fill(tmp_path, ["seg_pred/seg_pred"], count=3)
    data = load_dataset(tmp_path)
    assert data.class_names == ("sea", "wood")
    assert (len(data.train), len(data.test)) == (10, 10)
    assert data.notes == ("3 images were left out, in seg_pred/ without labels.",)
    assert ("seg_pred/seg_pred/1.png", "images in seg_pred/ have no labels") in data.left_out
    assert len(data.left_out) == 3


def test_val_is_the_test_set_where_test_has_no_labels(tmp_path: Path) -> None:
    fill(tmp_path, ["train/a", "train/b", "val/a", "val/b", "test"], count=4)
    data = load_dataset(tmp_path)
    assert (len(data.train), len(data.test)) == (8, 8)
    assert data.notes == ("4 images were left out, in test/ without labels.",)


def test_without_labelled_test_images_a_share_of_the_others_is_kept(tmp_path: Path) -> None:
    fill(tmp_path, ["train/a", "train/b", "test"], count=10)
    data = load_dataset(tmp_path)
    assert (len(data.train), len(data.test)) == (16, 4)
    assert data.notes[0] == "10 images were left out, in test/ without labels."
    assert data.notes[1].startswith("There are no labelled test images: 4 of 20 images")
    assert describe_folder(str(tmp_path)) == "20 images of 2 classes: a, b."


def test_parts_of_images_without_labels_are_refused_not_taken_for_classes(tmp_path: Path) -> None:
    fill(tmp_path, ["train_images", "test_images"])
    with pytest.raises(ValueError, match="no class folders: put the images of each class in a folder"):
        load_dataset(tmp_path)


def test_test_folders_alone_are_refused(tmp_path: Path) -> None:
    fill(tmp_path, ["test_set/a", "test_set/b", "val_set/a", "val_set/b"])
    with pytest.raises(ValueError, match="no train/ folder"):
        load_dataset(tmp_path)


def test_folders_for_each_class_and_part_are_two_classes_not_four(tmp_path: Path) -> None:
    names = ("golden retriever", "Cat")
    fill(tmp_path, [f"{name}_train" for name in names], count=4)
    fill(tmp_path, [f"{name}-test" for name in names], count=3)
    data = load_dataset(tmp_path)
    assert data.class_names == ("cat", "golden retriever")
    assert (len(data.train), len(data.test)) == (8, 6)
    assert data.notes == ()
    (tmp_path / "golden retriever-test").rename(tmp_path / "golden retriever")
    assert len(load_dataset(tmp_path).class_names) == 4, "not all of them are such folders"


def test_words_that_stand_in_a_name() -> None:
    assert split_name("seg_train") == split_name("Train-Images") == split_name("trainset") == ("train", ())
    assert split_name("flowers_val") == ("val", ("flowers", ""))
    for name in ("trains", "train_test_split", "contest", "", "été"):
        assert split_name(name) is None


@pytest.mark.parametrize("packed", [False, True])
def test_folders_without_images_are_named(packed: bool, tmp_path: Path) -> None:
    top = fill(tmp_path / "mine", ["cat", "dog"])
    (top / "horse").mkdir()
    (top / "cow").mkdir()
    (top / "cow" / "1.heic").write_bytes(b"a phone's")
    data = load_dataset(zipped(top, tmp_path / "z.zip") if packed else top)
    assert data.class_names == ("cat", "dog")
    assert "2 folders beside the classes hold no images and are no classes: cow, horse." in data.notes
    assert ("horse/", "it holds no images") in data.left_out
    assert ("cow/1.heic", "its name is not an image's") in data.left_out


def test_an_empty_training_folder_is_named_and_one_with_test_images_is_refused(tmp_path: Path) -> None:
    fill(tmp_path, ["train_set/cat", "train_set/dog", "test_set/cat", "test_set/dog"])
    (tmp_path / "train_set" / "cow").mkdir()
    (tmp_path / "test_set" / "cow").mkdir()
    note = "1 folder beside the classes holds no images and is no class: cow."
    assert load_dataset(tmp_path).notes == (note,)
    save_picture(tmp_path / "test_set" / "cow" / "1.png")
    with pytest.raises(ValueError, match="no training images of 'cow', found under test_set/"):
        load_dataset(tmp_path)


def test_further_parts_of_classes_are_told_to_be_outside(tmp_path: Path) -> None:
    fill(
        tmp_path, [f"{name}_{part}" for name in ("cat", "dog") for part in ("train", "val", "test")], count=4
    )
    data = load_dataset(tmp_path)
    assert (data.class_names, len(data.train), len(data.test)) == (("cat", "dog"), 8, 8)
    assert "8 images were left out, outside train and test." in data.notes
    assert ("cat_val/0.png", "it lies outside train and test") in data.left_out
