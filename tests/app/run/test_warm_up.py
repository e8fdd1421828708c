"""While a page is shown, before the first job: what a click on Start would else wait for is loaded."""

from support.fresh_interpreter import run_fresh

SCRIPT = """
import sys, threading
from app.jobs.manager import JobManager; JobManager.warm_up = lambda self: None
from app.run.run_bar import observe_bar

observe_bar()
for thread in threading.enumerate():
    if thread.name == "icons":
        thread.join(60)
assert "streamlit.emojis" in sys.modules
"""


def test_what_streamlit_compiles_for_the_first_buttons_in_a_group_is_compiled() -> None:
    finished = run_fresh(SCRIPT)
    assert finished.returncode == 0, finished.stderr
