"""What the README and the two that it leads to promise runs as it is printed."""

import re

import numpy as np
import pytest
from PIL import Image
from support.readme_picture import MOST_BYTES, MOST_RACE_BYTES, RACE_FILE, recorded_race

from app import ROOT
from app.views.watch.front_recording import front_recording
from dmcore.experiments.figure4.report import time_to_accuracy

TEXTS = {
    file: (ROOT / file).read_text(encoding="utf-8")
    for file in ("README.md", "app/README.md", "dmcore/README.md")
}
README, LIBRARY = TEXTS["README.md"], TEXTS["dmcore/README.md"]
MOST_LINES = 120


def test_the_ten_lines_of_python_run(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", LIBRARY, flags=re.DOTALL)
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

    commands = re.findall(r"^dmcore (\w+)", LIBRARY, flags=re.MULTILINE)
    assert len(set(commands)) > 12
    for command in commands:
        with pytest.raises(SystemExit) as stopped:
            main([command, "--help"])
        assert stopped.value.code in (0, None), command


def test_public_names_are_the_same_whatever_was_imported_before():
    import dmcore
    import dmcore.runs.results.evaluation
    import dmcore.training.evaluate

    for name in dmcore.__all__:
        assert callable(getattr(dmcore, name)), name


@pytest.mark.parametrize(
    ("file", "least"), [("README.md", 1), ("app/README.md", 10), ("dmcore/README.md", 15)]
)
def test_every_path_and_link_of_a_readme_exists(file, least):
    quoted = re.findall(r"`((?:app|dmcore|pages|tests)/[\w/.]*)`", TEXTS[file])
    paths = [path for path in quoted if "NAME" not in path and "PAGE" not in path]
    assert len(paths) >= least
    assert [path for path in paths if not (ROOT / path).exists()] == []
    links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([\w-]+))?\)", TEXTS[file])
    assert links
    for target, heading in links:
        found = (ROOT / file).parent / target if target else ROOT / file
        assert found.exists(), target
        if heading:
            assert heading in anchors(found.read_text(encoding="utf-8")), f"{target}#{heading}"


def anchors(text):
    """Anchors of the headings of a Markdown file."""
    headings = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_readme_is_a_front_page_with_a_small_moving_picture():
    assert len(README.splitlines()) <= MOST_LINES
    for line in ("&& .venv/bin/dm-explorer\n", "&& .venv/bin/python -m pytest\n"):
        assert len(re.findall(rf"^python3 -m venv .*{re.escape(line)}", README, flags=re.MULTILINE)) == 1
    picture, race = re.findall(r"!\[[^\]]+\]\(([\w/.]+)\)", README)
    assert ROOT / race == RACE_FILE
    assert (ROOT / picture).stat().st_size <= MOST_BYTES
    with Image.open(ROOT / picture) as moving:
        assert moving.n_frames == len(
            front_recording().iterations
        )  # else tests/support/readme_picture.py draws it again
        moving.seek(0)
        first = np.asarray(moving.convert("L"), dtype=float)
        moving.seek(moving.n_frames - 1)
        last = np.asarray(moving.convert("L"), dtype=float)
    assert np.abs(last - first).mean() > 5


def test_the_readme_says_and_shows_what_the_recorded_race_did():
    reached = time_to_accuracy(recorded_race())
    assert reached is not None
    assert reached.sentence.replace("\u00a0", " ") in " ".join(README.split())
    assert RACE_FILE.stat().st_size <= MOST_RACE_BYTES
    with Image.open(RACE_FILE) as drawn:
        assert drawn.width > drawn.height > 300
