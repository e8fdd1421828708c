"""Data set `fashion`: comes with the package, is the stated part of Fashion-MNIST, and is whole."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from support.fashion_sheets import DEBIAN, FILES, PER_CLASS, published, sheet_of

from dmcore.data.catalogue import CATALOGUE, find_data_root
from dmcore.data.fashion import DIGESTS, SHEETS
from dmcore.data.images import DataSet
from dmcore.data.load import load_dataset

SOURCES = (find_data_root() / Path(FILES[0]).parent, DEBIAN)


@pytest.fixture(scope="module")
def fashion() -> DataSet:
    return load_dataset("fashion")


@pytest.fixture(scope="module")
def whole() -> DataSet:
    data = next((data for data in map(published, SOURCES) if data is not None), None)
    if data is None:
        pytest.skip("the published Fashion-MNIST is not on this machine")
    return data


def test_fashion_needs_no_download_and_has_the_stated_number_of_each_class(
    fashion: DataSet, tmp_path: Path
) -> None:
    assert load_dataset("fashion", tmp_path / "nothing").digest == fashion.digest == "05255aa6ba786007"
    for part, per_class in ((fashion.train, 500), (fashion.test, 100)):
        assert {len(members) for members in part.by_class} == {per_class}
        assert part.images.is_contiguous()
    assert fashion.class_names == CATALOGUE["fashion_mnist"].class_names
    assert fashion.train.statistics.mean == CATALOGUE["fashion_mnist"].mean
    assert fashion.notes == ()


def test_the_smallest_class_of_the_data_that_come_with_packages_is_the_catalogues(
    fashion: DataSet, digits: DataSet
) -> None:
    for name, data in (("fashion", fashion), ("digits", digits)):
        assert min(map(len, data.train.by_class)) == CATALOGUE[name].smallest_class


def test_classes_take_turns_so_that_the_first_images_are_of_all_classes(fashion: DataSet) -> None:
    assert fashion.train.label[:20].tolist() == [*range(10), *range(10)]


def test_fashion_is_the_first_images_of_each_class_of_the_published_data(
    fashion: DataSet, whole: DataSet
) -> None:
    for ours, theirs in ((fashion.train, whole.train), (fashion.test, whole.test)):
        for mine, members in zip(ours.by_class, theirs.by_class, strict=True):
            assert torch.equal(ours.images[mine], theirs.images[members[: len(mine)]])


def test_sheets_are_made_again_from_the_published_data(whole: DataSet) -> None:
    for name, part in (("train", whole.train), ("test", whole.test)):
        with Image.open(SHEETS / f"fashion-{name}.png") as sheet:
            assert np.array_equal(np.asarray(sheet), sheet_of(part, PER_CLASS[name]))


@pytest.mark.parametrize("damage", ["one bit", "half", "missing"])
def test_a_damaged_sheet_gives_one_sentence_with_a_remedy(
    damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in DIGESTS:
        content = bytearray((SHEETS / f"fashion-{name}.png").read_bytes())
        if name == "test" and damage == "one bit":
            content[len(content) // 2] ^= 1
        elif name == "test" and damage == "half":
            del content[len(content) // 2 :]
        elif name == "test":
            continue
        (tmp_path / f"fashion-{name}.png").write_bytes(content)
    monkeypatch.setattr("dmcore.data.fashion.SHEETS", tmp_path)
    remedy = r"fashion-test.png (is damaged|cannot be read) \(.*\); install dm-explorer again"
    with pytest.raises(ValueError, match=remedy):
        load_dataset("fashion")


def test_the_licence_lies_beside_the_images() -> None:
    text = " ".join((SHEETS / "fashion-LICENSE.txt").read_text(encoding="utf-8").split())
    assert "Zalando SE" in text
    assert "this permission notice shall be included in all copies" in text
