"""DC and DSA on the command line: from `condense --method` to evaluation and export, and what is refused."""

import json
import os
import signal
from itertools import count
from pathlib import Path

import pytest
from support.command_line import Command
from support.run_equality import assert_equal_runs

from dmcore.cli.condense import Condense
from dmcore.cli.method import method_config
from dmcore.config import METHODS, CondenseConfig, DcConfig, DsaConfig, MethodConfig
from dmcore.config.command_line import command_line
from dmcore.runs.runs_root import open_run

SMALL = ["condense", "--dataset", "digits", "--width", "4", "--depth", "2", "--real-batch", "8"]
SMALL += ["--threads", "1", "--images-per-class", "2", "--outer-steps", "3", "--inner-epochs", "2"]
DSA = [*SMALL, "--method", "dsa", "--iterations", "2"]


def run_id(output: str) -> str:
    return output.splitlines()[0].removeprefix("run ")


@pytest.mark.parametrize(("method", "model"), METHODS.items())
def test_flags_left_open_are_as_published(method: str, model: type[MethodConfig]) -> None:
    assert method_config(Condense(method=method)) == model()


def test_the_help_says_what_a_setting_is_of_each_method(dmcore: Command) -> None:
    said = " ".join(dmcore("condense", "--help")[1].replace("│", " ").split())
    assert "(dc and dsa: per class and matching step) (default: 256)" in said


@pytest.mark.parametrize(
    "config",
    [
        DcConfig(),
        DsaConfig(images_per_class=50, iterations=3, augment=("color", "flip"), distance="cos"),
        DsaConfig(images_per_class=5, outer_steps=2, inner_epochs=3, image_lr=0.5, seed=4, augment=()),
    ],
)
def test_the_command_line_of_a_configuration_asks_for_the_same(config: MethodConfig) -> None:
    words = command_line(config).split()
    assert words[:4] == ["dmcore", "condense", "--method", config.method]
    typed = {
        name.removeprefix("--").replace("-", "_"): value
        for name, value in zip(words[2::2], words[3::2], strict=True)
    }
    assert method_config(Condense(**typed)) == config


def test_a_run_stopped_inside_an_iteration_says_what_is_done_again_and_resumes_exactly(
    dmcore: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import dmcore.runs.recorder as recorder

    unbroken = run_id(dmcore(*DSA)[1])
    condensed = recorder.condense

    def interrupted(*arguments: object, **options: object) -> object:
        for number, event in zip(count(), condensed(*arguments, **options)):  # type: ignore[arg-type]
            if number == 6:  # start, three matching steps, iteration 1, two matching steps
                os.kill(os.getpid(), signal.SIGINT)
            yield event

    monkeypatch.setattr(recorder, "condense", interrupted)
    code, out, told = dmcore(*DSA)
    assert code == 0
    assert "finishing this matching step, then stopping (the iteration at work is done again" in told
    assert (
        "stopped after 1 of 2 iterations, 2 of the 3 matching steps of the next one are done again: "
        f"`dmcore resume {run_id(out)}` continues"
    ) in out.replace("\u202f", " ")
    monkeypatch.setattr(recorder, "condense", condensed)
    code, out, _ = dmcore("resume", run_id(out), "--json")
    assert code == 0
    outcome = json.loads(out)
    assert (outcome["status"], outcome["iterations"], outcome["target"]) == ("finished", 2, 2)
    runs = tmp_path / "runs"
    assert_equal_runs(open_run(outcome["run"], runs), open_run(unbroken, runs))


def test_a_run_is_listed_evaluated_by_its_own_protocol_and_exported(dmcore: Command, tmp_path: Path) -> None:
    code, out, _ = dmcore(*SMALL, "--method", "dc", "--iterations", "1")
    run = run_id(out)
    assert code == 0
    (listed,) = json.loads(dmcore("runs", "--json")[1])["runs"]
    assert (listed["status"], listed["title"]) == ("finished", "Digits, DC")
    quick = ["--networks", "mlp", "--repeats", "1", "--threads", "1"]
    for options, epochs, augment in (
        ([], 300, ()),
        (["--epochs", "1"], 1, ()),
        (["--protocol", "dsa", "--epochs", "2"], 2, ("color", "crop", "cutout", "scale", "rotate")),
        (["--augment", "color", "--epochs", "3"], 3, ("color",)),
    ):
        assert dmcore("evaluate", run, *quick, *options)[0] == 0
        protocol = open_run(run, tmp_path / "runs").results()[-1].protocol
        assert (protocol.epochs, protocol.augment) == (epochs, augment)
    for form in ("png", "npz", "safetensors"):
        code, out, err = dmcore("export", run, "--format", form, "--to", str(tmp_path / form))
        assert code == 0, err
    assert list(tmp_path.glob("npz/*"))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("--method dsa --replay", "--replay with --method dsa: only dm has it, because the real side"),
        ("--method dc --source fixed:8", "--source with --method dc: only dm has it"),
        ("--method dc --augment color", "DC augments nothing: take --method dsa"),
        ("--distance mse", "--distance with --method dm: only gradient matching has it"),
        ("--method dsa --images-per-class 1,10", "--images-per-class 1,10: gradient matching trains"),
        ("--method dc --init real,noise", "start a run for each"),
        ("--method dsa --images-per-class 5", "take 1, 10, 20, 30, 40 or 50, or give"),
        ("--method dsa --network mlp", "mlp is for evaluation only"),
        ("--method foo", "--method foo: choose from dm, dc, dsa"),
        ("--method dsa --iterations 0", "--iterations 0"),
    ],
)
def test_what_a_method_has_not_is_refused_with_one_sentence(
    dmcore: Command, tmp_path: Path, options: str, sentence: str
) -> None:
    code, out, err = dmcore("condense", "--dataset", "digits", *options.split())
    assert (code, out) == (2, "")
    assert sentence in err
    assert len(err.strip().splitlines()) == 1
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("--precision bfloat16", "gradient matching has no precision bfloat16"),
        (
            "--images-per-class 100000 --outer-steps 1 --inner-epochs 1 --init noise",
            "GB are free: choose fewer",
        ),
    ],
)
def test_what_this_machine_cannot_honour_is_refused_before_there_is_a_run(
    dmcore: Command, tmp_path: Path, options: str, sentence: str
) -> None:
    code, _, err = dmcore("condense", "--dataset", "digits", "--method", "dsa", *options.split())
    assert code == 1
    assert sentence in err
    assert not (tmp_path / "runs").exists()


def test_a_network_without_double_backward_is_refused_by_name(
    dmcore: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dmcore.networks.double_backward._has_double_backward", lambda module, maps: False)
    code, _, err = dmcore(*DSA)
    assert code == 1
    assert "the layer Conv2d of convnet has no double backward" in err
    assert not (tmp_path / "runs").exists()


def test_distribution_matching_is_what_is_left_open(dmcore: Command) -> None:
    assert method_config(Condense()) == CondenseConfig()
    assert "--method {dm,dc,dsa}" in " ".join(dmcore("condense", "--help")[1].replace("│", " ").split())


def test_an_unknown_protocol_is_refused(dmcore: Command) -> None:
    code, _, err = dmcore("evaluate", "run", "--protocol", "foo")
    assert code == 2
    assert "--protocol foo: choose from dm, dc, dsa" in err
