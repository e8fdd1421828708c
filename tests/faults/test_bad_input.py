"""Wrong arguments and failures on the command line: one sentence, a remedy, nothing lost."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from dmcore.cli import main

SMALL = ["condense", "--dataset", "digits", "--images-per-class", "1", "--width", "4"]
SMALL += ["--real-batch", "8", "--threads", "1"]
Refused = Callable[..., str]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The runs root that the commands of a test use."""
    monkeypatch.setenv("DM_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("DM_DATA", str(tmp_path / "data"))
    return tmp_path / "runs"


@pytest.fixture
def refused(root: Path, capsys: pytest.CaptureFixture[str]) -> Refused:
    """`refused(exit_code, "runs", ...)` gives the sentence, which is one line without a traceback."""

    def run(exit_code: int, *arguments: str) -> str:
        capsys.readouterr()
        code = main(arguments)
        sentence = capsys.readouterr().err.splitlines()[-1]
        assert code == exit_code, sentence
        assert sentence.startswith("dmcore: ")
        return sentence

    return run


def made(root: Path, *arguments: str) -> Path:
    assert main([*SMALL, "--iterations", "4", *arguments]) == 0
    (run,) = root.iterdir()
    return run


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--images-per-class", "0"], ["--images-per-class 0", "greater than or equal to 1"]),
        (["--images-per-class", "1,0"], ["--images-per-class 0", "greater than or equal to 1"]),
        (["--images-per-class", "many"], ["--images-per-class many", "must be a whole number"]),
        (["--images-per-class", ","], ["--images-per-class", "must be a whole number"]),
        (["--images-per-class", "1,1"], ["two sets are named 'real-1'"]),
        (["--image-lr", "-1"], ["--image-lr -1", "greater than 0"]),
        (["--image-lr", "inf"], ["--image-lr inf", "finite"]),
        (["--momentum", "1"], ["--momentum 1", "less than 1"]),
        (["--iterations", "0"], ["--iterations 0", "greater than or equal to 1"]),
        (["--seed", "-1"], ["--seed -1", "greater than or equal to 0"]),
        (["--network", "convnt"], ["--network convnt", "did you mean convnet?", "resnet18"]),
        (["--network", "ConvNet"], ["did you mean convnet?"]),
        (["--network", "mlp"], ["for evaluation only"]),
        (["--init", "real,nois"], ["--init nois", "did you mean noise?"]),
        (["--augment", "colour"], ["--augment colour", "did you mean color?"]),
        (["--augment", "color,color"], ["names each operation once", "twice"][1:]),
        (["--threads", "0"], ["--threads 0", "at least 1"]),
    ],
)
def test_a_value_that_is_not_allowed_is_named_with_what_is(
    refused: Refused, root: Path, flags: list[str], words: list[str]
) -> None:
    sentence = refused(2, "condense", *flags)
    assert all(word in sentence for word in words), sentence
    assert not root.exists()


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--dataset", "CIFAR-1O"], ["did you mean cifar10?"]),
        (["--dataset", "/nowhere/at/all"], ["nothing at /nowhere/at/all"]),
        (["--dataset", "mnist"], ["not on disk", "--download"]),
        (["--dataset", "digits", "--images-per-class", "1000"], ["fewer than", "139", "noise"]),
        (["--depth", "8"], ["depth 8", "largest that fits"]),
        (["--network", "alexnet", "--width", "64"], ["width", "convnet"]),
        (["--device", "tpu"], ["'tpu'", "cpu"]),
    ],
)
def test_what_cannot_be_honoured_is_refused_before_there_is_a_run(
    refused: Refused, root: Path, flags: list[str], words: list[str]
) -> None:
    sentence = refused(1, "condense", "--iterations", "1", *flags)
    assert all(word in sentence for word in words), sentence
    assert not root.exists()


@pytest.mark.parametrize("arguments", [["condense", "--sead", "3"], ["resume"], ["condens"], [], ["export"]])
def test_an_unknown_or_missing_argument_ends_with_two(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(arguments)
    assert leaving.value.code == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("command", ["resume", "evaluate", "export"])
@pytest.mark.parametrize(
    "name",
    [
        "20990101-000000-digits-zzzz",
        "../../etc",
        "",
        "a:b",
        "NUL",
        "<b>x</b>",
        "~nosuchuser",
        "a\0",
        "x" * 300,
    ],
)
def test_a_run_that_is_not_there_is_said(refused: Refused, command: str, name: str) -> None:
    assert "no run" in refused(1, command, name)


def test_a_mistyped_run_or_set_is_answered_with_the_nearest(refused: Refused, root: Path) -> None:
    run = made(root, "--init", "real,noise")
    assert f"did you mean {run.name}?" in refused(1, "resume", run.name[:-1])
    assert "real-1, noise-1" in refused(1, "evaluate", f"{run.name}:nois-1")
    assert "real-1, noise-1" in refused(1, "export", f"{run.name}:nois-1", "--format", "npz")
    assert "did you mean npz?" in refused(2, "export", f"{run.name}:real-1", "--format", "np")
    assert "iteration 77" in refused(1, "export", f"{run.name}:real-1", "--iteration", "77")
    assert "did you mean convnet?" in refused(2, "evaluate", run.name, "--networks", "convnets")
    assert "random_real" in refused(2, "evaluate", run.name, "--kind", "random")
    assert "ask for more" in refused(1, "resume", run.name, "--iterations", "1")


def test_a_run_without_an_update_is_not_taken_to_zero_iterations(refused: Refused, root: Path) -> None:
    run = made(root)
    (run / "events.jsonl").write_text("")
    for file in run.glob("sets/*/snapshots/*"):
        file.unlink()
    assert "--iterations 0" in refused(2, "resume", run.name, "--iterations", "0")


def test_what_is_no_set_is_not_imported(refused: Refused, root: Path, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no images")
    broken = tmp_path / "broken.npz"
    broken.write_bytes(b"PK\x03\x04 and then nothing")
    (tmp_path / "empty").mkdir()
    for path in (text, broken, tmp_path / "empty", tmp_path / "missing.pt"):
        assert path.name in refused(1, "import", str(path))
    assert not list(root.glob("*"))


def test_a_pt_file_that_carries_code_is_refused_and_not_run(refused: Refused, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
            return os.system, (f"touch {tmp_path / 'ran'}",)

    torch.save({"data": [[Evil(), Evil()]]}, tmp_path / "evil.pt")
    assert "evil.pt" in refused(1, "import", str(tmp_path / "evil.pt"), "--dataset", "digits")
    assert not (tmp_path / "ran").exists()


def test_a_truncated_checkpoint_is_passed_over_and_said(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = made(root)
    assert main(["resume", run.name, "--iterations", "6"]) == 0
    older, newest = sorted((run / "checkpoints").glob("*.safetensors"))
    newest.write_bytes(newest.read_bytes()[:100])
    capsys.readouterr()
    assert main(["resume", run.name, "--iterations", "8", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["iterations"] == 8
    assert "note: " in err
    assert f"resumed from iteration {int(older.stem)}" in err


def test_a_full_disk_is_said_and_the_run_goes_on_later(
    refused: Refused, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made(root)

    def full(*_arguments: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        sentence = refused(1, "resume", run.name, "--iterations", "6")
    assert "is full: free some space" in sentence
    assert main(["resume", run.name, "--iterations", "6"]) == 0


def test_a_runs_root_that_is_a_file_is_said(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    sentence = refused(1, *SMALL, "--iterations", "1", "--runs-root", str(tmp_path / "file"))
    assert "a file is in the way: choose another folder with --runs-root" in sentence


def test_a_diverged_run_names_the_class_and_keeps_its_images(refused: Refused, root: Path) -> None:
    sentence = refused(1, *SMALL, "--iterations", "50", "--image-lr", "1e38")
    assert "no longer a number" in sentence
    assert "class '" in sentence
    assert "lower image learning rate" in sentence
    (run,) = root.iterdir()
    assert json.loads((run / "error.json").read_text())["kind"] == "diverged"
    assert list(run.glob("sets/*/snapshots/*.safetensors"))
    assert main(["runs"]) == 0


def test_a_full_gpu_is_said_with_what_to_do(
    refused: Refused, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dmcore.runs.recorder as recorder

    condensed = recorder.condense

    def hungry(*arguments: Any, **options: Any) -> Any:
        for step in condensed(*arguments, **options):
            if step.iteration == 2:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB.")
            yield step

    monkeypatch.setattr(recorder, "condense", hungry)
    assert "--real-batch" in refused(1, *SMALL, "--iterations", "3")
    (run,) = root.iterdir()
    assert json.loads((run / "error.json").read_text())["kind"] == "memory"


OUT_OF_MEMORY = [
    MemoryError(),
    RuntimeError("[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate memory"),
    RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 8000000000000 bytes."),
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB."),
]


def raising(error: Exception) -> Callable[..., Any]:
    def hungry(*_arguments: Any, **_options: Any) -> Any:
        raise error

    return hungry


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=lambda error: str(error)[-20:])
@pytest.mark.parametrize(
    "target", ["dmcore.data.images.LabelledImages.to", "dmcore.runs.recorder.NoiseFloorMeter"]
)
def test_memory_that_is_too_small_before_the_first_iteration_is_kept_in_the_run(
    refused: Refused, root: Path, monkeypatch: pytest.MonkeyPatch, target: str, error: Exception
) -> None:
    run = made(root)
    with monkeypatch.context() as patch:
        patch.setattr(target, raising(error))
        sentence = refused(1, "resume", run.name, "--iterations", "6")
    assert "memory of the device is too small" in sentence
    assert "and resume" in sentence
    stored = json.loads((run / "error.json").read_text())
    assert (stored["kind"], stored["iteration"]) == ("memory", 4)
    assert main(["resume", run.name]) == 0


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=lambda error: str(error)[-20:])
def test_memory_that_is_too_small_without_a_run_at_work_is_one_sentence(
    refused: Refused, root: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    run = made(root)
    monkeypatch.setattr("dmcore.runs.results.evaluation.evaluate", raising(error))
    assert "--batch" in refused(1, "evaluate", run.name)
    monkeypatch.setattr("dmcore.matching.condense", raising(error))
    assert "--real-batch" in refused(1, *SMALL, "--iterations", "1")


def test_another_error_of_the_program_is_not_called_a_lack_of_memory(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made(root)
    monkeypatch.setattr("dmcore.runs.results.evaluation.evaluate", raising(RuntimeError("shapes differ")))
    with pytest.raises(RuntimeError, match="shapes differ"):
        main(["evaluate", run.name])
