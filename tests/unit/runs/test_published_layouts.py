"""Sets in the layouts in which methods publish them: the right images and labels, or a question."""

import enum
import json
import os
import pickle  # noqa: TID251 - writes files that must be refused
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from support.published_files import (
    AUTHORS,
    BYTES,
    CLASSES,
    LOGITS,
    NORMALISED,
    PAIR,
    PUBLISHED,
    RATE,
    RAW,
    SHARDS,
    SHUFFLED,
    SVHN,
    WHITENED,
    PublishedFile,
    by_class,
    encoded,
    normalised,
    npz,
    pictures,
    safetensors,
    saved,
    several,
    zipped,
)

from dmcore.data import limits
from dmcore.runs.formats.pixel_scale import AmbiguousPixelsError
from dmcore.runs.formats.published.pickled_arrays import PickledType
from dmcore.runs.imports import import_run, load_condensed

EXACT = 0.0
ROUNDED = 1e-5
"""Largest difference of images that are normalised at the import, in deviations."""


def sentences(run) -> list[str]:
    return [note.sentence for note in run.notes()]


@pytest.mark.parametrize("published", PUBLISHED, ids=lambda published: published.layout)
def test_a_published_set_is_imported_with_its_pixels_labels_and_normalisation(
    published: PublishedFile, tmp_path: Path
) -> None:
    path = published.build(tmp_path)
    if published.asked:
        with pytest.raises(ValueError, match=published.asked):
            import_run(path, tmp_path / "runs", published.dataset)
        assert not (tmp_path / "runs").exists()
    run = import_run(path, tmp_path / "runs", published.dataset, **published.options)
    stored = load_condensed(run)
    loaded = load_condensed(path, dataset=published.dataset, **published.options)
    expected, is_exact = published.images(), "exact" in published.images.__name__
    for condensed in (stored, loaded):
        tolerance = EXACT if is_exact else ROUNDED
        if published.options.get("pixels") == "zca":
            tolerance = 1e-3
        torch.testing.assert_close(condensed.images, expected, atol=tolerance, rtol=0)
        assert torch.equal(condensed.label, published.label())
        if published.dataset == "svhn":
            assert condensed.statistics == SVHN
            assert condensed.class_names == tuple("0123456789")
    recognised = [sentence for sentence in sentences(run) if sentence.startswith("Recognised as ")]
    assert len(recognised) == (1 if published.recognised else 0), recognised
    assert all(published.recognised in sentence for sentence in recognised), recognised
    assert any(published.noted in sentence for sentence in sentences(run)), sentences(run)


def test_the_order_of_a_class_is_kept_and_labels_stay_with_their_images(tmp_path: Path) -> None:
    path = saved([RAW, SHUFFLED])(tmp_path)
    condensed = load_condensed(path, dataset="svhn")
    for label in range(CLASSES):
        mine = condensed.images[condensed.label == label]
        assert torch.allclose(
            mine[:, 0] * SVHN.std[0] + SVHN.mean[0], RAW[label == SHUFFLED][:, 0], atol=1e-6
        )


def test_five_experiments_are_five_sets(tmp_path: Path) -> None:
    path = saved({"data": [[NORMALISED + number, SHUFFLED] for number in range(5)]})(tmp_path)
    run = import_run(path, tmp_path / "runs", "svhn", set="experiment-3")
    assert torch.equal(load_condensed(run).images, by_class(NORMALISED + 2))


def test_several_pairs_of_files_with_the_same_classes_are_sets_of_their_own(tmp_path: Path) -> None:
    files = [
        saved(value, f"{name}_{iteration}.pt")
        for iteration in (0, 5000)
        for name, value in (("images", NORMALISED + iteration / 5000), ("labels", SHUFFLED))
    ]
    folder = several(*files)(tmp_path)
    run = import_run(folder, tmp_path / "runs", "svhn")
    assert sorted(run.set_names) == ["0", "5000"]
    assert torch.equal(load_condensed(run, "5000").images, by_class(NORMALISED + 1))
    with pytest.raises(ValueError, match="has the sets 0, 5000: choose one"):
        load_condensed(folder, dataset="svhn")


@pytest.mark.parametrize("names", [("A", "a"), ("x" * 40 + "1", "x" * 40 + "2"), ("b c", "b-c", "b-c-2")])
def test_sets_whose_names_become_the_same_are_numbered(tmp_path: Path, names: tuple[str, ...]) -> None:
    files = [
        saved(value, f"{part}_{name}.pt")
        for number, name in enumerate(names)
        for part, value in (("images", NORMALISED + number), ("labels", SHUFFLED))
    ]
    run = import_run(several(*files)(tmp_path), tmp_path / "runs", "svhn")
    assert len({name.lower() for name in run.set_names}) == len(names)
    assert all(len(name) <= 40 for name in run.set_names)
    stored = sorted((load_condensed(run, name).images for name in run.set_names), key=torch.mean)
    for number, images in enumerate(stored):
        assert torch.equal(images, by_class(NORMALISED + number))


def test_the_notes_of_all_sets_are_kept_once(tmp_path: Path) -> None:
    files = [
        saved(value, f"{part}_{number}.pt")
        for number in (1, 2)
        for part, value in (
            ("images", NORMALISED.double()),
            ("labels", SHUFFLED),
            ("lr", torch.tensor(number / 10)),
        )
    ]
    run = import_run(several(*files)(tmp_path), tmp_path / "runs", "svhn")
    told = sentences(run)
    assert [any(f"rate of {rate} was learned" in each for each in told) for rate in (0.1, 0.2)] == [
        True,
        True,
    ]
    assert told.count("The images were stored as float64.") == 1


def test_shards_put_together_keep_all_notes_and_are_of_one_whitening(tmp_path: Path) -> None:
    rates = [saved(torch.tensor(number / 10), f"lr_{number}.pt") for number in range(5)]
    folder = several(*SHARDS, *rates)(tmp_path)
    told = sentences(import_run(folder, tmp_path / "runs", "svhn"))
    assert all(any(f"rate of {rate} was learned" in each for each in told) for rate in (0.1, 0.4))
    (folder / "images_1.pt").rename(folder / "images_zca_1.pt")
    with pytest.raises(ValueError, match="of some parts undone and of others not: give parts of one kind"):
        import_run(folder, tmp_path / "runs", "svhn")


def test_images_without_labels_beside_them_say_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"put images_NAME\.pt and labels_NAME\.pt into one folder"):
        load_condensed(saved(NORMALISED, "images_best.pt")(tmp_path), dataset="svhn")


def test_ambiguous_pixels_are_told_with_their_measurements(tmp_path: Path) -> None:
    path = several(saved(WHITENED, "images_best.pt"), saved(SHUFFLED, "labels_best.pt"))(tmp_path)
    with pytest.raises(AmbiguousPixelsError) as refused:
        load_condensed(path, dataset="svhn")
    assert refused.value.scales == ("zca", "normalised")
    assert refused.value.measured.std == pytest.approx(WHITENED.std((0, 2, 3), correction=0).tolist())
    lowest, highest = WHITENED.min(), WHITENED.max()
    assert f"from {lowest:.4g} to {highest:.4g} (mean " in str(refused.value)
    assert len(str(refused.value)) < 400


def test_an_unwhitened_file_whose_pixels_are_not_is_asked(tmp_path: Path) -> None:
    path = several(saved(WHITENED, "images_zca_best.pt"), saved(SHUFFLED, "labels_best.pt"))(tmp_path)
    with pytest.raises(ValueError, match=r"mean between 0\.1 and 0\.9: say what they are with --pixels zca"):
        load_condensed(path, dataset="svhn")
    overshooting = RAW * 1.6 - 0.3
    torch.save(overshooting, path / "images_zca_best.pt")
    lightest = float(load_condensed(path, dataset="svhn").images[:, 0].max())
    assert lightest == pytest.approx((float(overshooting[:, 0].max()) - SVHN.mean[0]) / SVHN.std[0], abs=1e-5)


def test_a_list_of_normalised_images_is_not_taken_for_pixels_from_0_to_1(tmp_path: Path) -> None:
    path = saved([NORMALISED, SHUFFLED])(tmp_path)
    assert torch.equal(load_condensed(path, dataset="svhn").images, by_class(NORMALISED))


@pytest.mark.parametrize("content", ["list", "experiments", "dict", "npz"])
def test_pixels_from_0_to_1_that_overshoot_are_asked(tmp_path: Path, content: str) -> None:
    overshooting = RAW * 1.6 - 0.3
    contents = {
        "list": [overshooting, SHUFFLED],
        "experiments": {"data": [[overshooting, SHUFFLED]]},
        "dict": {"images": overshooting, "labels": SHUFFLED},
    }
    arrays = npz(images=overshooting.numpy(), labels=SHUFFLED.numpy())
    path = (arrays if content == "npz" else lambda folder: saved(contents[content])(folder))(tmp_path)
    with pytest.raises(AmbiguousPixelsError, match="--pixels 0-1, or --pixels normalised"):
        load_condensed(path, dataset="svhn")
    condensed = load_condensed(path, dataset="svhn", pixels="0-1")
    torch.testing.assert_close(condensed.images, normalised(by_class(overshooting)))


def test_kips_whitening_cannot_be_undone(tmp_path: Path) -> None:
    path = npz(images=WHITENED.permute(0, 2, 3, 1).numpy(), labels=np.eye(CLASSES)[SHUFFLED.numpy()])(
        tmp_path
    )
    with pytest.raises(ValueError, match="KIP also divides each image by its length"):
        load_condensed(path, dataset="svhn", pixels="zca")


def test_undoing_the_whitening_takes_the_real_images(tmp_path: Path) -> None:
    wide = torch.randn(20, 1, 8, 9)
    path = several(saved(wide, "images_a.pt"), saved(SHUFFLED, "labels_a.pt"))(tmp_path)
    with pytest.raises(ValueError, match=r"are \[1, 8, 9\], those of the data set \[1, 8, 8\]"):
        load_condensed(path, dataset="digits", pixels="zca")


def test_soft_labels_whose_largest_is_not_balanced_are_refused(tmp_path: Path) -> None:
    unbalanced = LOGITS.clone()
    unbalanced[0] = (
        torch.arange(CLASSES).float() + (int(SHUFFLED[0]) == CLASSES - 1) * torch.eye(CLASSES)[0] * 99
    )
    with pytest.raises(ValueError, match="as many of each class"):
        load_condensed(saved([RAW, unbalanced])(tmp_path), dataset="svhn", labels="hardest")


def test_more_tiles_than_pixels_are_refused(tmp_path: Path) -> None:
    path = saved([RAW, SHUFFLED])(tmp_path)
    for factor in (0, 9):
        with pytest.raises(ValueError, match="choose --decode 1 to 8"):
            load_condensed(path, dataset="svhn", decode=factor)


def test_decoded_tiles_count_for_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved([RAW, SHUFFLED])(tmp_path)
    monkeypatch.setattr(limits, "MOST_SET_BYTES", RAW.numel() * 4 * 3)
    load_condensed(path, dataset="svhn")
    with pytest.raises(ValueError, match="give fewer or smaller images"):
        load_condensed(path, dataset="svhn", decode=2)


def test_class_folders_by_index_come_in_the_order_of_numbers(tmp_path: Path) -> None:
    run = import_run(pictures("new{label}/{number}.png")(tmp_path), tmp_path / "runs")
    assert run.description.data.class_names[:3] == ("new0", "new1", "new2")
    with pytest.raises(ValueError, match=r"has 10 classes without names, .*two has 2: name the"):
        load_condensed(tmp_path / "pictures", dataset=str(_two_classes(tmp_path)))


def _two_classes(tmp_path: Path) -> Path:
    two = tmp_path / "two"
    for name, level in (("a", 0), ("b", 200)):
        (two / name).mkdir(parents=True)
        for number in range(5):
            picture = torch.full((3, 8, 8), level + number, dtype=torch.uint8)
            (two / name / f"{number}.png").write_bytes(encoded(picture, ".png"))
    return two


def test_pictures_named_by_names_of_another_data_set_are_refused(tmp_path: Path) -> None:
    path = pictures("name{label}x/{number}.png")(tmp_path)
    with pytest.raises(ValueError, match="has the class 'name0x', which svhn does not have"):
        load_condensed(path, dataset="svhn")


def test_files_that_are_no_pictures_are_left_out_and_told(tmp_path: Path) -> None:
    top = pictures("new{label:03d}/{number}.png")(tmp_path)
    (top / "new000" / "log.txt").write_text("done")
    run = import_run(top, tmp_path / "runs", "svhn")
    assert "Left out as no pictures by their names: 1 file." in sentences(run)


def test_pictures_outside_the_class_folders_are_told(tmp_path: Path) -> None:
    top = pictures("new{label:03d}/{number}.png")(tmp_path)
    (top / "grid.png").write_bytes(encoded(torch.zeros(3, 8, 8, dtype=torch.uint8), ".png"))
    (top / "classes.json").write_text("{}")
    (top / "normalisation.txt").write_text("")
    told = sentences(import_run(top, tmp_path / "runs", "svhn"))
    assert "Left out as outside the folders or names of classes: 1 picture, such as grid.png." in told
    assert "Left out as no pictures by their names: 2 files." in told


@pytest.mark.parametrize("flat", [True, False])
def test_pictures_beside_those_of_our_own_export_are_told(tmp_path: Path, flat: bool) -> None:
    facts = {"class_names": ["a", "b"], "mean": [0.5] * 3, "std": [0.25] * 3, "dataset": ""}
    picture = encoded(torch.zeros(3, 8, 8, dtype=torch.uint8), ".png")
    for label, name in enumerate("ab"):
        file = tmp_path / "set" / (f"{label}-{name}-0000.png" if flat else f"{name}/0000.png")
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_bytes(picture)
    (tmp_path / "set" / "normalisation.json").write_text(json.dumps(facts | {"set": "a", "iteration": 0}))
    if flat:
        (tmp_path / "set" / "sheet.png").write_bytes(picture)
    assert not any("Left out" in each for each in sentences(import_run(tmp_path / "set", tmp_path / "runs")))
    (tmp_path / "set" / "other.png").write_bytes(picture)
    told = sentences(import_run(tmp_path / "set", tmp_path / "runs"))
    assert "Left out as outside the folders or names of classes: 1 picture, such as other.png." in told


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"net": torch.zeros(1)}, "another layout than those that are read, a dict with the keys net"),
        ([1, 2, 3], "a list of 3"),
        ("text", "one str"),
        ({}, "an empty dict"),
        ({"images": torch.zeros(2, 3, 4, 4)}, "a dict with the keys images"),
        ({"images": np.array(["a", "b"]), "labels": SHUFFLED}, "no plain numbers"),
        ({"images": np.array([object]), "labels": SHUFFLED}, "damaged|not opened"),
    ],
)
def test_another_layout_is_refused_with_what_it_is(content: object, words: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=words):
        load_condensed(saved(content)(tmp_path), dataset="svhn")


class Code:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.folder),)


def test_pickled_code_is_refused_by_name_and_does_not_run(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    path = saved({"images": NORMALISED, "labels": SHUFFLED, "net": Code(ran)})(tmp_path)
    with pytest.raises(ValueError, match=r"set\.pt carries (posix|nt)\.mkdir, .*not opened"):
        load_condensed(path, dataset="svhn")
    assert not ran.exists()


class NumberedSet(enum.Enum):
    """A value whose class torch does not know, though its name ends like those of sets."""

    ONE = 1


def test_a_class_that_torch_does_not_trust_is_refused_by_name(tmp_path: Path) -> None:
    path = saved({"images": NORMALISED, "labels": SHUFFLED, "kind": NumberedSet.ONE})(tmp_path)
    with pytest.raises(ValueError, match=r"carries \S*NumberedSet, which is no tensor and no number"):
        load_condensed(path, dataset="svhn")


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_pickle_of_python_is_refused_by_name_and_does_not_run(tmp_path: Path, protocol: int) -> None:
    ran = tmp_path / "ran"
    path = tmp_path / "idm.pt"
    path.write_bytes(pickle.dumps([Code(ran), NORMALISED], protocol))
    with pytest.raises(ValueError, match=r"idm\.pt is a pickle of Python that calls (posix|nt)\.mkdir"):
        load_condensed(path, dataset="svhn")
    path.write_bytes(pickle.dumps({"data": NORMALISED}, protocol))
    with pytest.raises(ValueError, match=r"a pickle of Python that calls torch\._utils\._rebuild"):
        load_condensed(path, dataset="svhn")
    assert not ran.exists()


@pytest.mark.parametrize(
    "state",
    [(3, "<<", None, None, None, -1, -1, 0), (3, None, None, None, None, -1, -1, 0)],
)
def test_a_type_with_an_unknown_byte_order_is_refused(state: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="byte order"):
        PickledType("f4").__setstate__(state)


def test_a_zip_that_names_files_outside_itself_or_several_folders_of_sets_is_refused(tmp_path: Path) -> None:
    inner = saved({"data": [[NORMALISED, SHUFFLED]]})(tmp_path).read_bytes()
    for names, words in (
        (("../set.pt",), "outside itself"),
        (("a/set.pt", "b/set.pt"), "several folders"),
        (("a.pt", "b.pt"), "several files of sets"),
    ):
        file = tmp_path / "set.zip"
        with zipfile.ZipFile(file, "w") as archive:
            for name in names:
                archive.writestr(name, inner)
        with pytest.raises(ValueError, match=words):
            load_condensed(file, dataset="svhn")


@pytest.mark.parametrize("packed", [True, False])
def test_pictures_beside_a_file_of_a_set_are_refused_by_name(tmp_path: Path, packed: bool) -> None:
    folder = pictures("new{label:03d}/{number}.png")
    builds = [
        lambda at: folder(at.parent).rename(at / "pictures"),
        saved({"net": torch.zeros(1)}, "model.pt"),
    ]
    for also in ([], [saved({}, "optimizer.pt")]):
        at = tmp_path / str(len(also))
        at.mkdir()
        build = several(*builds, *also)
        with pytest.raises(
            ValueError, match=r"the file \S*model\.pt and 20 pictures, such as .*: give one of them"
        ):
            load_condensed((zipped(build) if packed else build)(at), dataset="svhn")


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("kind", ["pair", "file"])
def test_files_beside_those_of_a_set_are_told(tmp_path: Path, kind: str, packed: bool) -> None:
    view = encoded(torch.zeros(3, 8, 8, dtype=torch.uint8), ".png")

    def besides(folder: Path) -> Path:
        (folder / "view.png").write_bytes(view)
        (folder / "notes.txt").write_text("done")
        return folder

    of_set = [*PAIR, RATE, saved(NORMALISED, "images_alone.pt")] if kind == "pair" else [saved(AUTHORS)]
    build = several(*of_set, besides)
    run = import_run((zipped(build) if packed else build)(tmp_path), tmp_path / "runs", "svhn")
    told = " ".join(sentence for sentence in sentences(run) if sentence.startswith("Left out: "))
    for name, is_told in (
        ("view.png", True),
        ("notes.txt", True),
        ("images_alone.pt", kind == "pair"),
        ("best.pt", False),
        ("set.pt", False),
    ):
        assert (name in told) == is_told, told


def test_a_large_file_of_a_set_in_a_zip_is_to_be_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped(saved(AUTHORS))(tmp_path)
    monkeypatch.setattr(limits, "MOST_FILE_BYTES", 1000)
    with pytest.raises(ValueError, match=r"set\.pt in set\.zip is larger .*: unpack it and give the file"):
        load_condensed(path, dataset="svhn")


def test_a_zip_leaves_nothing_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    path = zipped(saved({"data": [[NORMALISED, SHUFFLED]]}))(tmp_path)
    run = import_run(path, tmp_path / "runs", "svhn")
    assert torch.equal(load_condensed(run).images, by_class(NORMALISED))
    assert not list(temporary.iterdir())


def test_a_set_that_states_its_metadata_needs_no_name_of_a_data_set_in_a_zip(tmp_path: Path) -> None:
    facts = {
        "class_names": list("0123456789"),
        "mean": [0.5] * 3,
        "std": [0.25] * 3,
        "set": "real-2",
        "iteration": 7,
        "dataset": "",
    }
    (tmp_path / "inner").mkdir()
    file = saved({"data": [[NORMALISED, SHUFFLED]]})(tmp_path / "inner")
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.write(file, "top/set.pt")
        archive.writestr("top/set.normalisation.json", json.dumps(facts))
    condensed = load_condensed(tmp_path / "set.zip")
    assert (condensed.iteration, condensed.name, condensed.statistics.std) == (7, "real-2", (0.25,) * 3)


def test_a_pair_with_its_metadata_beside_it_needs_no_name_of_a_data_set(tmp_path: Path) -> None:
    facts = {"class_names": list("0123456789"), "mean": [0.5] * 3, "std": [0.25] * 3, "dataset": ""}
    folder = several(saved(NORMALISED, "images.pt"), saved(SHUFFLED, "labels.pt"))(tmp_path)
    (folder / "normalisation.json").write_text(json.dumps(facts | {"set": "real-2", "iteration": 7}))
    for path in (folder, folder / "images.pt"):
        condensed = load_condensed(path)
        assert torch.equal(condensed.images, by_class(NORMALISED))
        assert condensed.statistics.mean == (0.5,) * 3


def test_our_own_class_folders_are_in_the_order_of_characters(tmp_path: Path) -> None:
    facts = {"class_names": ["c1", "c10", "c2"], "mean": [0.5] * 3, "std": [0.25] * 3, "dataset": ""}
    for label, name in enumerate(facts["class_names"]):
        (tmp_path / "set" / name).mkdir(parents=True)
        content = encoded(torch.full((3, 8, 8), label, dtype=torch.uint8), ".png")
        (tmp_path / "set" / name / "0000.png").write_bytes(content)
    (tmp_path / "set" / "normalisation.json").write_text(json.dumps(facts | {"set": "a", "iteration": 0}))
    condensed = load_condensed(tmp_path / "set")
    assert condensed.class_names == ("c1", "c10", "c2")
    assert condensed.statistics.denormalise(condensed.images)[:, 0, 0, 0].tolist() == [0, 1, 2]


LAST = NORMALISED.permute(0, 2, 3, 1).contiguous()
CHANNELS_LAST = {
    "list": saved([LAST, SHUFFLED]),
    "experiments": saved({"data": [[LAST, SHUFFLED]]}),
    "pair": several(saved(LAST, "images.pt"), saved(SHUFFLED, "labels.pt")),
    "steps": saved([(LAST, SHUFFLED, torch.tensor(0.1))]),
    "dict": saved({"images": LAST, "labels": SHUFFLED}),
    "npz": npz(images=LAST.numpy(), labels=SHUFFLED.numpy()),
    "safetensors": safetensors(images=LAST, labels=SHUFFLED),
}


@pytest.mark.parametrize("kind", CHANNELS_LAST)
def test_channels_last_are_put_first_in_every_layout_and_told(tmp_path: Path, kind: str) -> None:
    run = import_run(CHANNELS_LAST[kind](tmp_path), tmp_path / "runs", "svhn")
    assert torch.equal(load_condensed(run).images, by_class(NORMALISED))
    assert "The images were stored with the channels last." in sentences(run)


@pytest.mark.parametrize("kind", ["experiments", "dict", "npz", "safetensors"])
def test_what_a_file_holds_besides_is_told(tmp_path: Path, kind: str) -> None:
    besides = {"soft_labels": LOGITS, "lr": torch.tensor(0.1)}
    held = {"images": NORMALISED, "labels": SHUFFLED, **besides}
    build = {
        "experiments": saved({"data": [[NORMALISED, SHUFFLED]], **besides}),
        "dict": saved(held),
        "npz": npz(**{name: tensor.numpy() for name, tensor in held.items()}),
        "safetensors": safetensors(**held),
    }[kind]
    told = sentences(import_run(build(tmp_path), tmp_path / "runs", "svhn"))
    (left_out,) = [sentence for sentence in told if sentence.startswith("Left out: ")]
    assert sorted(left_out.removeprefix("Left out: ").rstrip(".").split(", ")) == ["lr", "soft_labels"]


def test_an_npz_may_state_its_normalisation_and_classes_in_arrays(tmp_path: Path) -> None:
    arrays = {"images": NORMALISED.numpy(), "labels": SHUFFLED.numpy()}
    names = np.array([f"class {label}" for label in range(CLASSES)])
    stated = {"mean": np.array([0.5, 0.4, 0.3]), "std": np.full(3, 0.25, np.float32), "class_names": names}
    run = import_run(npz(**arrays, **stated)(tmp_path), tmp_path / "runs")
    condensed = load_condensed(run)
    assert torch.equal(condensed.images, by_class(NORMALISED))
    assert condensed.class_names == tuple(names)
    assert (condensed.statistics.mean, condensed.statistics.std) == ((0.5, 0.4, 0.3), (0.25,) * 3)
    assert not any("Left out" in sentence for sentence in sentences(run))
    of_bytes = {"mean": np.full(3, 125.3), "std": np.full(3, 63.0)}
    with pytest.raises(ValueError, match="not those of pixels scaled to 0 to 1"):
        load_condensed(npz(**arrays, **of_bytes)(tmp_path), dataset="svhn")
    other = {"mean": np.zeros((3, 8, 8)), "std": np.ones((3, 8, 8))}
    run = import_run(npz(**arrays, **other)(tmp_path), tmp_path / "runs", "svhn")
    assert "Left out: mean, std." in sentences(run)
    assert load_condensed(run).statistics == SVHN


def test_8_bit_channels_last_arrays_are_read(tmp_path: Path) -> None:
    path = npz(x=BYTES.permute(0, 2, 3, 1).numpy(), y=SHUFFLED.numpy())(tmp_path)
    condensed = load_condensed(path, dataset="svhn")
    assert torch.equal(condensed.images, SVHN.normalise(by_class(BYTES)))
