"""Export and import of condensed sets: one contract for every format, and what is refused."""

import json
import os

import numpy as np
import pytest
import torch
from PIL import Image

from dmcore.config import CondenseConfig, EvaluateConfig
from dmcore.data.images import DataSet, LabelledImages, Statistics
from dmcore.execution.plan import Plan
from dmcore.runs.checkpoint import Checkpoint, write_checkpoint
from dmcore.runs.creation import create_run
from dmcore.runs.description import Status
from dmcore.runs.formats.export import FORMATS, export_run
from dmcore.runs.imports import import_run, load_condensed
from dmcore.runs.results.evaluation import evaluate_run, random_real
from dmcore.runs.runs_root import list_runs
from dmcore.runs.snapshots import Snapshot, write_snapshot
from dmcore.training.evaluate import EpochDone, NetworkTested

STATISTICS = Statistics((0.4, 0.5, 0.6), (0.2, 0.25, 0.3))
NAMES = ("T-shirt/top", "<b>bag</b>", "../up")
READ_BACK = [name for name, format in FORMATS.items() if format.read_back and name != "ddranking"]
"""Without that which takes sets of CIFAR alone."""


def data_set(seed: int = 0) -> DataSet:
    random = np.random.default_rng(seed)

    def part(count: int) -> LabelledImages:
        images = torch.from_numpy(random.integers(0, 256, (count, 3, 8, 8), dtype=np.uint8))
        return LabelledImages(images, torch.arange(count) % 3, NAMES, STATISTICS, flip_keeps_label=False)

    return DataSet("cloth", "Cloth", part(12), part(9))


@pytest.fixture
def run(tmp_path):
    """A run of two images per class: snapshots at 0 and 7, a checkpoint at 7."""
    config = CondenseConfig(dataset="cloth", images_per_class=2, iterations=7, width=4, depth=1)
    folder = create_run(tmp_path / "runs", config, data_set(), Plan())
    (name,) = folder.set_names
    pixels = torch.randn(3, 2, 3, 8, 8, generator=torch.Generator().manual_seed(0)) * 2
    for iteration, shown in ((0, pixels * 0.5), (7, pixels)):
        half = shown.half().numpy()
        write_snapshot(folder.snapshot_folder(name), Snapshot(iteration, half, half * 0), folder.id)
    state = {f"{name}/pixels": pixels, f"{name}/momentum": torch.zeros_like(pixels)}
    write_checkpoint(folder.checkpoint_folder, Checkpoint(7, state))
    return folder


@pytest.mark.parametrize("format", READ_BACK)
def test_exported_set_comes_back_as_a_run(run, tmp_path, format):
    written = export_run(run, None, format, tmp_path / "out")
    imported = import_run(written[0], tmp_path / "runs", title="Back again")
    before, after = load_condensed(run), load_condensed(imported)

    if FORMATS[format].exact:
        assert torch.equal(after.images, before.images)
    else:
        pictures = STATISTICS.denormalise(before.images)
        assert torch.equal(STATISTICS.denormalise(after.images), pictures)
        assert "clamped" in FORMATS[format].sentence.lower()
    assert torch.equal(after.label, before.label)
    assert (after.class_names, after.statistics, after.dataset) == (NAMES, STATISTICS, "cloth")
    assert (after.iteration, imported.snapshots(imported.set_names[0])) == (7, [7])
    assert imported.status() is Status.FINISHED
    assert imported.description.title == "Back again"
    assert imported.id in [run.id for run in list_runs(tmp_path / "runs")]


@pytest.mark.parametrize("format", READ_BACK)
def test_exported_set_loads_without_becoming_a_run(run, tmp_path, format):
    written = export_run(run, None, format, tmp_path / "out")
    assert torch.equal(load_condensed(written[0]).label, load_condensed(run).label)


@pytest.mark.parametrize("format", ["png", "imagefolder", "pt"])
def test_formats_that_lose_the_normalisation_write_it_beside(run, tmp_path, format):
    written = export_run(run, None, format, tmp_path / "out")
    beside = written[1] if len(written) > 1 else written[0] / "normalisation.json"
    facts = json.loads(beside.read_text(encoding="utf-8"))
    assert facts["mean"] == list(STATISTICS.mean)
    assert facts["class_names"] == list(NAMES)
    assert facts["about"]


def test_damaged_facts_are_refused(run, tmp_path):
    (folder,) = export_run(run, None, "png", tmp_path / "out")
    for damaged in ("{", "[]", '{"mean": 1}'):
        (folder / "normalisation.json").write_text(damaged)
        with pytest.raises(ValueError, match="export the set again"):
            import_run(folder, tmp_path / "runs")


def test_class_names_never_become_paths_outside_the_export(run, tmp_path):
    (folder,) = export_run(run, None, "imagefolder", tmp_path / "out")
    assert sorted(file.name for file in folder.iterdir()) == [
        "0-T-shirt-top",
        "1-b-bag-b",
        "2-up",
        "normalisation.json",
    ]
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [folder.name]


def test_latest_images_are_float32_and_earlier_ones_say_they_are_float16(run):
    assert load_condensed(run).stored_as == "float32"
    earlier = load_condensed(run, iteration=0)
    assert (earlier.stored_as, earlier.iteration) == ("float16", 0)


def test_a_damaged_checkpoint_gives_the_snapshot_of_the_same_iteration(run):
    (file,) = run.checkpoint_folder.glob("*.safetensors")
    file.write_bytes(file.read_bytes()[:-100])
    assert load_condensed(run).stored_as == "float16"


def test_a_set_or_iteration_that_is_not_there_is_refused_with_those_that_are(run):
    with pytest.raises(ValueError, match="choose one of 0, 7"):
        load_condensed(run, iteration=5)
    with pytest.raises(ValueError, match="choose one of real-2"):
        load_condensed(run, "nothing")


def test_unknown_format_is_refused_with_the_nearest(run, tmp_path):
    with pytest.raises(ValueError, match="did you mean npz"):
        export_run(run, None, "nzp", tmp_path)


def test_pictures_do_not_replace_a_folder_that_is_there(run, tmp_path):
    export_run(run, None, "png", tmp_path / "out")
    with pytest.raises(ValueError, match="exists already"):
        export_run(run, None, "png", tmp_path / "out")


def test_pt_has_the_layout_the_authors_read(run, tmp_path):
    for _ in evaluate_run(run, None, data_set(), EvaluateConfig(epochs=1, repeats=2), plan=Plan()):
        pass
    (file, _) = export_run(run, None, "pt", tmp_path / "out")
    content = torch.load(file)  # as anybody would open it
    ((images, label),) = content["data"]
    assert images.shape == (6, 3, 8, 8)
    assert images.dtype == torch.float32
    assert label.tolist() == [0, 0, 1, 1, 2, 2]
    accuracies = content["accs_all_exps"]["ConvNet"]
    assert all(isinstance(accuracy, float) for accuracy in accuracies)
    assert [accuracy * 100 for accuracy in accuracies] == pytest.approx(run.results()[0].accuracies)
    assert torch.equal(load_condensed(file).images, load_condensed(run).images)


@pytest.mark.parametrize("module", ["numpy.core.multiarray", "numpy._core.multiarray"])
def test_published_pt_with_scalars_of_old_and_new_numpy_becomes_a_run(tmp_path, module):
    images, label = torch.randn(20, 1, 28, 28), torch.arange(10).repeat_interleave(2)
    file = tmp_path / "published.pt"
    torch.save(
        {"data": [[images, label], [images + 1, label]], "accs_all_exps": {"ConvNet": [np.float64(0.5)]}},
        file,
        _use_new_zipfile_serialization=False,
    )
    current = np.float64(0).__reduce__()[0].__module__
    assert f"c{current}\n".encode() in file.read_bytes()
    file.write_bytes(file.read_bytes().replace(f"c{current}\n".encode(), f"c{module}\n".encode()))

    with pytest.raises(ValueError, match="--dataset"):
        import_run(file, tmp_path / "runs")
    run = import_run(file, tmp_path / "runs", "fashion_mnist")
    assert run.set_names == ("experiment-1", "experiment-2")
    assert torch.equal(load_condensed(run, "experiment-2").images, images + 1)
    assert load_condensed(run, "experiment-1").statistics == Statistics((0.2861,), (0.3530,))


def test_pt_that_carries_code_is_refused_and_nothing_of_it_runs(tmp_path):
    class Code:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "it ran"),)

    torch.save(
        {"data": [[torch.zeros(1, 1, 8, 8), torch.zeros(1)]], "accs_all_exps": Code()}, tmp_path / "bad.pt"
    )
    with pytest.raises(ValueError, match="not opened"):
        import_run(tmp_path / "bad.pt", tmp_path / "runs", "mnist")
    assert not (tmp_path / "it ran").exists()
    assert not (tmp_path / "runs").exists()


def test_npz_with_pickled_objects_is_refused(tmp_path):
    np.savez(tmp_path / "bad.npz", images=np.array([{}], dtype=object), label=np.zeros(1))
    with pytest.raises(ValueError, match="plain arrays"):
        import_run(tmp_path / "bad.npz", tmp_path / "runs", "mnist")


@pytest.mark.parametrize("ending", [".npz", ".pt", ".safetensors"])
def test_a_damaged_file_is_refused_with_a_sentence(run, tmp_path, ending):
    file = export_run(run, None, ending[1:], tmp_path / "out")[0]
    for damaged in (file.read_bytes()[:300], b"", b"nonsense" * 100):
        file.write_bytes(damaged)
        with pytest.raises(ValueError, match=file.name):
            import_run(file, tmp_path / "runs")


@pytest.mark.parametrize(
    ("images", "label", "remedy"),
    [
        (torch.zeros(3, 1, 28, 28), torch.tensor([0, 0, 1]), "as many of each class"),
        (torch.zeros(10, 1, 28, 28), torch.arange(10) + 1, "lies outside"),
        (torch.full((10, 1, 28, 28), torch.nan), torch.arange(10), "not finite"),
        (torch.zeros(10, 28, 28), torch.arange(10), "image, channel, height, width"),
        (torch.zeros(10, 3, 28, 28), torch.arange(10), "channels"),
        (torch.zeros(0, 1, 28, 28), torch.arange(0), "holds no images"),
    ],
)
def test_images_that_make_no_set_are_refused(tmp_path, images, label, remedy):
    np.savez(tmp_path / "odd.npz", images=images.numpy(), label=label.numpy())
    with pytest.raises(ValueError, match=remedy):
        import_run(tmp_path / "odd.npz", tmp_path / "runs", "mnist")


def test_class_folders_without_a_word_are_measured_themselves(tmp_path):
    for name, level in (("cat", 10), ("dog", 200)):
        (tmp_path / "mine" / name).mkdir(parents=True)
        Image.new("L", (8, 8), level).save(tmp_path / "mine" / name / "one.png")
    run = import_run(tmp_path / "mine", tmp_path / "runs")
    condensed = load_condensed(run)
    assert condensed.class_names == ("cat", "dog")
    assert condensed.statistics.denormalise(condensed.images)[:, 0, 0, 0].tolist() == [10, 200]
    assert [note.sentence for note in run.notes()] == [
        "Imported from mine.",
        "The images were stored with 8 bits a pixel, clamped.",
    ]


def test_results_are_kept_with_their_protocol(run):
    config = EvaluateConfig(networks=("convnet", "mlp"), epochs=1, repeats=2)
    events = list(evaluate_run(run, None, data_set(), config, plan=Plan()))
    assert sum(isinstance(event, NetworkTested) for event in events) == 4
    assert sum(isinstance(event, EpochDone) for event in events) == 8
    first, second = run.results()
    assert (first.network, second.network) == ("convnet", "mlp")
    assert (first.set, first.iteration, first.kind, first.n) == ("real-2", 7, "condensed", 2)
    assert first.mean == pytest.approx(np.mean(first.accuracies))
    assert "flip" not in first.protocol.augment
    assert events[0].network.width == 4  # the run's own architecture keeps the run's width


@pytest.mark.parametrize("kind", ["random_real", "all_real"])
def test_real_images_are_evaluated_in_place_of_the_set(run, kind):
    events = evaluate_run(run, None, data_set(), EvaluateConfig(epochs=1, repeats=1), kind=kind, plan=Plan())
    assert isinstance(list(events)[-1], NetworkTested)
    (result,) = run.results()
    assert result.kind == kind


def test_random_real_images_are_of_every_class_without_replacement_and_follow_the_seed():
    real = data_set().train
    images, label = random_real(real, 2, seed=3)
    assert label.tolist() == [0, 0, 1, 1, 2, 2]
    assert len({image.numpy().tobytes() for image in images}) == 6
    assert torch.equal(images, random_real(real, 2, seed=3)[0])
    assert not torch.equal(images, random_real(real, 2, seed=4)[0])
    with pytest.raises(ValueError, match="fewer than 5"):
        random_real(real, 5, seed=0)


def test_another_data_set_than_the_runs_own_is_refused(run):
    with pytest.raises(ValueError, match="other training images"):
        next(evaluate_run(run, None, data_set(seed=1), EvaluateConfig(), plan=Plan()))


def test_an_npz_without_labels_says_which_arrays_it_has(tmp_path):
    np.savez(tmp_path / "own.npz", images=np.zeros((2, 3, 8, 8), np.float32), classes=np.arange(2))
    with pytest.raises(ValueError, match=r"no array named label, only images, classes"):
        import_run(tmp_path / "own.npz", tmp_path / "runs", "digits")
