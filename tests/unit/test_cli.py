"""The command line, in this process: what it prints, what it leaves on disk, what it exits with."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from dmcore.cli import main
from dmcore.cli.condensing import Condense
from dmcore.cli.exchanging import FILMS, FORMATS, MOVING
from dmcore.cli.flags import condense_config
from dmcore.config import CondenseConfig

ASK_FOR_HELP = """
import sys
from dmcore.cli import main
try:
    main(["--help"])
finally:
    assert "torch" not in sys.modules
"""
SMALL = ["condense", "--images-per-class", "1", "--width", "4", "--real-batch", "8", "--threads", "1"]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def dmcore(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`dmcore("runs")` runs one command line on an empty runs root; gives exit code, output and errors."""
    monkeypatch.setenv("DM_RUNS", str(tmp_path / "runs"))

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            code = main(arguments)
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return run


def run_id(output: str) -> str:
    return output.splitlines()[0].removeprefix("run ")


def test_help_answers_without_torch() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK_FOR_HELP], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 0, done.stderr
    for command in ("condense", "resume", "evaluate", "export", "import", "runs", "datasets", "prepare"):
        assert command in done.stdout


def test_every_field_is_a_flag_and_its_docstring_the_help(dmcore: Run) -> None:
    code, out, _ = dmcore("condense", "--help")
    words = " ".join(out.replace("│", " ").split())
    assert code == 0
    for name, field in CondenseConfig.model_fields.items():
        if name != "sets":
            assert f"--{name.replace('_', '-')}" in words
            assert (field.description or "").split(";")[0] in words


def test_flags_left_open_are_the_papers() -> None:
    assert condense_config(Condense()) == CondenseConfig()


def test_comma_lists_make_sets_on_one_real_side() -> None:
    config = condense_config(
        Condense(images_per_class="1,10", init="real,noise", augment="none", replay=True)
    )
    assert [one.name for one in config.all_sets()] == ["real-1", "noise-1", "real-10", "noise-10"]
    assert (config.augment, config.replay) == ((), True)
    rates = condense_config(Condense(image_lr="1,5", augment="color,flip"))
    assert [one.image_lr for one in rates.all_sets()] == [1, 5]
    assert rates.augment == ("color", "flip")


def test_condense_names_run_and_device_and_leaves_a_finished_run(dmcore: Run) -> None:
    code, out, err = dmcore(*SMALL, "--iterations", "3", "--title", "<b>../x</b>")
    assert code == 0
    assert "device cpu (" in out
    assert "3/3" in err
    listing = json.loads(dmcore("runs", "--json")[1])["runs"]
    assert [(one["run"], one["status"], one["iteration"]) for one in listing] == [
        (run_id(out), "finished", 3)
    ]
    assert "<b>../x</b>" in dmcore("runs")[1]


def test_json_is_the_only_thing_on_standard_output(dmcore: Run) -> None:
    code, out, err = dmcore(*SMALL, "--iterations", "2", "--json")
    result = json.loads(out)
    assert code == 0
    assert set(result) == {"run", "iterations", "loss_per_class", "images_per_second"}
    assert result["iterations"] == 2
    assert len(result["loss_per_class"]) == 10
    assert result["images_per_second"] > 0
    assert f"run {result['run']}" in err


def test_several_sets_give_their_losses_by_name(dmcore: Run) -> None:
    out = dmcore(*SMALL, "--init", "real,noise", "--iterations", "2", "--json")[1]
    assert {name: len(loss) for name, loss in json.loads(out)["loss_per_class"].items()} == {
        "real-1": 10,
        "noise-1": 10,
    }


def test_interrupt_stops_cleanly_and_resume_finishes(dmcore: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import dmcore.runs.recorder as recorder

    condensed = recorder.condense

    def interrupted(*arguments: object, **options: object) -> object:
        for step in condensed(*arguments, **options):  # type: ignore[arg-type]
            if step.iteration == 3:
                os.kill(os.getpid(), signal.SIGINT)
            yield step

    monkeypatch.setattr(recorder, "condense", interrupted)
    code, out, err = dmcore(*SMALL, "--iterations", "6")
    name = run_id(out)
    assert code == 0
    assert f"stopped after 3 of 6 iterations, nothing is lost: `dmcore resume {name}` goes on" in out
    assert "Ctrl-C again" in err
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    monkeypatch.setattr(recorder, "condense", condensed)
    assert json.loads(dmcore("runs", "--json")[1])["runs"][0]["status"] == "interrupted"
    code, out, _ = dmcore("resume", name, "--json")
    assert (code, json.loads(out)["iterations"]) == (0, 6)
    assert "done before" in dmcore("resume", name)[1]
    assert json.loads(dmcore("resume", name, "--iterations", "8", "--json")[1])["iterations"] == 8


def test_evaluate_names_mean_std_and_n(dmcore: Run) -> None:
    name = run_id(dmcore(*SMALL, "--iterations", "1")[1])
    protocol = ["--networks", "convnet,mlp", "--repeats", "2", "--epochs", "1", "--threads", "1"]
    code, out, err = dmcore("evaluate", name, *protocol, "--json")
    result = json.loads(out)
    assert code == 0
    assert result["run"] == name
    assert [one["network"] for one in result["results"]] == ["convnet", "mlp"]
    for one in result["results"]:
        assert set(one) == {"network", "mean", "std", "n", "accuracies"}
        assert one["n"] == len(one["accuracies"]) == 2
        assert 0 <= one["mean"] == sum(one["accuracies"]) / 2 <= 100
    assert "(n = 2)" in err
    kinds = json.loads(
        dmcore("evaluate", f"{name}:real-1", "--kind", "condensed,random_real", *protocol, "--json")[1]
    )
    assert [one["kind"] for one in kinds["results"]] == ["condensed"] * 2 + ["random_real"] * 2


@pytest.mark.parametrize("format", FORMATS)
def test_an_export_comes_back_by_import(dmcore: Run, tmp_path: Path, format: str) -> None:
    name = run_id(dmcore(*SMALL, "--iterations", "1")[1])
    code, out, _ = dmcore("export", name, "--format", format, "--to", str(tmp_path / "out"), "--json")
    exported = json.loads(out)
    assert code == 0
    assert all(Path(file).exists() for file in exported["files"])
    code, out, err = dmcore("import", exported["files"][0], "--json")
    assert code == 0, err
    again = json.loads(out)
    assert again["run"] != name
    assert len(json.loads(dmcore("runs", "--json")[1])["runs"]) == 2


def test_every_export_format_is_offered() -> None:
    from dmcore.runs.export import FORMATS as known
    from dmcore.runs.film_files import FILM_FORMATS

    assert set(FORMATS) == set(known)
    assert set(FILMS) == set(FILM_FORMATS)
    assert set(MOVING) == {name for name, one in FILM_FORMATS.items() if one.moves}


@pytest.mark.parametrize("format", FILMS)
def test_a_film_shows_every_kept_iteration_of_all_sets_or_of_one(
    dmcore: Run, tmp_path: Path, format: str
) -> None:
    run = run_id(dmcore(*SMALL, "--iterations", "2", "--init", "real,noise")[1])
    for name, sets in ((run, ["real-1", "noise-1"]), (f"{run}:noise-1", ["noise-1"])):
        code, out, err = dmcore("export", name, "--format", format, "--to", str(tmp_path / "out"), "--json")
        assert code == 0, err
        exported = json.loads(out)
        assert exported["sets"] == sets
        with Image.open(exported["files"][0]) as opened:
            assert getattr(opened, "n_frames", 1) == exported["frames"] == (3 if format in MOVING else 1)
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_options_that_an_export_cannot_honour_are_refused(dmcore: Run) -> None:
    run = run_id(dmcore(*SMALL, "--iterations", "1")[1])
    for arguments, said in (
        (("--format", "gif", "--iteration", "1"), "--iteration"),
        (("--format", "npz", "--no-burn-in"), "--no-burn-in"),
        (("--format", "before-after", "--seconds", "5"), "--seconds"),
        (("--format", "webp", "--seconds", "nan"), "choose 1 to"),
        (("--format", "gfi"), "did you mean gif"),
    ):
        code, _, err = dmcore("export", run, *arguments)
        assert (code, said in err) == (2, True), err


def test_datasets_says_what_is_on_disk(dmcore: Run, tmp_path: Path) -> None:
    listed = json.loads(dmcore("datasets", "--data-root", str(tmp_path), "--json")[1])
    assert listed["data_root"] == str(tmp_path)
    assert [one["name"] for one in listed["datasets"] if one["on_disk"]] == ["digits"]
    assert "to download" in dmcore("datasets", "--data-root", str(tmp_path))[1]


@pytest.mark.parametrize("damaged", ["error.json", "result.json", "sets/real-1/set.json"])
def test_a_run_with_a_damaged_file_is_named_and_the_others_are_listed(
    dmcore: Run, tmp_path: Path, damaged: str
) -> None:
    names = [run_id(dmcore(*SMALL, "--iterations", "1")[1]) for _ in range(2)]
    (tmp_path / "runs" / names[0] / damaged).write_bytes(b"")
    code, out, err = dmcore("runs", "--json")
    assert code == 0
    assert [one["run"] for one in json.loads(out)["runs"]] == [names[1]]
    (said,) = [line for line in err.splitlines() if line.startswith("not listed: ")]
    assert str(Path(names[0]) / damaged) in said


def test_an_empty_runs_root_says_what_to_do(dmcore: Run) -> None:
    code, out, _ = dmcore("runs")
    assert code == 0
    assert "`dmcore condense` makes one" in out
