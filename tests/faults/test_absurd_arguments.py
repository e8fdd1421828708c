"""Absurd values for every option of every command: one sentence, exit code 1 or 2, runs as they were."""

import dataclasses
import re
import shutil
from pathlib import Path
from typing import Any, NoReturn, get_args, get_type_hints

import pytest
from pydantic import ValidationError
from support.small_runs import made

from dmcore.cli import main
from dmcore.cli.commands import COMMANDS
from dmcore.config import CondenseConfig, EvaluateConfig, PoolConfig, SetChange, SetSpec, TrainingConfig
from dmcore.config.annotations import base_type
from dmcore.runs.creation import extend_run
from dmcore.runs.folder import RunFolder

NUMBERS = ("0", "-1", "1" + 22 * "0", "9" * 20, "1e400", "nan", "None", "", "٣", "9" * 5000)
TEXTS = ("None", "", "x" * 5000)
SHARED = {
    "runs_root": "export",
    "data_root": "select",
    "cache_root": "select",
    "device": "evaluate",
    "threads": "evaluate",
}
"""Options of many commands, and the one that they are tried with."""
SMALL = {
    "--dataset": "digits",
    "--iterations": "1",
    "--images-per-class": "1",
    "--width": "4",
    "--depth": "1",
    "--real-batch": "4",
    "--threads": "1",
}
BASE: dict[str, tuple[list[str], dict[str, str]]] = {
    "condense": ([], SMALL),
    "resume": (["RUN"], {}),
    "plan": ([], {"--dataset": "digits", "--minutes": "1"}),
    "select": ([], {"--dataset": "digits", "--images-per-class": "1"}),
    "evaluate": (["RUN"], {"--repeats": "1", "--epochs": "1", "--threads": "1"}),
    "export": (["RUN"], {}),
    "import": (["FILE"], {}),
    "bench": ([], {"--rounds": "1"}),
    "experiment": (["table4"], {"--dataset": "digits", "--sources": "random"}),
    "pool": (["build"], {"--dataset": "digits"}),
    "gallery": (["list"], {}),
    "runs": ([], {}),
    "tag": (["RUN"], {}),
    "delete": ([], {}),
}
"""Positional arguments and options that each command is given, besides the one with an absurd value."""
WITHOUT = {"rename", "datasets", "prepare", "doctor"}
"""Commands that take no values but in the shared options."""
LONG_WORK = {
    "dmcore.bench.timing.measure_batches": "plan",
    "dmcore.bench.rounds.time_case": "bench",
    "dmcore.training.network_pool.build_pool": "pool",
    "dmcore.experiments.runner.run_table": "experiment",
}
"""Functions that take long once the arguments were accepted."""


class BegunError(ValueError):
    """The arguments were accepted."""


def begun(*_arguments: object, **_named: object) -> NoReturn:
    raise BegunError("the arguments were accepted")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return made(tmp_path_factory.mktemp("runs"))


@pytest.fixture
def root(tmp_path: Path, run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder with a run, an export of it, and the working directory; long work is cut short."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for variable in ("DM_RUNS", "DM_DATA", "DM_CACHE"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    shutil.copytree(run.path, tmp_path / "DM_RUNS" / run.id)
    main(["export", run.id, "--format", "npz", "--to", str(tmp_path)])
    for function in LONG_WORK:
        monkeypatch.setattr(function, begun)
    return tmp_path


def options_of(command: str) -> dict[str, tuple[str, ...]]:
    """Absurd values for each option that takes one."""
    found: dict[str, tuple[str, ...]] = {}
    entry = COMMANDS[command].load()
    hints = get_type_hints(entry, include_extras=True)
    for field in dataclasses.fields(entry):  # type: ignore[arg-type]
        annotation = hints[field.name]
        kinds = str(annotation)
        if SHARED.get(field.name, command) != command:
            continue
        if "Positional" in kinds or annotation is bool or get_args(annotation)[:1] == (bool,):
            continue
        is_number = "INT" in kinds or "FLOAT" in kinds or annotation in (int, float)
        found[f"--{field.name.replace('_', '-')}"] = NUMBERS if is_number else TEXTS
    return found


def stored(root: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(root)): file.read_bytes()
        for file in (root / "DM_RUNS").rglob("*")
        if file.is_file() and not file.name.endswith("lock")
    }


@pytest.mark.slow
@pytest.mark.parametrize("command", BASE)
def test_absurd_values_are_one_sentence_and_leave_every_run_as_it_was(
    command: str, root: Path, run: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    before = stored(root)
    (npz,) = root.glob("*.npz")
    positional, usual = BASE[command]
    words = [{"RUN": run.id, "FILE": str(npz)}.get(word, word) for word in positional]
    tried = 0
    for option, values in options_of(command).items():
        for value in values:
            given = usual | {option: value}
            line = [command, *words, *(f"{name}={typed}" for name, typed in given.items())]
            parsed = True
            try:
                code = main(line)
            except SystemExit as end:
                code, parsed = int(str(end.code)), False
            errors = capsys.readouterr().err
            tried += 1
            assert code in (0, 1, 2), f"{line}: {errors}"
            assert "Traceback" not in errors
            if code and "no longer a number" not in errors:
                last = errors.strip().splitlines()[-1]
                assert not parsed or last.startswith("dmcore: "), f"{line}: {errors}"
                assert len(last) < 1000, f"{line}: {last}"
                now = stored(root)
                changed = sorted({name for name in {*now, *before} if now.get(name) != before.get(name)})
                assert not changed, f"{line}: {changed}"
            else:
                shutil.rmtree(root / "DM_RUNS")
                shutil.copytree(run.path, root / "DM_RUNS" / run.id)
    print(f"{command}: {tried} absurd values")
    assert tried
    assert set(BASE) | WITHOUT == set(COMMANDS)


MODELS = (CondenseConfig, EvaluateConfig, PoolConfig, SetChange, SetSpec, TrainingConfig)


@pytest.mark.parametrize("model", MODELS)
def test_every_number_of_a_configuration_has_bounds(model: type[Any]) -> None:
    whole = {"name": "a", "images_per_class": 1, "init": "real", "image_lr": 1.0, "momentum": 0.5}
    kinds = {name: base_type(info.annotation) for name, info in model.model_fields.items()}
    numbers = {name: kind for name, kind in kinds.items() if kind in (int, float)}
    assert numbers
    for name, kind in numbers.items():
        for value in (-1, float("nan"), float("inf"), *([10**22] if kind is int else [])):
            with pytest.raises(ValidationError):
                model.model_validate((whole if model is SetSpec else {}) | {name: value})


def test_run_is_not_extended_beyond_the_bounds(run: RunFolder) -> None:
    before = (run.path / "run.json").read_bytes()
    with pytest.raises(ValidationError, match="less than or equal to 1000000000"):
        extend_run(run, 10**22)
    assert (run.path / "run.json").read_bytes() == before


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (
            ["--iterations", "10000000000000000000000"],
            "--iterations 1.*: must be less than or equal to 1000000000",
        ),
        (["--seed", "99999999999999999999"], "--seed 9.*: must be less than 9223372036854775808"),
        (["--init", "None"], "--init None: .*hoose from real, noise, wrong_class"),
        (["--width", "100000"], "--width 100000: must be less than or equal to 16384"),
        (["--images-per-class", ",".join(map(str, range(1, 1003)))], "make 1002 sets, at most 1000 fit"),
        (["--source", "fixed:" + "9" * 30], "at most 1000000 networks"),
        (["--threads", "100000"], "--threads 100000: must be at most 1024"),
    ],
)
def test_bound_is_named_with_the_option(
    flags: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["condense", *flags, "--runs-root", str(tmp_path / "runs")]) == 2
    assert re.search(words, capsys.readouterr().err)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--width", "16384", "--depth", "3"], "one convnet of width 16384 .* smaller --width"),
        (
            ["--images-per-class", "1000000", "--init", "noise"],
            "10 classes x 1000000 .* choose fewer",
        ),
    ],
)
def test_run_that_cannot_fit_into_memory_is_refused_before_any_is_taken(
    flags: list[str],
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dmcore.execution.memory_check.free_bytes", lambda _device: 8 * 10**9)
    assert main(["condense", *flags, "--runs-root", str(tmp_path / "runs")]) == 1
    assert re.search(words, capsys.readouterr().err)
    assert not (tmp_path / "runs").exists()
