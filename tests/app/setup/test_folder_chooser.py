"""Folder chooser: what it lists, and that nothing outside the home folder is among it."""

import os
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from support.pages import open_page, run_page, text_of
from support.waiting import until

from app.jobs.manager import JobManager
from app.setup import folder_chooser
from app.setup.folder_chooser import MOST_LISTED, SubFolder, inside_home, sub_folders


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    for name in ("our cat", "sailing"):
        folder = home / "Pictures" / "my photos" / name
        folder.mkdir(parents=True)
        for number in range(4):
            Image.new("RGB", (8, 8), (40 * number, 0, 0)).save(folder / f"{number}.jpg")
        (folder / "notes.txt").write_text("")
    (home / ".secret").mkdir()
    (home / "Documents").mkdir()
    (tmp_path / "others").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "others" / "0.jpg")
    (home / "elsewhere").symlink_to(tmp_path / "others")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(folder_chooser, "COUNTING_SECONDS", 60.0)
    return home


def test_sub_folders_are_listed_with_their_images_and_nothing_hidden_or_outside(home: Path) -> None:
    folders, left_out = sub_folders(home, home)
    assert [each.label for each in folders] == ["Documents", "Pictures"]
    assert not left_out
    (photos,), _ = sub_folders(home / "Pictures", home)
    assert photos.label == "my photos · 8 images in 2 folders"
    cat, _ = sub_folders(photos.path, home)[0]
    assert cat.label == "our cat · 4 images"
    assert sub_folders(home / "nowhere", home) == ([], 0)


def test_links_to_themselves_are_left_out_and_nothing_outside_is_counted(home: Path) -> None:
    photos = home / "Pictures" / "my photos"
    for name, target in (("round", photos / "round"), ("of others", home.parent / "others")):
        (photos / name).symlink_to(target)
    (listed,), _ = sub_folders(home / "Pictures", home)
    assert listed.label == "my photos · 8 images in 2 folders"
    folders, left_out = sub_folders(photos, home)
    assert ([each.path.name for each in folders], left_out) == (["our cat", "sailing"], 0)


def test_once_the_time_is_over_no_folder_is_opened_any_more(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    scandir = os.scandir
    monkeypatch.setattr("os.scandir", lambda folder: opened.append(folder) or scandir(folder))
    monkeypatch.setattr(folder_chooser, "COUNTING_SECONDS", -1.0)
    photos = home / "Pictures" / "my photos"
    folders, _ = sub_folders(photos, home)
    assert [each.label for each in folders] == ["our cat", "sailing"]
    assert opened == [photos]


def test_a_folder_of_very_many_is_cut_and_says_so(home: Path) -> None:
    for number in range(MOST_LISTED + 3):
        (home / "Documents" / f"{number}").mkdir()
    folders, left_out = sub_folders(home / "Documents", home)
    assert (len(folders), left_out) == (MOST_LISTED, 3)


def test_nobody_leaves_the_home_folder(home: Path, tmp_path: Path) -> None:
    assert inside_home(home / "Pictures", home) == home / "Pictures"
    for outside in (tmp_path, Path("/"), home / ".." / "others", home / "elsewhere", home / "gone"):
        assert inside_home(outside, home) == home


def page_of_chooser() -> None:
    import streamlit as st

    from app.setup.folder_chooser import show_folder_chooser

    show_folder_chooser(st.text)


def opened_chooser() -> AppTest:
    page = AppTest.from_function(page_of_chooser)
    page.session_state["form_folder_list"] = True
    return run_page(page)


def test_a_folder_is_looked_into_once_while_the_list_is_open(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Path] = []

    def look(folder: Path, home: Path) -> tuple[list[SubFolder], int]:
        looked.append(folder)
        return sub_folders(folder, home)

    monkeypatch.setattr(folder_chooser, "sub_folders", look)
    page = opened_chooser()
    run_page(page)
    assert looked == [home]
    next(button for button in page.button if button.label == "Pictures").click()
    run_page(page)
    assert looked == [home, home / "Pictures"]
    (home / "Pictures" / "new").mkdir()
    page.session_state["form_folder_list"] = False
    run_page(page)
    page.session_state["form_folder_list"] = True
    assert [button.label for button in run_page(page).button][-1] == "new"


def test_who_has_no_home_folder_is_asked_for_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nobody)
    page = opened_chooser()
    assert "type the path of the folder or zip instead" in text_of(page)
    assert not page.button


def test_quotes_belong_to_the_name_of_a_chosen_folder_and_not_to_a_typed_path(
    process_manager: JobManager, home: Path
) -> None:
    quoted, photos = home / "'ours'", home / "Pictures" / "my photos"
    quoted.mkdir()
    page = open_page("watch.py", setup="open")
    page.pills(key="form_preset").set_value("Your own images")
    run_page(page)
    page.text_input(key="form_path").set_value(f" '{photos}' ")
    run_page(page)
    assert page.selectbox(key="dataset").value == str(photos)
    page.session_state["form_folder_list"] = True
    page.session_state["form_folder"] = quoted
    run_page(page)
    page.button(key="form_folder_take").click()
    run_page(page)
    assert page.selectbox(key="dataset").value == str(quoted)


def test_a_folder_is_chosen_without_typing_and_is_there_again_later(
    process_manager: JobManager, home: Path
) -> None:
    page = open_page("watch.py", setup="open")
    page.pills(key="form_preset").set_value("Your own images")
    run_page(page)
    assert "form_folder_take" not in {button.key for button in page.button}, (
        "nothing is listed before a click"
    )
    page.session_state["form_folder_list"] = True
    run_page(page)
    for label in ("Pictures", "my photos"):
        next(button for button in page.button if button.label.startswith(label)).click()
        run_page(page)
    page.button(key="form_folder_take").click()
    run_page(page)
    photos = str(home / "Pictures" / "my photos")
    assert page.selectbox(key="dataset").value == photos
    until(lambda: "kept for testing" in text_of(run_page(page)))
    page.pills(key="form_preset").set_value("Three starts, one answer")
    run_page(page)
    assert photos in page.selectbox(key="dataset").options
    page.pills(key="form_preset").set_value("Your own images")
    run_page(page)
    assert page.text_input(key="form_path").value == photos


def test_an_emptied_field_changes_nothing_but_a_sentence(process_manager: JobManager, home: Path) -> None:
    photos = str(home / "Pictures" / "my photos")
    page = open_page("watch.py", setup="open")
    page.pills(key="form_preset").set_value("Your own images")
    run_page(page)
    page.text_input(key="form_path").set_value(photos)
    run_page(page)
    until(lambda: "kept for testing" in text_of(run_page(page)))
    before = widgets_of(page)
    page.multiselect(key="images_per_class").set_value([])
    text = text_of(run_page(page))
    assert "Images per class is empty: choose at least one value." in text
    assert "kept for testing" in text
    assert page.button(key="watch_start").disabled
    assert widgets_of(page) == before
    assert page.pills(key="form_preset").value == "Your own images"


def widgets_of(page: object) -> list[str]:
    """Keys of all widgets."""
    kinds = ("button", "text_input", "selectbox", "multiselect", "number_input", "toggle", "checkbox")
    return [str(widget.key) for kind in kinds for widget in getattr(page, kind)]
