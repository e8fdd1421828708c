"""Reading one's own images beside the page: it ends with its service, and a failure is not tried again."""

import threading
import time
from pathlib import Path

import pytest
from support.waiting import until

from app.jobs.manager import JobManager
from app.jobs.page_answers import get_image_readings, get_page_answers
from app.setup.own_images import OwnImagesQuestion
from dmcore.data import load
from dmcore.data.download import ReportLoading
from dmcore.data.images import DataSet


def test_a_long_reading_ends_with_its_service(
    process_manager: JobManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    def read_for_ever(name: str, root: Path, download: bool, progress: ReportLoading) -> DataSet:
        begun.set()
        while True:
            progress("reading", 0, 1)
            time.sleep(0.01)

    monkeypatch.setattr(load, "load_dataset", read_for_ever)
    question = OwnImagesQuestion(str(tmp_path / "mine"), ())
    readings = get_image_readings()
    assert readings.ask(question).pending
    assert begun.wait(30)
    assert get_page_answers().idle, "other answers do not wait for it"
    ending = threading.Thread(target=get_image_readings.release, daemon=True)
    ending.start()
    ending.join(30)
    assert not ending.is_alive()
    assert not readings.look(question).known


def test_a_folder_that_cannot_be_read_is_read_again_when_it_changes(
    process_manager: JobManager, tmp_path: Path
) -> None:
    path = str(tmp_path / "nowhere")
    readings = get_image_readings()
    readings.ask(OwnImagesQuestion(path, ()))
    until(lambda: readings.idle)
    failed = readings.look(OwnImagesQuestion(path, ())).failure
    assert failed is not None
    assert not readings.ask(OwnImagesQuestion(path, ())).pending
    assert readings.ask(OwnImagesQuestion(path, (1,))).pending
