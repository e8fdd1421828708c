"""The command line in this process, on folders of its own."""

from pathlib import Path

import pytest
from support.command_line import Command

from dmcore.cli import main


@pytest.fixture
def dmcore(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """`dmcore("runs")` runs one command line on an empty runs root and cache: exit code, output, errors."""
    monkeypatch.setenv("DM_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("DM_CACHE", str(tmp_path / "cache"))

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            code = main(arguments)
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return run
