"""What the server reads before the first page is asked for: its modules and its recorded run, and no more."""

import threading

from support.fresh_interpreter import run_fresh

from app.views.watch import front_recording

SCRIPT = """
import sys, threading
from app.server.first_page import read_first_page_ahead
from app.views.watch import front_recording
read_first_page_ahead()
(reader,) = [thread for thread in threading.enumerate() if thread.name == "first page"]
reader.join(60)
assert "app.views.watch.run_sections" in sys.modules
assert front_recording._read_recording.cache_info().currsize == {read}
assert not {{"torch", "torchvision", "pandas"}} & sys.modules.keys()
"""


def test_the_modules_and_the_recording_are_read_and_neither_torch_nor_pandas():
    finished = run_fresh(SCRIPT.format(read=1))
    assert (finished.returncode, finished.stderr) == (0, "")


def test_a_missing_recording_is_left_to_the_page_that_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("DM_GALLERY", str(tmp_path))
    finished = run_fresh(SCRIPT.format(read=0))
    assert (finished.returncode, finished.stderr) == (0, "")


def test_a_page_that_opens_meanwhile_waits_and_does_not_read_it_again(monkeypatch):
    front_recording._read_recording.cache_clear()
    begun, both_wait, real_images = threading.Event(), threading.Event(), front_recording._real_images

    def read_slowly():
        begun.set()
        assert both_wait.wait(10)
        return real_images()

    monkeypatch.setattr(front_recording, "_real_images", read_slowly)
    readings = []
    threads = [
        threading.Thread(target=lambda: readings.append(front_recording.front_recording())) for _ in range(2)
    ]
    threads[0].start()
    assert begun.wait(10)
    threads[1].start()
    threads[1].join(0.2)  # it waits for the first
    assert threads[1].is_alive()
    both_wait.set()
    for thread in threads:
        thread.join(10)
    assert readings[0] is readings[1]
    assert front_recording._read_recording.cache_info().misses == 1
