"""`dmcore experiment table1` and the like: output, files, continuing, stopping."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from PIL import Image
from support.command_line import Command
from support.small_tables import Trainings
from support.waiting import until

from dmcore.cli import progress
from dmcore.cli.experiment import ExperimentOptions
from dmcore.config import laptop_presets
from dmcore.experiments.presets import catalogue_facts
from dmcore.experiments.published.numbers import DANCE_PAPER
from dmcore.experiments.results import CellResult, NetworkResult, Results, write_results
from dmcore.experiments.table1 import Table1Config

TINY = ["--epochs", "2", "--iterations", "2", "--width", "8", "--real-batch", "8", "--threads", "1"]
SMALL = [
    "table1",
    "--dataset",
    "digits",
    "--images-per-class",
    "1,2",
    "--seeds",
    "2",
    "--repeats",
    "1",
    *TINY,
]
QUICKLY = ["--methods", "random,mean_image,dm"]
WITHOUT_TORCH = """
import sys
from dmcore.config import laptop_presets
from dmcore.cli import main
laptop_presets.LAPTOP_EPOCHS = (1, 1)  # as the fixture has it
code = main(sys.argv[1:])
assert "torch" not in sys.modules
sys.exit(code)
"""


@pytest.fixture
def dmcore(dmcore: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """One `dmcore experiment` whose networks are trained for one epoch."""
    monkeypatch.setattr(laptop_presets, "LAPTOP_EPOCHS", (1, 1))
    return partial(dmcore, "experiment")


def kept_cells(tmp_path: Path) -> dict[Path, int]:
    """Files of networks that were trained, and when each was written."""
    return {file: file.stat().st_mtime_ns for file in tmp_path.glob("cache/cells/*/*.json")}


def test_table_1_is_filled_printed_and_written_and_then_printed_without_torch(
    dmcore: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = Trainings(monkeypatch)
    arguments = [*SMALL, "--out", str(tmp_path / "out")]
    began = time.monotonic()
    code, out, err = dmcore(*arguments)
    first = time.monotonic() - began
    assert code == 0, err
    # the mean image at 1 per class is one set, and k-center begins with the image that herding does
    assert trained.count == len(kept_cells(tmp_path)) == 2 * 2 * 6 - 1 - 2
    assert "28/28" in err
    lines = out.splitlines()
    (head,) = [line for line in lines if line.startswith("Method ")]
    assert head.split() == ["Method", "1", "per", "class", "2", "per", "class"]  # nothing is published
    (dm,) = [line for line in lines if line.startswith("DM  ")]
    assert re.fullmatch(r"DM +(\d+\.\d ± \d+\.\d \(2 × 1\) *){2}", dm)
    (means,) = [line for line in lines if line.startswith("Mean image  ")]
    assert "(1 × 1)" in means
    against = [line for line in lines if line.startswith("DM against ")]
    assert len(against) == 2 * 5  # not against the whole set
    assert all("Not resolved: DM, " in line for line in against)
    few = [line for line in against if "(a verdict needs 3 independent sets on each side)." in line]
    (fixed,) = [line for line in against if line.startswith("DM against Mean image, 1 per class. ")]
    assert "(a verdict needs 3 independent sets)." in fixed
    assert sorted([*few, fixed]) == sorted(against)
    files = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert files == ["table1.csv", "table1.json", "table1.md", "table1.tex"]

    began = time.monotonic()
    command = [sys.executable, "-c", WITHOUT_TORCH, "experiment", *arguments, "--json"]
    monkeypatch.setenv("DM_DATA", str(tmp_path / "nowhere"))
    again = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    second = time.monotonic() - began
    assert again.returncode == 0, again.stderr
    printed = json.loads(again.stdout)
    print(f"\nfirst call {first:.1f} s, second call {second:.1f} s with its start")
    assert (printed["trained"], printed["places"], printed["places_complete"], printed["failures"]) == (
        0,
        28,
        28,
        {},
    )
    assert printed["files"] == [
        str(tmp_path / "out" / f"table1.{ending}") for ending in ("md", "csv", "tex", "json")
    ]
    written = json.loads((tmp_path / "out/table1.json").read_text())
    assert printed == {**written, "trained": 0, "files": printed["files"]}
    cell = next(
        entry for entry in printed["cells"] if (entry["row"], entry["column"]) == ("DM", "2 per class")
    )
    assert (cell["sets"], cell["networks"], cell["images"], cell["published"]) == (2, 2, 20, None)
    assert cell["mean"] == pytest.approx(np.mean(cell["set_means"]))
    assert len(cell["runs"]) == 2
    assert head in again.stderr  # for people, beside the object


def test_more_networks_on_each_set_train_only_those(
    dmcore: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = Trainings(monkeypatch)
    counts = []
    for repeats in ("1", "2"):
        printed = json.loads(dmcore(*SMALL, *QUICKLY, "--repeats", repeats, "--json")[1])
        counts.append((printed["trained"], trained.count))
    assert counts == [(11, 11), (11, 22)]
    assert len(kept_cells(tmp_path)) == 22


def test_ctrl_c_keeps_everything_and_the_same_command_goes_on(dmcore: Command, tmp_path: Path) -> None:
    arguments = [*SMALL, *QUICKLY, "--epochs", "60"]
    command = [sys.executable, "-m", "dmcore", "experiment", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:

        def two_cells() -> bool:
            assert process.poll() is None, process.stderr and process.stderr.read()
            return len(kept_cells(tmp_path)) >= 2

        until(two_cells, "two cells are stored", seconds=120, interval=0.02)
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    (message,) = re.findall(
        r"stopped with (\d+) of 12 cells complete, nothing is lost: the same command continues", out
    )
    assert "Ctrl-C again" in err
    assert re.search(r"^DM +\d", out, re.MULTILINE), "it is computed first"
    before = kept_cells(tmp_path)
    assert 1 <= int(message) <= len(before) < 11
    code, out, err = dmcore(*arguments, "--json")
    assert code == 0, err
    assert json.loads(out)["trained"] == 11 - len(before)
    after = kept_cells(tmp_path)
    assert len(after) == 11
    assert {file: after[file] for file in before} == before
    print(f"\nstopped with {len(before)} networks of 11, then trained {11 - len(before)}")


def test_a_table_for_a_given_time_that_is_stopped_names_the_sizes_that_continue_it(
    dmcore: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["table1", "--dataset", "digits", "--methods", "random", "--width", "8", "--threads", "1"]
    with monkeypatch.context() as patch:
        stopped = Event()
        stopped.set()
        patch.setattr(progress, "stop_requests", lambda: nullcontext(stopped))
        code, out, err = dmcore(*arguments, "--minutes", "0.0001", "--json")
    assert code == 0, err
    pattern = r"nothing is lost: the same command with (.+) in place of --minutes continues"
    sizes = re.findall(pattern, err)[0].split()
    assert sizes[::2] == ["--repeats", "--seeds", "--iterations", "--epochs", "--images-per-class"]
    begun = json.loads(out)
    assert begun["places_complete"] < begun["places"]
    continued = json.loads(dmcore(*arguments, *sizes, "--json")[1])
    assert continued["key"] == begun["key"]
    assert continued["places_complete"] == continued["places"]


@pytest.mark.parametrize(
    ("arguments", "rows", "columns"),
    [
        (["table2"], ["DM, instance norm", "DM, batch norm"], ["2 per class"]),
        (
            ["table3", "--learners", "convnet", "--testers", "convnet,mlp"],
            ["ConvNet"],
            ["ConvNet", "MLP"],
        ),
        (["figure5", "--methods", "random,dm"], ["Random", "DM"], ["2 per class"]),
    ],
)
def test_the_other_tables_are_filled_too(
    dmcore: Command, arguments: list[str], rows: list[str], columns: list[str]
) -> None:
    sizes = ["--dataset", "digits", "--images-per-class", "2", "--seeds", "2", "--repeats", "1", *TINY]
    code, out, err = dmcore(*arguments, *sizes, "--json")
    assert code == 0, err
    printed = json.loads(out)
    assert (printed["experiment"], printed["rows"], printed["columns"]) == (arguments[0], rows, columns)
    assert printed["trained"] == 4
    assert [entry["sets"] for entry in printed["cells"]] == [2, 2]
    assert len(printed["verdicts"]) == (0 if arguments[0] == "table3" else 1)


def test_published_numbers_stand_beside_with_their_source_and_what_differs(
    dmcore: Command, tmp_path: Path
) -> None:
    facts = catalogue_facts("fashion_mnist")
    assert facts is not None
    table = Table1Config(methods=("random", "dm"), images_per_class=(1,)).table(facts)
    accuracies = {"random": (50.0, 52.0, 51.0), "dm": (70.0, 71.0, 70.5)}
    results = {}
    for index, cell in enumerate(table.cells):
        accuracy = accuracies[cell.recipe.method][cell.recipe.seed]
        cells = tuple(
            NetworkResult(repeat=repeat, accuracy=accuracy, file=f"{index} {repeat}") for repeat in (0, 1)
        )
        results[index] = CellResult(digest=str(index), network_results=cells, images=10)
    write_results(tmp_path / "runs", Results(table=table, cell_results=results))
    options = ("--dataset", "fashion_mnist", "--images-per-class", "1", "--methods", "random,dm")
    arguments = ("table1", *options, "--data-root", str(tmp_path))
    code, out, err = dmcore(*arguments)  # Fashion-MNIST is not on this disk
    assert code == 0, err
    assert re.search(r"^Method +1 per class +published$", out, re.MULTILINE)
    assert re.search(r"^Random +51\.0 ± 0\.8 \(3 × 2\) +51\.4$", out, re.MULTILINE)
    assert re.search(r"^DM +70\.5 ± 0\.4 \(3 × 2\) +70\.7$", out, re.MULTILINE)
    assert f"DM: {DANCE_PAPER}; ours differs in: width 32, not 128; 500 iterations" in out
    plain = out.replace("\u00a0", " ")
    assert "DM against Random, 1 per class. Holds: DM, 70.5 ± 0.4 % over 6 networks of 3 sets, is" in plain
    assert "(p < 0.001). Welch's t-test between the means of 3 sets (70.0, 71.0, 70.5) and" in plain
    printed = json.loads(dmcore(*arguments, "--json")[1])
    (verdict,) = printed["verdicts"]
    assert verdict["p_holm"] == verdict["p"]
    assert verdict["sentence"] in out
    assert printed["verdicts_note"] == "", "of a single comparison"
    (cell,) = [entry for entry in printed["cells"] if entry["row"] == "DM"]
    assert cell["published"]["value"] == 70.7
    assert "500 iterations, not 20\u202f000" in cell["published"]["differences"]


def test_places_that_fail_are_named_and_the_others_are_printed(dmcore: Command) -> None:
    arguments = ["--dataset", "digits", "--images-per-class", "200", "--seeds", "1", "--repeats", "1", *TINY]
    code, out, err = dmcore("table1", *arguments, "--methods", "random,whole")
    assert code == 1
    assert re.search(r"^Whole set +\d", out, re.MULTILINE)
    assert "dmcore: failed: Random, 200 per class: class '8' has 139 real images, fewer than 200" in err
    assert "Traceback" not in err


def test_an_archive_gives_a_table_without_published_numbers_and_is_opened_again_only_when_it_changed(
    dmcore: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for split, count in (("train", 12), ("test", 4)):
        for level, name in ((40, "dark"), (200, "bright")):
            folder = tmp_path / "cifar10" / split / name
            folder.mkdir(parents=True)
            for index in range(count):
                Image.new("RGB", (32, 32), (level + index, level, level)).save(folder / f"{index}.png")
    archive = Path(shutil.make_archive(str(tmp_path / "cifar10"), "zip", tmp_path / "cifar10"))
    arguments = ["table1", "--dataset", str(archive), "--images-per-class", "1", *TINY]
    arguments += ["--methods", "random,dm", "--seeds", "1", "--repeats", "1"]
    opened, load = [], ExperimentOptions.load
    monkeypatch.setattr(ExperimentOptions, "load", lambda self, name: opened.append(name) or load(self, name))
    trained = []
    for _ in range(3):
        code, out, err = dmcore(*arguments)
        assert code == 0, err
        trained.append((re.findall(r"^(?:Random|DM|Method) .*$", out, re.MULTILINE), len(opened)))
        if len(trained) == 2:
            archive.touch()
    assert trained == [(trained[0][0], 1), (trained[0][0], 1), (trained[0][0], 2)]
    assert trained[0][0][0].split() == ["Method", "1", "per", "class"]
    assert "published" not in out
