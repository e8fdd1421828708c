"""Downloads on the Accuracy page: of the sets that are compared, looked up when they are asked for."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from support.pages import open_page
from support.small_runs import made

from app.views.accuracy import image_downloads
from app.views.accuracy.address import comparison_query
from dmcore.runs.folder import RunFolder

BUTTON = "accuracy_sets_download"


def page_of(*runs: RunFolder) -> AppTest:
    query = comparison_query(runs[0])
    query["sets"] = ",".join(comparison_query(run)["sets"] for run in runs)
    page = open_page("accuracy.py", **query)
    assert not page.exception, page.exception
    return page


def test_the_images_of_the_run_whose_accuracy_is_shown_are_downloaded(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_of(made(root))
    asked: list[object] = []
    offered_sets = image_downloads.offered_sets
    monkeypatch.setattr(
        image_downloads, "offered_sets", lambda *given: asked.append(given) or offered_sets(*given)
    )
    page.run()
    assert not asked, "nothing is looked up before the button is pressed"
    page.button(key=BUTTON).click().run()
    assert not page.exception, page.exception
    assert page.radio(key="accuracy_sets_download_format").options
    (save,) = (each for each in page.get("download_button") if "accuracy_sets_download_save" in each.proto.id)
    assert save.proto.deferred_file_id  # created when it is pressed
    assert any(each.value.startswith("Iteration 4.") for each in page.caption)


def test_of_several_runs_one_is_chosen(root: Path) -> None:
    page = page_of(made(root, "One"), made(root, "Two", seed=1))
    page.button(key=BUTTON).click().run()
    assert not page.exception, page.exception
    choice = page.selectbox(key="accuracy_sets_download_of")
    assert len(choice.options) == 2
    assert {label.split(",")[0] for label in choice.options} == {"One", "Two"}
