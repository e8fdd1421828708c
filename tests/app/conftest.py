"""The app's pages without a browser: a manager of their own, in folders of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from support.gallery.made_up import make_gallery

from app import ROOT
from app.jobs.manager import JobManager, get_manager
from app.jobs.page_answers import get_image_readings, get_page_answers
from app.views.feature_space.map_questions import get_projections

MAIN = ROOT / "app" / "main.py"


@pytest.fixture
def process_manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobManager]:
    """The process's own manager, as the pages get it, with its runs in an empty folder and no gallery."""
    monkeypatch.setenv("DM_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("DM_GALLERY", str(tmp_path / "no gallery"))
    monkeypatch.setenv("DM_CACHE", str(tmp_path / "cache"))
    get_manager.release()
    yield get_manager()
    get_projections.release()
    get_image_readings.release()
    get_page_answers.release()
    get_manager.release()


@pytest.fixture(scope="session")
def made_gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small gallery, made once; tests only read it."""
    folder = tmp_path_factory.mktemp("gallery")
    make_gallery(folder)
    return folder


@pytest.fixture
def gallery(made_gallery: Path, process_manager: JobManager, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small gallery, as the one that came with the program."""
    monkeypatch.setenv("DM_GALLERY", str(made_gallery))
    return made_gallery


@pytest.fixture
def root(process_manager: JobManager) -> Path:
    """The empty folder of its runs."""
    return process_manager.runs_root


@pytest.fixture
def visit(process_manager: JobManager) -> AppTest:
    """A visit that has not begun: `visit.run()` opens the first page."""
    return AppTest.from_file(str(MAIN), default_timeout=60)
