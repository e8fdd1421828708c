"""The command line, in this process: what it prints, what it leaves on disk, what it exits with."""

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from support.command_line import Command

from dmcore.cli.condense import Condense
from dmcore.cli.exchange import FILMS, FORMATS, MOVING
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
SMALL = ["condense", "--dataset", "digits", "--images-per-class", "1", "--width", "4"]
SMALL += ["--real-batch", "8", "--threads", "1"]
QUICK = ["--networks", "mlp", "--repeats", "2", "--epochs", "1", "--threads", "1"]
SAID_OF_SET = ("set", "kind", "epochs", "iteration")
HAVE_MOMENTUM = {"condense": True, "plan": True, "evaluate": False}
"""Commands with --momentum, and whether a comma list of it makes several sets."""


def run_id(output: str) -> str:
    return output.splitlines()[0].removeprefix("run ")


def test_help_answers_without_torch() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK_FOR_HELP], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 0, done.stderr
    for command in ("condense", "resume", "evaluate", "export", "import", "runs", "datasets", "prepare"):
        assert command in done.stdout


def test_every_field_is_a_flag_and_its_docstring_the_help(dmcore: Command) -> None:
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
    assert [spec.name for spec in config.all_sets()] == ["real-1", "noise-1", "real-10", "noise-10"]
    assert (config.augment, config.replay) == ((), True)
    rates = condense_config(Condense(image_lr="1,5", augment="color,flip"))
    assert [spec.image_lr for spec in rates.all_sets()] == [1, 5]
    assert rates.augment == ("color", "flip")


def test_condense_names_run_and_device_and_leaves_a_finished_run(dmcore: Command) -> None:
    code, out, err = dmcore(*SMALL, "--iterations", "3", "--title", "<b>../x</b>")
    assert code == 0
    assert "device cpu (" in out
    assert "3/3" in err
    listing = json.loads(dmcore("runs", "--json")[1])["runs"]
    assert [(entry["run"], entry["status"], entry["iteration"]) for entry in listing] == [
        (run_id(out), "finished", 3)
    ]
    assert "<b>../x</b>" in dmcore("runs")[1]


def test_json_is_the_only_thing_on_standard_output(dmcore: Command) -> None:
    code, out, err = dmcore(*SMALL, "--iterations", "2", "--json")
    result = json.loads(out)
    assert code == 0
    assert set(result) == {"run", "status", "iterations", "target", "loss_per_class", "images_per_second"}
    assert (result["status"], result["iterations"], result["target"]) == ("finished", 2, 2)
    assert {name: len(loss) for name, loss in result["loss_per_class"].items()} == {"real-1": 10}
    assert result["images_per_second"] > 0
    assert f"run {result['run']}" in err


def test_several_sets_give_their_losses_by_name(dmcore: Command) -> None:
    out = dmcore(*SMALL, "--init", "real,noise", "--iterations", "2", "--json")[1]
    assert {name: len(loss) for name, loss in json.loads(out)["loss_per_class"].items()} == {
        "real-1": 10,
        "noise-1": 10,
    }


def test_interrupt_stops_cleanly_and_resume_finishes(
    dmcore: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    assert f"stopped after 3 of 6 iterations, nothing is lost: `dmcore resume {name}` continues" in out
    assert "Ctrl-C again" in err
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    monkeypatch.setattr(recorder, "condense", condensed)
    assert json.loads(dmcore("runs", "--json")[1])["runs"][0]["status"] == "interrupted"
    code, out, _ = dmcore("resume", name, "--json")
    assert (code, json.loads(out)["iterations"]) == (0, 6)
    assert "already done" in dmcore("resume", name)[1]
    assert json.loads(dmcore("resume", name, "--iterations", "8", "--json")[1])["iterations"] == 8


def test_evaluate_names_mean_std_and_n(dmcore: Command) -> None:
    name = run_id(dmcore(*SMALL, "--iterations", "1")[1])
    protocol = ["--networks", "convnet,mlp", "--repeats", "2", "--epochs", "1", "--threads", "1"]
    code, out, err = dmcore("evaluate", name, *protocol, "--json")
    result = json.loads(out)
    assert code == 0
    assert result["run"] == name
    assert [entry["network"] for entry in result["results"]] == ["convnet", "mlp"]
    for entry in result["results"]:
        assert set(entry) == {*SAID_OF_SET, "network", "mean", "std", "n", "accuracies"}
        assert [entry[fact] for fact in SAID_OF_SET] == ["real-1", "condensed", 1, 1]
        assert entry["n"] == len(entry["accuracies"]) == 2
        assert 0 <= entry["mean"] == sum(entry["accuracies"]) / 2 <= 100
    assert "(n = 2)" in err
    chosen = ["--kind", "condensed,random_real,condensed"]
    kinds = json.loads(dmcore("evaluate", f"{name}:real-1", *chosen, *protocol, "--json")[1])
    assert [entry["kind"] for entry in kinds["results"]] == ["condensed"] * 2 + ["random_real"] * 2
    assert [entry["iteration"] for entry in kinds["results"]] == [1, 1, None, None]


def refused_after(times: int, error: int) -> Callable[..., None]:
    """Stands for `os.replace`: works so many times and then never again."""
    replace, left = os.replace, [times]

    def replaced(old: object, new: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(error, os.strerror(error))
        replace(old, new)  # type: ignore[arg-type]

    return replaced


def test_evaluate_is_refused_before_training_where_nothing_can_be_kept(
    dmcore: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = run_id(dmcore(*SMALL, "--iterations", "1")[1])
    monkeypatch.setattr("dmcore.runs.results.evaluation.evaluate", lambda *_: pytest.fail("trained"))
    monkeypatch.setattr(os, "replace", refused_after(0, errno.EROFS))
    code, out, err = dmcore("evaluate", name, *QUICK, "--json")
    assert (code, out) == (1, "")
    assert "results cannot be written to: choose another folder" in err


@pytest.mark.parametrize("written", [1, 2])
def test_what_could_not_be_kept_is_printed_before_the_trouble(
    dmcore: Command, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    name = run_id(dmcore(*SMALL, "--iterations", "1")[1])
    monkeypatch.setattr(os, "replace", refused_after(written, errno.ENOSPC))
    code, out, err = dmcore("evaluate", name, *QUICK, "--json")
    assert (code, json.loads(out)["results"][0]["n"]) == (1, 2)
    table, trouble = err.index("(n = 2)"), err.index("is full: free some space")
    assert table < trouble
    assert "stored in" not in err


@pytest.mark.parametrize("tested", [0, 1])
def test_an_interrupted_evaluation_says_what_is_kept(
    dmcore: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tested: int
) -> None:
    import dmcore.runs.results.evaluation as evaluation
    from dmcore.training.evaluate import NetworkTested

    name = run_id(dmcore(*SMALL, "--iterations", "1")[1])
    evaluate = evaluation.evaluate

    def interrupted(*arguments: object) -> object:
        done = 0
        for event in evaluate(*arguments):  # type: ignore[arg-type]
            done += isinstance(event, NetworkTested)
            if done == tested:
                os.kill(os.getpid(), signal.SIGINT)
            yield event

    monkeypatch.setattr(evaluation, "evaluate", interrupted)
    code, out, _ = dmcore("evaluate", name, *QUICK)
    assert code == 130
    if tested:
        results = tmp_path / "runs" / name / "results"
        assert f"stopped: 1 of 2 networks was tested and is stored in {results}" in out
        assert "(n = 1)" in out
        assert len(list(results.iterdir())) == 1
    else:
        assert "stopped: none of 2 networks was tested, so nothing is stored" in out


def test_an_interrupted_evaluation_counts_no_set_that_it_did_not_come_to(
    dmcore: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dmcore.runs.results.evaluation as evaluation
    from dmcore.execution.job_timer import JobTimer

    name = run_id(dmcore(*SMALL, "--iterations", "1")[1])
    evaluate = evaluation.evaluate

    def interrupted(*arguments: object) -> object:
        for event in evaluate(*arguments):  # type: ignore[arg-type]
            os.kill(os.getpid(), signal.SIGINT)
            yield event

    fractions: list[float] = []
    monkeypatch.setattr(evaluation, "evaluate", interrupted)
    monkeypatch.setattr(JobTimer, "close", lambda timer: fractions.append(timer.fraction))
    dmcore("evaluate", name, *QUICK, "--kind", "condensed,random_real")
    assert [fraction < 0.5 for fraction in fractions] == [True]


def test_help_of_condense_says_what_the_papers_settings_take_and_what_is_shorter(dmcore: Command) -> None:
    words = " ".join(dmcore("condense", "--help")[1].replace("│", " ").split())
    assert "20,000 iterations take hours on a laptop" in words
    assert "`--iterations 500`" in words
    assert "`dmcore plan --minutes 5`" in words


def test_only_lists_that_make_sets_are_offered_as_such(dmcore: Command) -> None:
    sentence = "A comma list makes several sets"
    words = {
        command: " ".join(dmcore(command, "--help")[1].replace("│", " ").split()) for command in HAVE_MOMENTUM
    }
    assert {command: sentence in text for command, text in words.items()} == HAVE_MOMENTUM


def test_a_run_goes_on_from_where_its_images_were_moved(dmcore: Command, tmp_path: Path) -> None:
    for name in ("before", "other"):
        for number in range(20):
            file = tmp_path / name / "ab"[number % 2] / f"{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (16, 16), (number * 9 + len(name),) * 3).save(file)
    small = (*SMALL, "--real-batch", "2", "--depth", "2", "--iterations", "1")
    name = json.loads(dmcore(*small, "--dataset", str(tmp_path / "before"), "--json")[1])["run"]
    (tmp_path / "before").rename(tmp_path / "after")
    more = ("resume", name, "--iterations", "2")
    assert dmcore(*more)[0] == 1
    code, _, err = dmcore(*more, "--dataset", str(tmp_path / "other"))
    assert (code, "on other training images" in err) == (1, True), err
    assert json.loads(dmcore("runs", "--json")[1])["runs"][0]["status"] == "finished"  # as it was
    code, out, err = dmcore(*more, "--dataset", str(tmp_path / "after"), "--json")
    assert code == 0, err
    assert json.loads(out)["iterations"] == 2


@pytest.mark.parametrize("format", [name for name in FORMATS if name not in ("tensorboard", "ddranking")])
def test_an_export_comes_back_by_import(dmcore: Command, tmp_path: Path, format: str) -> None:
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


@pytest.mark.parametrize("format", [name for name in FORMATS if name != "ddranking"])
def test_all_sets_are_exported_where_none_is_named(dmcore: Command, tmp_path: Path, format: str) -> None:
    name = run_id(dmcore(*SMALL, "--iterations", "1", "--init", "real,noise")[1])
    code, out, err = dmcore("export", name, "--format", format, "--to", str(tmp_path / "out"), "--json")
    assert code == 0, err
    exported = json.loads(out)
    assert "set" not in exported
    assert list(exported["by_set"]) == ["real-1", "noise-1"]
    assert exported["files"] == [file for files in exported["by_set"].values() for file in files]
    for set_name, files in exported["by_set"].items():
        assert all(f"-{set_name}-" in Path(file).name and Path(file).exists() for file in files)
    options = ("--format", format, "--to", str(tmp_path / "one"), "--json")
    assert json.loads(dmcore("export", f"{name}:noise-1", *options)[1])["set"] == "noise-1"


def test_a_value_without_an_option_is_named_as_the_help_names_it(dmcore: Command) -> None:
    for arguments, message in (
        (("experiment", "table9"), "NAME table9: did you mean table4"),
        (("pool", "foo"), "ACTION foo: choose from build, show"),
        (("condense", "--augment", "foo"), "--augment foo: choose from color"),
    ):
        code, _, err = dmcore(*arguments)
        assert (code, f"dmcore: {message}" in err) == (2, True), err


def test_every_export_format_is_offered() -> None:
    from dmcore.runs.film.files import FILM_FORMATS
    from dmcore.runs.formats.export import FORMATS as known

    assert set(FORMATS) == set(known)
    assert set(FILMS) == set(FILM_FORMATS)
    assert set(MOVING) == {name for name, film_format in FILM_FORMATS.items() if film_format.moves}


@pytest.mark.parametrize("format", FILMS)
def test_a_film_shows_every_kept_iteration_of_all_sets_or_of_one(
    dmcore: Command, tmp_path: Path, format: str
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


def test_options_that_an_export_cannot_honour_are_refused(dmcore: Command) -> None:
    run = run_id(dmcore(*SMALL, "--iterations", "1")[1])
    for arguments, message in (
        (("--format", "gif", "--iteration", "1"), "--iteration"),
        (("--format", "npz", "--no-burn-in"), "--no-burn-in"),
        (("--format", "before-after", "--seconds", "5"), "--seconds"),
        (("--format", "webp", "--seconds", "nan"), "choose 1 to"),
        (("--format", "gfi"), "did you mean gif"),
    ):
        code, _, err = dmcore("export", run, *arguments)
        assert (code, message in err) == (2, True), err


def test_datasets_says_what_is_on_disk(dmcore: Command, tmp_path: Path) -> None:
    listed = json.loads(dmcore("datasets", "--data-root", str(tmp_path), "--json")[1])
    assert listed["data_root"] == str(tmp_path)
    assert [entry["name"] for entry in listed["datasets"] if entry["on_disk"]] == ["fashion", "digits"]
    assert "to download" in dmcore("datasets", "--data-root", str(tmp_path))[1]


@pytest.mark.parametrize("damaged", ["error.json", "result.json", "sets/real-1/set.json"])
def test_a_run_with_a_damaged_file_is_listed_with_a_sentence_on_it(
    dmcore: Command, tmp_path: Path, damaged: str
) -> None:
    names = [run_id(dmcore(*SMALL, "--iterations", "1")[1]) for _ in range(2)]
    (tmp_path / "runs" / names[0] / damaged).write_bytes(b"")
    code, out, err = dmcore("runs", "--json")
    assert code == 0
    sound, spoilt = json.loads(out)["runs"]
    assert (sound["run"], sound["damage"]) == (names[1], [])
    assert spoilt["run"] == names[0]
    (sentence,) = spoilt["damage"]
    assert sentence.startswith(f"{damaged} is damaged (it is empty): ")
    lines = err.splitlines()
    assert lines[lines.index(f"  {sentence}") - 1].startswith(names[0])


def test_an_empty_runs_root_says_what_to_do(dmcore: Command) -> None:
    code, out, _ = dmcore("runs")
    assert code == 0
    assert "`dmcore condense` creates one" in out
