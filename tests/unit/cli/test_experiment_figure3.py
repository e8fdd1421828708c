"""`dmcore experiment figure3`: files that open, numbers of the cloud, refusals with a remedy."""

import json
from functools import partial
from pathlib import Path

import pytest
from PIL import Image
from support.small_runs import record_run

from dmcore.cli import main
from dmcore.config import CondenseConfig, DcConfig, DsaConfig, SetChange
from dmcore.data.load import load_dataset
from dmcore.feature_space.figure3_projection import Cloud, stars_of
from dmcore.feature_space.spaces import random_space
from dmcore.runs.folder import RunFolder

SETS = (SetChange(init="real"), SetChange(init="noise"))
CONFIG = CondenseConfig(
    dataset="digits", images_per_class=2, width=8, depth=2, real_batch=8, iterations=3, sets=SETS
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return record_run(tmp_path_factory.mktemp("runs"), CONFIG, "Two <starts>")


def test_pictures_numbers_and_verdicts_are_written(
    run: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    flags = ["--features", "random", "--map", "pca", "--cache-root", str(tmp_path / "cache")]
    arguments = [
        "experiment",
        "figure3",
        "--runs",
        str(run.path),
        *flags,
        "--out",
        str(tmp_path / "out"),
        "--json",
    ]
    assert main(arguments) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == {**json.loads((tmp_path / "out/figure3.json").read_text()), "files": printed["files"]}
    with Image.open(tmp_path / "out/figure3.png") as picture:
        assert min(picture.size) > 500
    page = (tmp_path / "out/figure3.html").read_text()
    assert "<svg" in page
    assert "Two &lt;starts&gt;" in page
    assert "Two <starts>" not in page
    methods = [(entry["set"], entry["method"]) for entry in printed["sets"]]
    assert methods == [
        (name, method) for name in ("real-2", "noise-2") for method in ("condensed", "start", "random")
    ]
    assert {entry["outcome"] for entry in printed["verdicts"]} == {"not resolved"}  # fewer than three runs
    dataset, spec = load_dataset("digits"), CONFIG.network_spec()
    cloud = Cloud(dataset, partial(random_space, spec), "pca", spec, tmp_path)
    start = cloud.measure(stars_of(run.snapshot("noise-2", 0).pixels.astype("float32")))
    stored = next(
        entry for entry in printed["sets"] if (entry["set"], entry["method"]) == ("noise-2", "start")
    )
    for entry in start:
        assert stored["numbers"][entry.name]["value"] == pytest.approx(entry.value, rel=1e-5)


def test_runs_of_dm_dc_and_dsa_are_panels_beside_each_other_and_never_averaged(
    run: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    small = {"dataset": "digits", "width": 8, "depth": 2, "real_batch": 8, "iterations": 2}
    loops = {"images_per_class": 2, "outer_steps": 1, "inner_epochs": 1}
    dc, dsa = (
        record_run(tmp_path / "runs", method.model_validate({**small, **loops}), f"Run {number}")
        for number, method in enumerate((DcConfig, DsaConfig))
    )
    runs = ",".join((f"{run.path}:real-2", str(dc.path), str(dsa.path)))
    arguments = ["experiment", "figure3", "--runs", runs, "--features", "random", "--map", "pca"]
    arguments += ["--cache-root", str(tmp_path / "cache"), "--out", str(tmp_path / "out")]
    assert main([*arguments, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    learned = [each for each in printed["sets"] if each["method"] == "condensed"]
    assert [(each["set"], each["learned_by"]) for each in learned] == [
        ("real-2", "DM"),
        ("noise-2", "DC"),
        ("real-2", "DSA"),
    ]
    page = (tmp_path / "out/figure3.html").read_text()
    assert all(f"condensed by {method}" in page for method in ("DM", "DC", "DSA"))
    verdicts = [each for each in printed["verdicts"] if each["number"] == "coverage"]
    assert [each["learned_by"] for each in verdicts] == ["DM", "DC", "DSA"]
    for each, verdict in zip(learned, verdicts, strict=True):
        assert verdict["condensed"] == [each["numbers"]["coverage"]["value"], None, 1]
    assert main(arguments) == 0
    assert "coverage, 2 per class, condensed by DSA against random: not resolved" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ([], "--runs: name at least one run"),
        (["--runs", "nowhere"], "nowhere"),
        (["--runs", "RUN", "--features", "trainde"], "did you mean trained"),
        (["--runs", "RUN", "--map", "umap"], "choose from tsne, pca, joint"),
        (["--runs", "RUN:real-3"], "has no set"),
    ],
)
def test_what_cannot_be_drawn_is_a_sentence(
    run: RunFolder, flags: list[str], message: str, capsys: pytest.CaptureFixture
) -> None:
    arguments = [flag.replace("RUN", str(run.path)) for flag in flags]
    assert main(["experiment", "figure3", *arguments]) in (1, 2)
    assert message in capsys.readouterr().err
