"""Images of parquet and arrow files as Hugging Face's data sets have them."""

import io
import json
from contextlib import suppress
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from PIL import Image
from support.image_folders import zipped

from dmcore.data.class_folders import describe_folder
from dmcore.data.load import load_dataset

NAMES = ("zebra", "ant")


def picture(value: int) -> bytes:
    stream = io.BytesIO()
    Image.new("L", (16, 16), value).save(stream, "PNG")
    return stream.getvalue()


def table(number: int, names: tuple[str, ...] = NAMES, **columns: list[object]) -> pyarrow.Table:
    """Images of two classes by turns, of 40 and 200, with the description that `datasets` writes."""
    features = {"image": {"_type": "Image"}, "label": {"names": list(names), "_type": "ClassLabel"}}
    image = [{"bytes": picture((40, 200)[row % 2]), "path": f"{row}.png"} for row in range(number)]
    content = {"image": image, "label": [row % 2 for row in range(number)], **columns}
    metadata = {"huggingface": json.dumps({"info": {"features": features if names else {}}})}
    return pyarrow.table(content).replace_schema_metadata(metadata)


def write(path: Path, content: pyarrow.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(content, path, row_group_size=7)
        return
    new = pyarrow.ipc.new_file if path.stem.endswith("file") else pyarrow.ipc.new_stream
    with pyarrow.OSFile(str(path), "wb") as target, new(target, content.schema) as writer:
        writer.write_table(content, max_chunksize=7)


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("data/train-00000-of-00001.parquet", "data/test-00000-of-00001.parquet"),
        ("train/data-00000-of-00001.arrow", "validation/data-00000-of-00001.arrow"),
        ("pets-train.arrow", "pets-test.arrow"),
        ("train_file.arrow", "test_file.arrow"),
        ("default/train/0000.parquet", "default/test/0000.parquet"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_data_sets_as_they_are_saved(train: str, test: str, packed: bool, tmp_path: Path) -> None:
    top = tmp_path / "pets"
    write(top / train, table(50))
    write(top / test, table(10))
    (top / "README.md").write_text("about these images")
    path = zipped(top, tmp_path / "pets.zip") if packed else top
    data = load_dataset(path)
    assert data.class_names == NAMES, "the names that the file gives its numbers, in their order"
    assert (len(data.train), len(data.test)) == (50, 10)
    for part in (data.train, data.test):
        assert part.images[:, 0, 8, 8].tolist() == [(40, 200)[label] for label in part.label.tolist()]
    assert data.notes == ()
    assert describe_folder(str(path)) == "50 images and 10 test images of 2 classes: zebra, ant."


def test_one_file_is_split_and_read_like_a_folder_of_the_same_images(tmp_path: Path) -> None:
    write(tmp_path / "pets.parquet", table(40))
    data = load_dataset(tmp_path / "pets.parquet")
    assert data.title == "pets"
    assert (len(data.train), len(data.test)) == (32, 8)
    assert "8 of 40 images" in data.notes[0]


def test_texts_bytes_and_missing_labels(tmp_path: Path) -> None:
    plain = pyarrow.table(
        {
            "picture": [picture((40, 200)[row % 2]) for row in range(20)],
            "species": [("ant", "zebra")[row % 2] if row < 18 else None for row in range(20)],
            "place": ["here"] * 20,
        }
    )
    write(tmp_path / "plain.parquet", plain)
    data = load_dataset(tmp_path / "plain.parquet")
    assert data.class_names == ("ant", "zebra")
    assert len(data.train) + len(data.test) == 18
    assert data.notes[0] == "2 images were left out, in plain.parquet without labels."
    write(tmp_path / "two" / "train.parquet", table(20))
    write(tmp_path / "two" / "test.parquet", table(6, label=[-1] * 6))
    data = load_dataset(tmp_path / "two")
    assert (len(data.train), len(data.test)) == (16, 4)
    assert data.notes[0] == "6 images were left out, in test.parquet without labels."


def test_of_several_columns_of_classes_the_finest_is_taken(tmp_path: Path) -> None:
    features = {
        "img": {"_type": "Image"},
        "coarse_label": {"names": ["animal", "plant"], "_type": "ClassLabel"},
        "fine_label": {"names": ["cat", "dog", "oak"], "_type": "ClassLabel"},
    }
    content = pyarrow.table(
        {
            "img": [{"bytes": picture(row), "path": None} for row in range(30)],
            "coarse_label": [row % 2 for row in range(30)],
            "fine_label": [row % 3 for row in range(30)],
        }
    )
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    write(tmp_path / "a.parquet", content.replace_schema_metadata(metadata))
    assert load_dataset(tmp_path / "a.parquet").class_names == ("cat", "dog", "oak")


def test_images_that_cannot_be_read_are_left_out_by_their_row(tmp_path: Path) -> None:
    content = table(20).to_pydict()
    content["image"][3] = {"bytes": b"no image", "path": "3.png"}
    content["image"][4] = {"bytes": None, "path": "4.png"}
    write(tmp_path / "a.parquet", pyarrow.table(content))
    data = load_dataset(tmp_path / "a.parquet")
    assert len(data.train) + len(data.test) == 18
    assert {entry.path for entry in data.left_out} == {"a.parquet/3", "a.parquet/4"}


def test_what_is_no_data_set_is_refused_with_a_remedy(tmp_path: Path) -> None:
    def refusal(content: pyarrow.Table) -> str:
        write(tmp_path / "a.parquet", content)
        with pytest.raises(ValueError, match=r"a\.parquet") as refused:
            load_dataset(tmp_path / "a.parquet")
        return str(refused.value)

    images = [{"bytes": picture(1), "path": "1.png"}] * 4
    assert "no column of image files" in refusal(pyarrow.table({"path": ["1.png"] * 4, "label": [0, 1] * 2}))
    unclear = pyarrow.table({"image": images, "age": [1, 2] * 2, "size": [0, 1] * 2})
    assert "call it label" in refusal(unclear)
    assert "neither numbers of classes" in refusal(pyarrow.table({"image": images, "label": [[0], [1]] * 2}))
    assert "one class only" in refusal(table(4, label=[0] * 4))
    assert "beyond its 2 class names" in refusal(table(4, label=[0, 1, 2, 1]))


def test_what_the_package_datasets_writes_is_read_with_its_labels(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=list(NAMES))})

    def part(number: int) -> object:
        images = [Image.new("L", (16, 16), (40, 200)[row % 2]) for row in range(number)]
        content = {"image": images, "label": [row % 2 for row in range(number)]}
        return datasets.Dataset.from_dict(content, features=features)

    datasets.DatasetDict({"train": part(30), "test": part(8)}).save_to_disk(str(tmp_path / "saved"))
    part(30).to_parquet(str(tmp_path / "pushed" / "train-00000-of-00001.parquet"))
    part(8).to_parquet(str(tmp_path / "pushed" / "test-00000-of-00001.parquet"))
    for folder in ("saved", "pushed"):
        data = load_dataset(tmp_path / folder)
        assert data.class_names == NAMES
        assert (len(data.train), len(data.test)) == (30, 8)
        assert data.train.label.tolist() == [row % 2 for row in range(30)]
        assert data.train.images[:, 0, 8, 8].tolist() == [(40, 200)[row % 2] for row in range(30)]


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
def test_damaged_files_are_refused_with_a_sentence(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    write(path, table(40))
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"PAR1" + bytes(100), b"ARROW1\0\0" + bytes(100)):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"a\.") as refused:
            load_dataset(path)
        assert "\n" not in str(refused.value)
    for position in range(0, len(whole), 997):  # whatever is flipped: images or a sentence, and no crash
        flipped = bytearray(whole)
        flipped[position] ^= 0xFF
        path.write_bytes(flipped)
        with suppress(ValueError):
            load_dataset(path)


def test_an_image_that_is_far_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dmcore.data.limits.MOST_FILE_BYTES", 1000)
    content = table(4).to_pydict()
    content["image"][1] = {"bytes": bytes(2000), "path": "1.png"}
    write(tmp_path / "a.parquet", pyarrow.table(content))
    with pytest.raises(ValueError, match=r"image 1 of a.parquet is larger than 0 MB: take it out"):
        load_dataset(tmp_path / "a.parquet")


def test_a_bomb_is_refused_by_the_sizes_that_it_declares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dmcore.data.limits.RATIO_MATTERS_FROM_BYTES", 1 << 20)
    columns = {"image": [bytes(1 << 18)] * 20, "label": [0, 1] * 10}
    path = tmp_path / "bomb.parquet"
    pyarrow.parquet.write_table(pyarrow.table(columns), path, compression="zstd", use_dictionary=False)
    with pytest.raises(ValueError, match=r"bomb.parquet would unpack from .* write it again"):
        load_dataset(path)
