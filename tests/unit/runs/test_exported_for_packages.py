"""Exports as other packages read them: Hugging Face datasets, torchvision, TensorBoard, DD-Ranking."""

import csv
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from support.recorded_runs import store
from support.small_runs import TINY, record_run
from torchvision.datasets import ImageFolder

from dmcore.config import EvaluateConfig
from dmcore.config.protocols import QUICK
from dmcore.data.catalogue import CATALOGUE
from dmcore.data.images import Statistics
from dmcore.data.load import load_dataset
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats import projector_points, tensorboard_files
from dmcore.runs.formats.condensed import CondensedSet, read_condensed_set
from dmcore.runs.formats.export import FORMATS, export_run
from dmcore.runs.formats.exported_folder import class_folders, class_slug
from dmcore.runs.formats.ranked_classes import CLASSES as CLASSES_OF

os.environ.setdefault("HF_HUB_OFFLINE", "1")

CLASSES = (
    *("Ähre", "连衣裙", "कपड़ा", "a/b\\c", "..", "con", "x" * 300, "Bus", "bus", "<b>?*|</b>", " ", "a.b."),
    *("train", "test tube", "dev2", "old validation", "Training", "high.speed.train", "evaluate"),
)
"""Of several languages; what is no file name anywhere; equal but for case; names of splits."""
SLUGS = (
    *("00-Ähre", "01-连衣裙", "02-कपड़ा", "03-a-b-c", "04-class", "05-con", f"06-{'x' * 40}", "07-Bus"),
    *("08-bus", "09-b-b", "10-class", "11-a-b", "12-(train)", "13-(test)-tube", "14-(dev)2"),
    *("15-old-(validation)", "16-Training", "17-high-speed-(train)", "18-evaluate"),
)


PLAIN = ("Spatz", "T-shirt", "cat", "guinea pig", "trainer's", "Über", "连衣裙")
"""Sorted, and names of folders as they are."""


def a_set(channels: int, names: tuple[str, ...] = CLASSES, **changes: object) -> CondensedSet:
    """Two images of each class, not square."""
    generator = torch.Generator().manual_seed(channels)
    return CondensedSet(
        images=torch.randn(2 * len(names), channels, 8, 6, generator=generator),
        label=torch.arange(len(names)).repeat_interleave(2),
        class_names=names,
        statistics=Statistics((0.5,) * channels, (0.2,) * channels),
        **changes,  # type: ignore[arg-type]
    )


def shown(condensed: CondensedSet) -> np.ndarray:
    """Display images [image, height, width(, channel)]."""
    images = condensed.statistics.denormalise(condensed.images).permute(0, 2, 3, 1).numpy()
    return images[..., 0] if images.shape[-1] == 1 else images


def test_class_names_become_names_of_files_that_differ_and_are_in_order() -> None:
    slugs = tuple(class_slug(CLASSES, label) for label in range(len(CLASSES)))
    assert slugs == SLUGS
    assert sorted(slugs) == list(slugs)
    assert len({slug.lower() for slug in slugs}) == len(slugs)
    assert class_folders(CLASSES) == SLUGS


def test_names_that_can_be_names_of_folders_are_these() -> None:
    assert class_folders(PLAIN) == PLAIN
    assert class_folders(tuple("0123456789")) == tuple("0123456789")
    for other in ("Über ", "Über.", "con", "test", "a/b", "ü" * 41, "u\u0308", "spatz", "_x", "speed_train"):
        names = tuple(sorted((*PLAIN, other)))
        assert class_folders(names)[0].startswith("0-"), other
    assert class_folders(("a10", "a2")) == ("0-a10", "1-a2"), "some sort numbers as numbers"
    assert class_folders(PLAIN[::-1])[0] == f"0-{PLAIN[-1]}", "the order would be another"


@pytest.mark.parametrize("names", [(CLASSES, SLUGS), (PLAIN, PLAIN)], ids=["odd", "plain"])
@pytest.mark.parametrize("channels", [1, 3])
def test_hugging_face_loads_the_image_folder(
    tmp_path: Path, channels: int, names: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    datasets = pytest.importorskip("datasets")
    condensed = a_set(channels, names[0])
    (folder,) = FORMATS["imagefolder"].write(condensed, tmp_path / "my test set", None)
    loaded = datasets.load_dataset("imagefolder", data_dir=str(folder), cache_dir=str(tmp_path / "cache"))
    assert list(loaded) == ["train"], "no class is taken for a split"
    assert loaded["train"].features["label"].names == list(names[1])
    assert list(loaded["train"]["label"]) == condensed.label.tolist()
    pictures = [np.asarray(image) for image in loaded["train"]["image"]]
    assert np.array_equal(np.stack(pictures), shown(condensed))


@pytest.mark.parametrize("channels", [1, 3])
def test_torchvision_loads_the_image_folder(tmp_path: Path, channels: int) -> None:
    condensed = a_set(channels)
    (folder,) = FORMATS["imagefolder"].write(condensed, tmp_path / "set", None)
    loaded = ImageFolder(folder, loader=lambda path: np.asarray(Image.open(path)))
    assert loaded.classes == list(SLUGS)
    assert loaded.targets == condensed.label.tolist()
    assert np.array_equal(np.stack([image for image, _ in loaded]), shown(condensed))


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run of two images per class of the digits with four iterations."""
    return record_run(tmp_path_factory.mktemp("runs"), TINY)


@pytest.fixture
def run(original: RunFolder, tmp_path: Path) -> RunFolder:
    """A copy of it with results: one of the quick protocol half way, a longer one at the end."""
    shutil.copytree(original.path, tmp_path / "runs" / original.path.name)
    copy = RunFolder(tmp_path / "runs" / original.path.name)
    store(copy, 2, (40.0, 50.0), QUICK)
    store(copy, 4, (60.0, 70.0), EvaluateConfig(epochs=1000, repeats=2))
    store(copy, 4, (30.0, 40.0), EvaluateConfig(epochs=1000, repeats=2), "random_real")
    return copy


def test_tensorboard_reads_the_images_and_curves(run: RunFolder, tmp_path: Path) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    (folder,) = export_run(run, None, "tensorboard", tmp_path / "out")
    log = accumulator.EventAccumulator(str(folder), {"images": 0, "scalars": 0}).Reload()
    condensed = read_condensed_set(run)
    assert [each.step for each in log.Images("images")] == run.snapshots()
    final = log.Images("images")[-1]
    sheet = decoded(final.encoded_image_string)
    images = shown(condensed).reshape(10, -1, 8, 8)
    assert np.array_equal(sheet, images.transpose(0, 2, 1, 3).reshape(80, -1))
    first = decoded(log.Images("images")[0].encoded_image_string)
    assert not np.array_equal(first, sheet)
    tags = [f"class/{label}" for label in range(10)]
    assert [tag for tag in log.Tags()["images"] if tag != "images"] == tags
    row = decoded(log.Images(tags[3])[0].encoded_image_string)
    assert np.array_equal(row, images[3].transpose(1, 0, 2).reshape(8, -1))
    losses = run.losses(condensed.name)
    read = log.Scalars("loss")
    assert [each.step for each in read] == losses.iteration.tolist()
    assert np.allclose([each.value for each in read], losses.loss.mean(axis=1))
    assert np.allclose(np.diff([each.wall_time for each in read]), np.diff(losses.seconds), atol=1e-3)
    tested = {tag: [(each.step, each.value) for each in log.Scalars(tag)] for tag in log.Tags()["scalars"]}
    del tested["loss"]
    assert tested == {
        "accuracy_quick/convnet/condensed": [(2, 45.0)],
        "accuracy/convnet/condensed": [(4, 65.0)],
        "accuracy/convnet/random_real": [(4, 35.0)],
    }
    names = [file.name for file in folder.glob("events*")]
    assert names == [tensorboard_files.EVENT_FILE], "no name of this computer"


def test_the_projector_gets_points_names_and_pictures(run: RunFolder, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from google.protobuf import text_format
    from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

    (folder,) = export_run(run, None, "tensorboard", tmp_path / "out")
    config = text_format.Parse((folder / "projector_config.pbtxt").read_text(), ProjectorConfig())
    (embedding,) = config.embeddings
    values = np.loadtxt(folder / embedding.tensor_path, delimiter="\t")
    condensed, real = read_condensed_set(run), load_dataset("digits").train
    count = len(condensed.label)
    assert values.shape == (2 * count, 64)
    assert np.allclose(values[:count], condensed.images.flatten(1), atol=1e-4)
    with (folder / embedding.metadata_path).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert [row["class"] for row in rows[:count]] == [str(label) for label in condensed.label.tolist()]
    assert [row["kind"] for row in rows] == ["condensed"] * count + ["real"] * count
    first_three = real.images[real.label == 3][0]
    place = next(at for at, row in enumerate(rows) if (row["class"], row["kind"]) == ("3", "real"))
    assert np.allclose(values[place], real.statistics.normalise(first_three).flatten(), atol=1e-4)
    width, height = embedding.sprite.single_image_dim
    with Image.open(folder / embedding.sprite.image_path) as sprite:
        in_row = sprite.width // width
        down, right = divmod(place, in_row)
        cut = np.asarray(sprite)[down * height : (down + 1) * height, right * width : (right + 1) * width, 0]
    assert np.abs(cut.astype(int) - first_three[0].numpy()).max() <= 1


def test_a_log_of_large_sets_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projector_points, "MOST_VALUES", 38 * 3 * 4 * 3)
    monkeypatch.setattr(projector_points, "LARGEST_THUMBNAIL", 4)
    condensed = a_set(3)
    points = projector_points.projector_points(condensed, None)
    assert points.values.shape == (38, 3 * 4 * 3), "means of blocks of 2×2 pixels"
    block = condensed.images[0, 0, :2, :2].mean()
    assert abs(points.values[0, 0] - block) <= 1e-4
    assert points.thumbnails.shape == (38, 3, 4, 4)
    assert [row[1] for row in points.rows] == ["condensed"] * 38, "of unknown data there are no real images"
    assert points.rows[2 * 10][0] == ""
    monkeypatch.setattr(projector_points, "MOST_CONDENSED", len(CLASSES))
    assert len(projector_points.projector_points(condensed, None).rows) == len(CLASSES)


def test_without_tensorboard_the_sentence_says_how_to_install_it(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "torch.utils.tensorboard", None)
    with pytest.raises(ValueError, match="pip install tensorboard"):
        export_run(run, None, "tensorboard", tmp_path / "out")
    assert not any((tmp_path / "out").iterdir())


@pytest.mark.parametrize("name", ["cifar10", "cifar100"])
def test_dd_ranking_gets_images_in_the_order_of_the_classes_and_in_its_normalisation(
    tmp_path: Path, name: str
) -> None:
    entry = CATALOGUE[name]
    assert entry.mean is not None
    assert entry.std is not None
    names = tuple(str(label) for label in range(entry.classes))
    drawn = a_set(3, names, dataset=name)
    shuffled = torch.randperm(len(drawn.label), generator=torch.Generator().manual_seed(0))
    condensed = CondensedSet(
        images=drawn.images[shuffled],
        label=drawn.label[shuffled],
        class_names=names,
        statistics=Statistics(entry.mean, entry.std),
        dataset=name,
    )
    (folder,) = FORMATS["ddranking"].write(condensed, tmp_path / "set", None)
    assert not FORMATS["ddranking"].exact, "of CIFAR-100 the values are rounded again"
    images, label, rate = (torch.load(folder / f"{each}.pt") for each in ("images", "labels", "lr"))
    assert label.tolist() == [index for index in range(entry.classes) for _ in range(2)]
    assert rate.item() == pytest.approx(0.01)
    yaml = pytest.importorskip("yaml")
    config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    assert (config["dataset"], config["ipc"], config["im_size"]) == (entry.title.replace("-", ""), 2, [8, 6])
    assert (config["num_epochs"], config["step_size"], config["data_aug_func"]) == (1000, 500, "dsa")
    assert {"custom_train_trans", "custom_val_trans"} <= config.keys(), "it looks them up"
    order = condensed.label.argsort(stable=True)
    theirs = Statistics((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))
    if name == "cifar10":
        assert torch.equal(images, condensed.images[order])
    mean, std, own_mean, own_std = (
        torch.tensor(each).view(-1, 1, 1) for each in (theirs.mean, theirs.std, entry.mean, entry.std)
    )
    assert torch.allclose(images * std + mean, condensed.images[order] * own_std + own_mean, atol=1e-5)


@pytest.mark.parametrize("name", ["cifar10", "cifar100"])
def test_dd_ranking_gets_the_labels_of_its_own_order(tmp_path: Path, name: str) -> None:
    ranked = CLASSES_OF[name]
    assert len(ranked) == CATALOGUE[name].classes
    assert sorted(ranked) == list(ranked), "as torchvision has them"
    backwards = a_set(3, ranked[::-1], dataset=name)
    (folder,) = FORMATS["ddranking"].write(backwards, tmp_path / "set", None)
    images, label = (torch.load(folder / f"{each}.pt") for each in ("images", "labels"))
    assert label.tolist() == [index for index in range(len(ranked)) for _ in range(2)]
    entry = CATALOGUE["cifar10"]
    mean, std = (torch.tensor(each).view(-1, 1, 1) for each in (entry.mean, entry.std))
    of_first = backwards.images[backwards.label == len(ranked) - 1]
    assert torch.allclose(images[:2] * std + mean, of_first * 0.2 + 0.5, atol=1e-5)
    assert tuple(json.loads((folder / "normalisation.json").read_text())["class_names"]) == ranked
    for others in (ranked[1:], ("unicorn", *ranked[1:]), (ranked[1], *ranked[1:])):
        with pytest.raises(
            ValueError, match=f"does not have the {len(ranked)} classes of {CATALOGUE[name].title}"
        ):
            FORMATS["ddranking"].write(a_set(3, others, dataset=name), tmp_path / "other", None)
    assert not (tmp_path / "other-ddranking").exists()


def test_dd_ranking_takes_no_set_of_data_that_it_does_not_have(run: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="CIFAR-10 and CIFAR-100, not of digits: export npz or pt instead"):
        export_run(run, None, "ddranking", tmp_path / "out")
    assert not any((tmp_path / "out").iterdir())


def decoded(content: bytes) -> np.ndarray:
    """Grey pixels of a PNG."""
    import io

    with Image.open(io.BytesIO(content)) as image:
        pixels = np.asarray(image)
    return pixels if pixels.ndim == 2 else pixels[..., 0]
