"""Start time of the library and its command line: imported modules, and a loose bound on the seconds."""

import inspect
import subprocess
import sys
import time
from importlib.metadata import version

import pytest

from dmcore.cli import main
from dmcore.cli.commands import COMMANDS

HEAVY = {"torch", "numpy", "pydantic", "tyro", "tqdm", "sklearn", "PIL", "psutil", "jaxtyping"}
LOOSE_SECONDS = 1.0
"""Quiet, both take a twentieth of it; what it must find is a library that is loaded after all."""
LOADED = "print(*(name for name in sys.modules if name in {heavy} or name.startswith('dmcore.')))"


def fresh(code: str) -> tuple[str, set[str], int]:
    """What a fresh interpreter prints, which of our and of the heavy modules it then has, its exit code."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys, atexit\natexit.register(lambda: {LOADED.format(heavy=HEAVY)})\n{code}",
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    *printed, loaded = done.stdout.splitlines() or [""]
    return "\n".join(printed) + done.stderr, set(loaded.split()), done.returncode


def fastest(code: str) -> float:
    """Seconds of a whole process, the shortest of five: the others waited for something else."""
    took = []
    for _ in range(5):
        began = time.monotonic()
        subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True, timeout=60)
        took.append(time.monotonic() - began)
    return min(took)


@pytest.mark.parametrize(("arguments", "code"), [(["--help"], 0), (["-h"], 0), ([], 2)])
def test_the_list_of_commands_imports_none_of_them(arguments: list[str], code: int) -> None:
    printed, loaded, exit_code = fresh(f"from dmcore.cli import main\nmain({arguments})")
    assert exit_code == code, printed
    assert loaded == {"dmcore.cli", "dmcore.cli.commands"}
    listed = [line.split()[0] for line in printed.splitlines() if line.startswith("  ") and line[2] != " "]
    assert listed == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_listed_with_the_first_line_of_its_docstring(name: str) -> None:
    assert COMMANDS[name].summary == (inspect.getdoc(COMMANDS[name].load()) or "").splitlines()[0]


def test_a_command_that_lists_loads_no_other_command_and_no_torch() -> None:
    printed, loaded, exit_code = fresh("from dmcore.cli import main\nmain(['datasets'])")
    assert exit_code == 0, printed
    assert "torch" not in loaded
    assert {name for name in loaded if name.startswith("dmcore.cli.")} == {
        f"dmcore.cli.{name}" for name in ("commands", "flags", "listings", "output", "options")
    }


def test_importing_the_library_loads_nothing_else() -> None:
    assert fresh("import dmcore")[1] == set()


def test_the_library_and_the_help_are_there_at_once() -> None:
    assert fastest("import dmcore") < LOOSE_SECONDS
    assert fastest("from dmcore.cli import main; main(['--help'])") < LOOSE_SECONDS


def test_an_unknown_command_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    for typed, answer in (
        ("condens", "did you mean condense? Choose from condense, resume,"),
        ("--x", "choose "),
    ):
        with pytest.raises(SystemExit) as left:
            main([typed])
        assert left.value.code == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(f"dmcore: no command {typed}: {answer}")


def test_a_command_answers_for_its_own_options(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, code in ((["runs", "--help"], 0), (["runs", "--frobnicate"], 2), (["rename"], 2)):
        with pytest.raises(SystemExit) as left:
            main(arguments)
        assert left.value.code == code
        out, err = capsys.readouterr()
        assert f"dmcore {arguments[0]}" in out + err


def test_a_shell_can_complete_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--tyro-print-completion", "bash"])
    assert left.value.code in (0, None)
    script = capsys.readouterr().out
    assert all(name in script for name in COMMANDS)


def test_the_version_is_said_without_loading_anything() -> None:
    printed, loaded, exit_code = fresh("from dmcore.cli import main\nraise SystemExit(main(['--version']))")
    assert (exit_code, printed) == (0, f"dmcore {version('dm-explorer')}")
    assert loaded == {"dmcore.cli", "dmcore.cli.commands"}
