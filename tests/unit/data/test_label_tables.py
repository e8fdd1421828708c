"""Labels from tables beside the images: Hugging Face's metadata, competitions' CSV, Tiny ImageNet."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.image_folders import fill, save_picture, zipped

from dmcore.data.class_folders import describe_folder
from dmcore.data.images import DataSet, LabelledImages
from dmcore.data.labels.image_index import ImageIndex
from dmcore.data.listing import ListedFile
from dmcore.data.load import load_dataset

CAT, DOG = 40, 200


def pets(top: Path, names: list[str]) -> dict[str, str]:
    """Images by turns of a cat, which is dark, and a dog; the label of each."""
    labels = {name: ("cat", "dog")[index % 2] for index, name in enumerate(names)}
    for name, label in labels.items():
        save_picture(top / name, CAT if label == "cat" else DOG)
    return labels


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def is_right(part: LabelledImages) -> bool:
    """Whether the dark images are the cats."""
    names = [part.class_names[label] for label in part.label]
    shades = part.images[:, 0, 8, 8].tolist()
    return all((name in ("cat", "0")) == (shade < 100) for name, shade in zip(names, shades, strict=True))


def check(data: DataSet, train: int, test: int, names: tuple[str, ...] = ("cat", "dog")) -> None:
    assert data.class_names == names
    assert (len(data.train), len(data.test)) == (train, test)
    assert is_right(data.train)
    assert is_right(data.test)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_metadata_in_each_part_labels_its_images(kind: str, packed: bool, tmp_path: Path) -> None:
    top = tmp_path / "pets"
    for part, number in (("train", 6), ("test", 4)):
        labels = pets(top / part, [f"{index:04d}.png" for index in range(number)])
        if kind == "csv":
            rows = [f'{name},{label},"a {label}, sitting"' for name, label in labels.items()]
            write(top / part / "metadata.csv", "\n".join(("file_name,label,text", *rows)))
        else:
            rows = [json.dumps({"file_name": name, "label": label}) for name, label in labels.items()]
            write(top / part / "metadata.jsonl", "\n".join(rows))
    data = load_dataset(zipped(top, tmp_path / "pets.zip") if packed else top)
    check(data, 6, 4)
    assert data.notes == (
        f"The classes of 10 images are those in test/metadata.{kind} and train/metadata.{kind}.",
    )
    assert data.left_out == ()


def test_the_package_datasets_finds_the_same_labels(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    for part in ("train", "test"):
        labels = pets(tmp_path / "pets" / part, [f"{index:04d}.png" for index in range(6)])
        rows = [json.dumps({"file_name": name, "label": label}) for name, label in labels.items()]
        write(tmp_path / "pets" / part / "metadata.jsonl", "\n".join(rows))
    theirs = datasets.load_dataset(
        "imagefolder", data_dir=str(tmp_path / "pets"), cache_dir=str(tmp_path / "c")
    )
    ours = load_dataset(tmp_path / "pets")
    for part, mine in (("train", ours.train), ("test", ours.test)):
        expected = sorted((row["label"], row["image"].convert("L").getpixel((8, 8))) for row in theirs[part])
        shades = mine.images[:, 0, 8, 8].tolist()
        names = [mine.class_names[label] for label in mine.label.tolist()]
        assert sorted(zip(names, shades, strict=True)) == expected


def test_metadata_at_the_top_labels_the_images_of_all_parts(tmp_path: Path) -> None:
    labels = pets(tmp_path, [f"{part}/{index}.png" for part in ("train", "validation") for index in range(4)])
    numbers = {"cat": 0, "dog": 1}
    rows = [json.dumps({"file_name": name, "label": numbers[label]}) for name, label in labels.items()]
    write(tmp_path / "metadata.jsonl", "\n".join(rows))
    check(load_dataset(tmp_path), 4, 4, ("0", "1"))


def test_metadata_wins_over_folders_that_are_no_classes(tmp_path: Path) -> None:
    labels = pets(tmp_path, [f"patient_{index // 4}/{index}.png" for index in range(20)])
    rows = [f"{name},{label}" for name, label in labels.items()]
    write(tmp_path / "metadata.csv", "\n".join(("file_name,label", *rows)))
    check(load_dataset(tmp_path), 16, 4)


def test_class_folders_stay_where_a_table_says_the_same_in_other_words(tmp_path: Path) -> None:
    fill(tmp_path, ["cat", "dog"])
    before = load_dataset(tmp_path).digest
    rows = [
        f"{name}/{index}.png,{'katze' if name == 'cat' else 'hund'}"
        for name in ("cat", "dog")
        for index in range(5)
    ]
    write(tmp_path / "metadata.csv", "\n".join(("file_name,label", *rows)))
    data = load_dataset(tmp_path)
    assert data.class_names == ("cat", "dog")
    assert data.digest == before


COMPETITIONS: dict[str, Callable[[dict[str, str]], tuple[str, str]]] = {
    "ids and breeds": lambda labels: (
        "labels.csv",
        "id,breed\n" + "\n".join(f"{name[:-4]},{label}" for name, label in labels.items()),
    ),
    "names, other columns, a mark at the start": lambda labels: (
        "train.csv",
        "\ufeffage,image_id,dx\n"
        + "\n".join(f"{len(name)},{name},{label}" for name, label in labels.items()),
    ),
    "semicolons and a title of its own": lambda labels: (
        "list.csv",
        "Bild;Tier\n" + "\n".join(f"{name};{label}" for name, label in labels.items()),
    ),
    "a column for each class": lambda labels: (
        "truth.csv",
        "image,cat,dog\n"
        + "\n".join(
            f"{name[:-4]},{float(label == 'cat')},{float(label == 'dog')}" for name, label in labels.items()
        ),
    ),
    "no titles": lambda labels: (
        "labels.csv",
        "\n".join(f"{name},{label}" for name, label in labels.items()),
    ),
    "paths of another machine": lambda labels: (
        "labels.csv",
        "path,label\n" + "\n".join(f"C:\\data\\images\\{name},{label}" for name, label in labels.items()),
    ),
    "text with spaces": lambda labels: (
        "labels.txt",
        "\n".join(f"{name} {label}" for name, label in labels.items()),
    ),
}


@pytest.mark.parametrize("kind", COMPETITIONS)
@pytest.mark.parametrize("folder", ["", "images", "pets/images"])
def test_one_table_beside_a_folder_of_images(folder: str, kind: str, tmp_path: Path) -> None:
    labels = pets(tmp_path / folder, [f"p{index:03d}.jpg" for index in range(20)])
    name, text = COMPETITIONS[kind](labels)
    write(tmp_path / name, text)
    data = load_dataset(tmp_path)
    check(data, 16, 4)
    assert data.notes[0] == f"The classes of 20 images are those in {name}."
    assert describe_folder(str(tmp_path)) == "20 images of 2 classes: cat, dog."


@pytest.mark.parametrize("is_sorted", [False, True])
def test_images_in_numbered_folders_are_labelled_by_their_table(is_sorted: bool, tmp_path: Path) -> None:
    step = 10 if is_sorted else 1
    labels = {
        f"images_part_{1 + index // 10}/i{index}.jpg": ("cat", "dog")[index // step % 2]
        for index in range(20)
    }
    for name, label in labels.items():
        save_picture(tmp_path / name, CAT if label == "cat" else DOG)
    rows = [f"{Path(name).stem},{label},{index}" for index, (name, label) in enumerate(labels.items())]
    write(tmp_path / "metadata_of_skin.csv", "\n".join(("image_id,dx,age", *rows)))
    check(load_dataset(tmp_path), 16, 4)


def test_class_folders_stay_where_a_table_only_knows_more_about_them(tmp_path: Path) -> None:
    fill(tmp_path, ["cat", "dog"])
    rows = [f"{name}/{index}.png,{name} {index % 2}" for name in ("cat", "dog") for index in range(5)]
    write(tmp_path / "breeds.csv", "\n".join(("path,label", *rows)))
    assert load_dataset(tmp_path).class_names == ("cat", "dog")


def test_a_competition_with_test_images_without_labels(tmp_path: Path) -> None:
    labels = pets(tmp_path / "train", [f"{index}.jpg" for index in range(10)])
    pets(tmp_path / "test", [f"{index}.jpg" for index in range(6)])  # numbered anew
    write(
        tmp_path / "train.csv", "id,label\n" + "\n".join(f"{n[:-4]},{label}" for n, label in labels.items())
    )
    write(tmp_path / "test.csv", "id\n" + "\n".join(map(str, range(6))))
    write(tmp_path / "sample_submission.csv", "id,label\n" + "\n".join(f"{index},cat" for index in range(6)))
    data = load_dataset(tmp_path)
    check(data, 8, 2)
    assert "6 images were left out, in test/ without labels." in data.notes
    assert {entry.path for entry in data.left_out} == {
        *("sample_submission.csv", "test.csv"),
        *(f"test/{index}.jpg" for index in range(6)),
    }


def test_a_column_or_two_tables_split_one_folder(tmp_path: Path) -> None:
    names = [f"{index}.png" for index in range(12)]
    labels = pets(tmp_path / "one" / "images", names)
    rows = [f"{name},{label},{'train' if int(name[:-4]) < 8 else 'val'}" for name, label in labels.items()]
    write(tmp_path / "one" / "all.csv", "\n".join(("filename,label,split", *rows)))
    check(load_dataset(tmp_path / "one"), 8, 4)
    pets(tmp_path / "two" / "images", names)
    for part, kept in (("train", rows[:8]), ("test", rows[8:])):
        write(tmp_path / "two" / f"{part}.csv", "\n".join(("filename,label,x", *kept)))
    check(load_dataset(tmp_path / "two"), 8, 4)


def test_images_that_the_table_does_not_name_are_left_out_by_name(tmp_path: Path) -> None:
    labels = pets(tmp_path / "images", [f"{index}.png" for index in range(20)])
    save_picture(tmp_path / "images" / "unknown.png")
    write(tmp_path / "labels.csv", "image,label\n" + "\n".join(f"{n},{label}" for n, label in labels.items()))
    data = load_dataset(tmp_path)
    check(data, 16, 4)
    assert "1 image was left out, having none in labels.csv: images/unknown.png." in data.notes
    assert data.left_out == (("images/unknown.png", "labels.csv has no class for it"),)


def test_a_table_whose_columns_are_unclear_is_refused_with_a_remedy(tmp_path: Path) -> None:
    pets(tmp_path / "images", [f"{index}.png" for index in range(6)])
    write(tmp_path / "list.csv", "image,colour,size\n" + "\n".join(f"{n}.png,red,{n % 3}" for n in range(6)))
    with pytest.raises(
        ValueError, match=r"list.csv names the images.*\(colour, size\): call that column label"
    ):
        load_dataset(tmp_path)


def test_a_table_that_is_none_or_damaged_is_no_obstacle(tmp_path: Path) -> None:
    fill(tmp_path, ["cat", "dog"])
    before = load_dataset(tmp_path).digest
    (tmp_path / "labels.csv").write_bytes(b"\0\xff" * 100)
    (tmp_path / "metadata.jsonl").write_text('{"file_name": [[[\n')
    (tmp_path / "deep.jsonl").write_text("[" * 100_000)
    (tmp_path / "cat" / "empty.csv").write_text("")
    (tmp_path / "dog" / "wide.csv").write_text("x," * 200_000)
    (tmp_path / "dog" / "long.csv").write_text('a,b\n"' + "x" * 200_000 + '",1')
    (tmp_path / "blank.csv").write_text("   ,  \n , ")
    (tmp_path / "people.csv").write_text("name,label\nanna,1\nbert,0")
    assert load_dataset(tmp_path).digest == before


def test_a_table_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dmcore.data.limits.MOST_TABLE_BYTES", 1000)
    fill(tmp_path, ["images"])
    write(tmp_path / "labels.csv", "x" * 2000)
    with pytest.raises(ValueError, match=r"labels.csv is a table of more than .* keep only its columns"):
        load_dataset(tmp_path)
    fill(tmp_path, ["cat"])
    data = load_dataset(tmp_path)
    assert data.class_names == ("cat", "images")
    assert [entry.path for entry in data.left_out] == ["labels.csv"]
    assert "1 table was left out because it is too large or cannot be read: labels.csv." in data.notes


def table(labels: dict[str, str], titles: str = "file_name,label") -> str:
    return "\n".join((titles, *(f"{name},{label}" for name, label in labels.items())))


def test_the_row_of_a_lost_image_is_not_given_to_another_class(tmp_path: Path) -> None:
    labels = {
        f"{name}/{index}.png": name for name in ("cat", "dog") for index in range(1, 7)
    }  # as on the way from one folder to the other: the table lists all of them
    write(tmp_path / "metadata.csv", table(labels))
    for name, label in labels.items():
        if name != "cat/1.png":
            save_picture(tmp_path / name, CAT if label == "cat" else DOG)
    data = load_dataset(tmp_path)
    check(data, 9, 2)
    assert data.notes[0].startswith("There are no labelled test images")


@pytest.mark.parametrize("folder", ["", "images/", "C:\\data\\", "all/data/"])
def test_folders_of_another_machine_do_not_matter(folder: str, tmp_path: Path) -> None:
    labels = pets(tmp_path, [f"batch_{1 + index // 10}/i{index}.png" for index in range(20)])
    rows = {f"{folder}{Path(name).name}": label for name, label in labels.items()}
    write(tmp_path / "labels.csv", table(rows))
    check(load_dataset(tmp_path), 16, 4)


@pytest.mark.parametrize("folder", ["b", "x/b", "test"])
def test_the_row_of_an_image_in_another_folder_is_not_taken(folder: str) -> None:
    files = [ListedFile((*name.split("/"), "1.png"), bytes) for name in ("a", "b/c", "x/a")]
    index = ImageIndex([*files, ListedFile(("b", "2.png"), bytes)])
    assert index.find(f"{folder}/1.png") is None
    assert index.find("c/1.png") == index.find("there/b/c/1.png") == ("b", "c", "1.png")


def test_names_that_differ_in_case_only_are_told_apart(tmp_path: Path) -> None:
    names = [f"{letter}.png" for letter in "aAbBcCdDeEfF"]
    labels = pets(tmp_path / "images", names)
    write(tmp_path / "labels.csv", table(labels))
    check(load_dataset(tmp_path), 10, 2)
    shouted = {f"IMAGES/{name.upper()}": label for name, label in labels.items()}
    write(tmp_path / "labels.csv", table(shouted))
    with pytest.raises(ValueError, match="one class only"):
        load_dataset(tmp_path)


def test_a_table_of_what_the_numbers_of_classes_mean_labels_no_images(tmp_path: Path) -> None:
    labels = pets(tmp_path / "images", [f"{index}.png" for index in range(20)])
    numbers = {name[:-4]: "01"[label == "dog"] for name, label in labels.items()}
    write(tmp_path / "classes.csv", "id,label\n0,cat\n1,dog")
    write(tmp_path / "labels.csv", table(numbers, "id,label"))
    check(load_dataset(tmp_path), 16, 4, ("0", "1"))
    del numbers["0"], numbers["1"]
    write(tmp_path / "labels.csv", table(numbers, "id,label"))
    assert load_dataset(tmp_path).class_names == ("0", "1")


@pytest.mark.parametrize("name", ["labels.csv", "metadata.csv"])
def test_class_folders_stay_where_a_table_deviates_and_lacks_images(name: str, tmp_path: Path) -> None:
    fill(tmp_path, ["cat", "dog"], 10)
    labels = {f"{folder}/{index}.png": folder for folder in ("cat", "dog") for index in range(6)}
    write(tmp_path / name, table({**labels, "cat/0.png": "dog"}))
    data = load_dataset(tmp_path)
    assert len(data.train) + len(data.test) == 20
    assert (
        f"The folders are the classes; 1 of the classes in {name} are others and have no effect."
        in data.notes
    )


def test_class_folders_stay_where_a_whole_table_contradicts_a_few_images(tmp_path: Path) -> None:
    fill(tmp_path, ["cat", "dog"], 10)
    before = load_dataset(tmp_path).digest
    labels = {f"{folder}/{index}.png": folder for folder in ("cat", "dog") for index in range(10)}
    write(tmp_path / "labels.csv", table({**labels, "cat/0.png": "dog"}))
    assert load_dataset(tmp_path).digest == before


@pytest.mark.parametrize("titles", ["file_name,label,split", "file_name,split"])
def test_a_table_splits_class_folders(titles: str, tmp_path: Path) -> None:
    fill(tmp_path, ["cat", "dog"], 10)
    rows = {
        f"{folder}/{index}.png": (folder + "," if "label" in titles else "")
        + ("train" if index < 7 else "test")
        for folder in ("cat", "dog")
        for index in range(10)
    }
    write(tmp_path / "list.csv", table(rows, titles))
    data = load_dataset(tmp_path)
    assert (len(data.train), len(data.test)) == (14, 6)
    assert data.notes == ("Training and test images are apart as list.csv has them.",)
    assert data.left_out == ()


def test_an_image_of_several_classes_is_left_out(tmp_path: Path) -> None:
    labels = pets(tmp_path / "images", [f"{index}.png" for index in range(12)])
    boxes = "\n".join(f"{name},{label}" for name, label in labels.items())
    write(tmp_path / "labels.csv", table(labels) + f"\n{boxes}\n0.png,dog")
    data = load_dataset(tmp_path)
    check(data, 9, 2)
    assert data.left_out == (("images/0.png", "labels.csv gives it several classes"),)
    write(tmp_path / "labels.csv", table(labels) + "".join(f"\n{name},bird" for name in labels))
    with pytest.raises(
        ValueError, match=r"labels.csv gives most images several classes: give each image one"
    ):
        load_dataset(tmp_path)


def test_the_cells_of_a_large_table_of_something_else_are_not_all_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, ["cat", "dog"])
    write(tmp_path / "measured.csv", "a,b,c\n" + "1.5,2.5,3.5\n" * 40_000)
    asked: list[str] = []
    find = ImageIndex.find
    monkeypatch.setattr(ImageIndex, "find", lambda self, value: asked.append(value) or find(self, value))
    load_dataset(tmp_path)
    assert 0 < len(asked) < 20_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_labels_in_the_encodings_of_spreadsheets(encoding: str, tmp_path: Path) -> None:
    names = {"cat": "Bär", "dog": "Bör"}
    labels = pets(tmp_path / "images", [f"{index}.png" for index in range(10)])
    text = table({name: names[label] for name, label in labels.items()}).replace(",", ";")
    (tmp_path / "labels.csv").write_bytes(text.encode(encoding))
    assert load_dataset(tmp_path).class_names == ("Bär", "Bör")


@pytest.mark.parametrize("missing", ["", "nan", "NaN", "null", "-1", "-1.0"])
def test_missing_labels_are_no_class(missing: str, tmp_path: Path) -> None:
    labels = pets(tmp_path / "images", [f"{index}.png" for index in range(12)])
    numbers = {name: "01"[label == "dog"] + ".0" for name, label in labels.items()}
    write(tmp_path / "labels.csv", table({**numbers, "0.png": missing}))
    check(load_dataset(tmp_path), 9, 2, ("0", "1"))


def test_labels_of_minus_one_and_one_are_two_classes(tmp_path: Path) -> None:
    labels = pets(tmp_path / "images", [f"{index}.png" for index in range(10)])
    write(tmp_path / "labels.csv", table({n: "-1" if label == "cat" else "1" for n, label in labels.items()}))
    assert load_dataset(tmp_path).class_names == ("-1", "1")


def tiny_imagenet(top: Path) -> Path:
    for shade, number in ((CAT, "n02123045"), (DOG, "n02085620")):
        for index in range(4):
            save_picture(top / "train" / number / "images" / f"{number}_{index}.JPEG", shade)
        write(top / "train" / number / f"{number}_boxes.txt", f"{number}_0.JPEG\t0\t0\t62\t62\n" * 4)
    lines = []
    for index in range(6):
        save_picture(top / "val" / "images" / f"val_{index}.JPEG", (CAT, DOG)[index % 2])
        number = ("n02123045", "n02085620")[index % 2]
        lines.append(f"val_{index}.JPEG\t{number}\t0\t32\t44\t62")
        save_picture(top / "test" / "images" / f"test_{index}.JPEG")
    write(top / "val" / "val_annotations.txt", "\n".join(lines) + "\n")
    write(top / "wnids.txt", "n02123045\nn02085620\n")
    write(top / "words.txt", "n02123045\tcat, house cat\nn02085620\tdog, Chihuahua\nn00001740\tentity\n")
    return top


def test_tiny_imagenet_as_it_is_published(tmp_path: Path) -> None:
    data = load_dataset(tiny_imagenet(tmp_path / "tiny-imagenet-200"))
    check(data, 8, 6, ("dog", "cat"))
    assert "The classes of 6 images are those in val/val_annotations.txt." in data.notes
    assert "6 images were left out, in test/ without labels." in data.notes
    assert ("wnids.txt", "its name is not an image's") in data.left_out
    stored = load_dataset(tmp_path / "tiny-imagenet-200", class_names=("n02085620", "n02123045"))
    assert stored.class_names == ("n02085620", "n02123045")
    assert stored.train_digest == data.train_digest
