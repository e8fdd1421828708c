"""What the README promises runs as it is printed."""

import re

import pytest

from app import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_ten_lines_of_python_run(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
    smaller = code.replace("iterations=500", "iterations=3").replace("epochs=200", "epochs=2, repeats=1")
    assert smaller.count("iterations=3)") == 1
    assert smaller.count("epochs=2, ") == 1
    exec(compile(smaller, "README.md", "exec"), {})  # our own text
    printed = capsys.readouterr().out
    assert printed.splitlines()[3].startswith("3 {'real-1'")
    assert re.fullmatch(r"\d+\.\d %", printed.splitlines()[4])


def test_every_command_in_the_readme_exists():
    from dmcore.cli import main

    for command in re.findall(r"^dmcore (\w+)", README, flags=re.MULTILINE):
        with pytest.raises(SystemExit) as stopped:
            main([command, "--help"])
        assert stopped.value.code in (0, None), command


def test_public_names_are_the_same_whatever_was_imported_before():
    import dmcore
    import dmcore.runs.results.evaluation
    import dmcore.training.evaluate

    for name in dmcore.__all__:
        assert callable(getattr(dmcore, name)), name


def test_every_path_in_the_readme_exists():
    quoted = re.findall(r"`((?:app|dmcore|pages|tests)/[\w/.]*)`", README)
    paths = [path for path in quoted if "NAME" not in path and "PAGE" not in path]
    assert len(paths) > 15
    assert [path for path in paths if not (ROOT / path).exists()] == []
    links = re.findall(r"\]\(([\w/.]+)\)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []
