"""Download menu of a run: nothing before it is opened, every format with half a line, one button."""

import errno
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from support.recorded_runs import described_data

from app.run.download_menu import NO_IMAGES, reporting_errors
from dmcore.runs.description import SetDescription
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.download import DOWNLOADS, offered_downloads, pack_download
from dmcore.runs.formats.training_example import training_example
from dmcore.runs.runs_root import create_run_folder
from dmcore.runs.snapshots import Snapshot, write_snapshot


def a_run(root: Path, iterations: tuple[int, ...], names: tuple[str, ...] = ("one",)) -> RunFolder:
    """An imported run with images at some iterations."""
    sets = [SetDescription(name=name, images_per_class=1) for name in names]
    data = described_data()
    run = create_run_folder(root, title="", origin="import", config=None, plan=None, data=data, sets=sets)
    for iteration in iterations:
        pixels = np.full((2, 1, 1, 8, 8), iteration / 10, np.float16)
        for name in names:
            write_snapshot(run.snapshot_folder(name), Snapshot(iteration, pixels, pixels), run.id)
    return run


def menu_of(run: RunFolder, at: int | None = None, *, opened: bool = True) -> AppTest:
    def page(path: str, at: int | None) -> None:
        from pathlib import Path

        from app.run.download_menu import show_download_menu
        from dmcore.runs.folder import RunFolder

        show_download_menu(RunFolder(Path(path)), "x", at)

    visit = AppTest.from_function(page, kwargs={"path": str(run.path), "at": at}, default_timeout=30)
    visit.run()
    assert not visit.radio
    if opened:
        visit.button(key="x_download").click().run()
    assert not visit.exception, visit.exception
    return visit


def test_nothing_is_drawn_before_the_menu_is_opened(tmp_path: Path) -> None:
    page = menu_of(a_run(tmp_path, (0, 9)), opened=False)
    assert not page.get("download_button")


def test_every_format_is_offered_with_one_button_for_the_chosen_one(tmp_path: Path) -> None:
    run = a_run(tmp_path, (0, 9))
    page = menu_of(run)
    (formats,) = page.radio
    offered = offered_downloads(run)
    assert list(formats.options) == [DOWNLOADS[name].label for name in offered]
    assert list(formats.proto.captions) == [DOWNLOADS[name].sentence for name in offered]
    for format in offered:
        formats = page.radio[0].set_value(format).run().radio[0]
        assert not page.exception
        (button,) = page.get("download_button")
        assert button.proto.deferred_file_id  # created when it is pressed
        rounded = "Iteration 9. Its values are stored with 16 bits" in page.caption[0].value
        assert rounded == DOWNLOADS[format].exact


def test_the_iteration_that_is_looked_at_is_saved(tmp_path: Path) -> None:
    assert "Iteration 3." in menu_of(a_run(tmp_path, (0, 3, 9)), at=4).caption[0].value


def test_the_lines_that_train_are_those_that_are_tested(tmp_path: Path) -> None:
    run = a_run(tmp_path, (9,))
    page = menu_of(run)
    assert not page.code
    page.segmented_control[0].set_value("Train on them").run()
    assert page.code[0].value == training_example("npz", f"{run.id}-one-9").strip()
    assert page.code[0].proto.wrap_lines, "no line is cut at the right"
    assert page.markdown[0].value.startswith("Save the file, and train a network on the images with")
    assert list(page.selectbox[0].options) == [DOWNLOADS[name].label for name in offered_downloads(run)[:5]]
    page.selectbox[0].set_value("imagefolder").run()
    assert page.code[0].value == training_example("imagefolder", f"{run.id}-one-9").strip()
    assert page.markdown[0].value.startswith("Save the file, unpack the zip, and train")


def test_the_npz_files_of_several_sets_have_to_be_unpacked(tmp_path: Path) -> None:
    page = menu_of(a_run(tmp_path, (9,), ("one", "two")))
    page.segmented_control[0].set_value("Train on them").run()
    said = page.markdown[0].value
    assert said.startswith("Save the file, unpack the zip, and train a network on the images of one set")


def test_a_run_without_images_says_so(tmp_path: Path) -> None:
    page = menu_of(a_run(tmp_path, ()))
    assert page.markdown[0].value == NO_IMAGES
    assert not page.get("download_button")


def test_what_goes_wrong_while_a_file_is_created_is_said_until_one_is_created(tmp_path: Path) -> None:
    run, errors = a_run(tmp_path, (9,)), {}
    (run.snapshot_folder("one") / "0000009.safetensors").write_bytes(b"half")
    with pytest.raises(ValueError, match="damaged"):
        reporting_errors(lambda: pack_download(run, ["one"], "npz", 9), errors, run.id)()
    page = menu_of(run)
    page.session_state["download_errors"] = errors
    for _ in range(2):
        assert "is damaged" in page.run().error[0].value.replace("\\", "")
    assert reporting_errors(lambda: b"a file", errors, run.id)() == b"a file"
    assert not page.run().error


def test_what_the_disk_refuses_is_said_too(tmp_path: Path) -> None:
    run, errors = a_run(tmp_path, (9,)), {}
    with pytest.raises(OSError, match="temporary files"):
        reporting_errors(no_room, errors, run.id)()
    page = menu_of(run)
    page.session_state["download_errors"] = errors
    said = page.run().error[0].value.replace("\\", "")
    assert said == "The file could not be created (no room for temporary files): try again."
    page.button(key="x_download").click().run()
    assert not page.error, "opened anew"


def test_of_several_sets_of_images_one_is_chosen(tmp_path: Path) -> None:
    runs = [a_run(tmp_path / name, (3, 9), ("one", "two")) for name in ("a", "b")]

    def page(paths: list[str]) -> None:
        from pathlib import Path

        import streamlit as st

        from app.run.download_menu import SavedImages, show_image_downloads
        from dmcore.runs.folder import RunFolder

        def find() -> list[SavedImages]:
            st.session_state["looked_up"] = True
            first, second = (RunFolder(Path(path)) for path in paths)
            return [SavedImages(first, ("one",), 3, "A"), SavedImages(second, ("two",), 9, "B")]

        show_image_downloads("x", find)

    visit = AppTest.from_function(page, args=([str(run.path) for run in runs],), default_timeout=30).run()
    assert "looked_up" not in visit.session_state, "nothing is looked up before the button is pressed"
    visit.button(key="x_download").click().run()
    assert list(visit.selectbox(key="x_download_of").options) == ["A", "B"]
    assert visit.caption[0].value.startswith("Iteration 3.")
    visit.selectbox(key="x_download_of").set_value(1).run()
    assert not visit.exception, visit.exception
    assert visit.caption[0].value.startswith("Iteration 9.")
    visit.segmented_control[0].set_value("Train on them").run()
    assert f"{runs[1].id}-two-9.npz" in visit.code[0].value


def no_room() -> bytes:
    raise FileNotFoundError(errno.ENOENT, "no room for temporary files")
