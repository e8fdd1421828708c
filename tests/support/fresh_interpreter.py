"""What a fresh interpreter imports: a page that imports torch opens seconds later."""

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
    finished = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(modules=", ".join(modules))],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr or "torch was imported"
