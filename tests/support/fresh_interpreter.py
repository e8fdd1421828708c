"""Scripts in a fresh interpreter, and what it imports: a page that imports torch opens seconds later."""

import os
import subprocess
import sys

from app import ROOT

SCRIPT = """
import sys, logging; logging.disable()
from app.jobs.manager import JobManager; JobManager.warm_up = lambda self: None
import {modules}
sys.exit('torch' in sys.modules)
"""


def assert_no_torch(*modules: str) -> None:
    """Import modules of the app in a fresh interpreter whose manager does not warm up; fail if torch is."""
    finished = run_fresh(SCRIPT.format(modules=", ".join(modules)))
    assert finished.returncode == 0, finished.stderr or "torch was imported"


def run_fresh(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a fresh interpreter that imports this checkout; its exit code and outputs."""
    return subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
