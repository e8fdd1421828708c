"""Search and sort of the Runs page, with real runs."""

import json
import time
from pathlib import Path
from typing import get_args

import pytest
from streamlit.testing.v1 import AppTest
from support.bare_runs import bare_run
from support.pages import run_page, switch_page, titles_of
from support.recorded_runs import stored_result
from support.small_runs import record_run

from app.text.status import Status
from app.views.runs.search import method_label, offered
from dmcore.config import CondenseConfig, DsaConfig, EvaluateConfig
from dmcore.runs.collection.facts import HowMade
from dmcore.runs.collection.filter import StatusName
from dmcore.runs.collection.tags import change_tags
from dmcore.runs.description import Status as StoredStatus
from dmcore.runs.folder import RunFolder

TINY = CondenseConfig(dataset="digits", images_per_class=1, width=8, depth=1, real_batch=4, iterations=3)


def judged(run: RunFolder, mean: float, kind: str = "condensed") -> None:
    result = stored_result(run.set_names[0], 3, (mean,), EvaluateConfig(repeats=1, epochs=1), kind)
    (run.path / "results" / f"{kind}.json").write_text(result.model_dump_json())


def test_search_finds_all_words_in_any_case_and_can_be_cleared(visit: AppTest, root: Path) -> None:
    record_run(root, TINY, "Alpha one")
    record_run(root, TINY, "Beta one", steps=1)
    page = switch_page(visit, "runs.py")
    assert titles_of(page) == ["Beta one", "Alpha one"]
    for query, matches in {
        "ONE alpha": ["Alpha one"],
        "stopped": ["Beta one"],
        "finished DIGITS convnet": ["Alpha one"],
        "one": ["Beta one", "Alpha one"],
    }.items():
        page.text_input(key="runs_search").set_value(query)
        assert titles_of(run_page(page)) == matches
    page.text_input(key="runs_search").set_value("<b>zebra")
    run_page(page)
    assert titles_of(page) == []
    assert any(r"None of the 2 runs has “\<b\>zebra”" in str(element.value) for element in page.markdown)
    page.button(key="runs_clear_search").click()
    assert len(titles_of(run_page(page))) == 2


def test_runs_are_sorted_by_age_title_data_set_and_accuracy(visit: AppTest, root: Path) -> None:
    third, first, second = (
        record_run(root, TINY, "c"),
        record_run(root, TINY, "A"),
        record_run(root, TINY, "b"),
    )
    judged(first, 40.0)
    judged(second, 60.0)
    judged(third, 99.0, kind="all_real")
    page = switch_page(visit, "runs.py")
    for sort, titles in ORDERS.items():
        page.selectbox(key="runs_sort").set_value(sort)
        assert [text for text in titles_of(run_page(page)) if len(text) == 1] == titles, sort


ORDERS = {
    "newest": ["b", "A", "c"],
    "oldest": ["c", "A", "b"],
    "title": ["A", "b", "c"],
    "data set": ["b", "A", "c"],
    "best accuracy": ["b", "A", "c"],
}


def test_filters_narrow_the_list_and_are_cleared_together(visit: AppTest, root: Path) -> None:
    first = bare_run(root, "Digits by DM")
    bare_run(root, "Digits by DSA", config=DsaConfig(dataset="digits", images_per_class=10))
    bare_run(root, "Pets", dataset="/data/pets", config=None)
    change_tags(first, ["lecture"])
    page = switch_page(visit, "runs.py")
    assert page.multiselect(key="runs_method").options == ["DM", "DSA", "imported"]
    assert page.multiselect(key="runs_state").options == ["finished", "stopped"]
    assert any("lecture" in str(element.value) for element in page.markdown)
    for key, value, titles in (
        ("runs_data", "Digits", ["Digits by DSA", "Digits by DM"]),
        ("runs_tag", "lecture", ["Digits by DM"]),
        ("runs_state", "finished", []),
    ):
        page.multiselect(key=key).set_value([value])
        assert titles_of(run_page(page)) == titles
    assert any("None of the 3 runs fits the filters." in str(element.value) for element in page.markdown)
    page.button(key="runs_clear_search").click()
    assert len(titles_of(run_page(page))) == 3
    assert page.multiselect(key="runs_tag").value == []


def test_a_filter_by_what_no_run_has_any_more_stays_until_it_is_cleared(visit: AppTest, root: Path) -> None:
    tagged, _ = bare_run(root, "Tagged"), bare_run(root, "Other")
    change_tags(tagged, ["lecture"])
    page = switch_page(visit, "runs.py")
    page.multiselect(key="runs_tag").set_value(["lecture"])
    assert titles_of(run_page(page)) == ["Tagged"]
    change_tags(tagged, remove=["lecture"])
    assert titles_of(run_page(page)) == []
    page.button(key="runs_clear_search").click()
    assert titles_of(run_page(page)) == ["Other", "Tagged"]


def test_what_the_address_names_is_offered_though_no_run_has_it() -> None:
    assert offered(["a"], ["B", "", "a"]) == ["a", "B"]
    assert offered([], []) == []
    methods = get_args(HowMade)
    assert offered(["dm"], ["DSA", "imported", "nonsense"], method_label, methods) == ["dm", "dsa", "import"]
    found = offered([], ["stopped"], lambda name: str(Status.of(StoredStatus(name))), get_args(StatusName))
    assert found == ["interrupted"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("runs_data", "Pets"),
        ("runs_method", "DSA"),
        ("runs_state", "running"),
        ("runs_tag", "lecture"),
    ],
)
def test_a_link_to_what_no_run_is_like_does_not_show_all_runs(
    visit: AppTest, root: Path, key: str, value: str
) -> None:
    bare_run(root, "Other")
    page = switch_page(visit, "runs.py", **{key: value})
    assert titles_of(page) == []
    assert any("None of the 1 runs fits the filters." in str(element.value) for element in page.markdown)
    page.button(key="runs_clear_search").click()
    assert titles_of(run_page(page)) == ["Other"]


def test_search_and_sort_stand_in_the_address(visit: AppTest, root: Path) -> None:
    record_run(root, TINY, "Alpha")
    record_run(root, TINY, "Beta")
    page = switch_page(visit, "runs.py", runs_search="a", runs_sort="title")
    assert titles_of(page) == ["Alpha", "Beta"]
    assert page.selectbox(key="runs_sort").value == "title"


def test_five_hundred_runs_are_searched_in_a_moment(visit: AppTest, root: Path) -> None:
    like = record_run(root, TINY, "Like")
    description = json.loads((like.path / "run.json").read_text())
    for number in range(500):
        folder = root / f"20250101-000000-digits-{number:04d}"
        folder.mkdir()
        (folder / "run.json").write_text(json.dumps({**description, "title": f"Number {number}"}))
    page = switch_page(visit, "runs.py")
    began = time.monotonic()
    page.text_input(key="runs_search").set_value("number 49 stopped")
    run_page(page)
    assert time.monotonic() - began < 5
    assert len(titles_of(page)) == 10
    assert any("15 of 501 runs" in str(element.value) for element in page.caption)
