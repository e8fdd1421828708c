"""The method in the set-up form: its fields, what a link asks for, what is refused, and a start from it."""

import pytest
from streamlit.testing.v1 import AppTest
from support.jobs import ended
from support.pages import html_of, open_page, run_page, text_of
from support.waiting import until

from app.jobs.manager import JobManager
from app.setup.method_choice import ALONE, SENTENCES
from dmcore.config import METHOD_TITLES, DsaConfig, EvaluateConfig
from dmcore.runs.runs_root import list_runs

TINY = {"dataset": "digits", "width": "8", "depth": "2", "real_batch": "8", "iterations": "2", "norm": "none"}
WITHOUT_TEST = {"setup": "open", "test_at_end": "false"}


def form(**query: str) -> AppTest:
    return open_page("watch.py", **WITHOUT_TEST, **query)


def shown_keys(page: AppTest) -> set[str]:
    kinds = (page.number_input, page.multiselect, page.selectbox, page.toggle)
    return {str(element.key) for kind in kinds for element in kind} | {str(each.key) for each in page.pills}


def choose(page: AppTest, method: str) -> AppTest:
    page.segmented_control(key="method").set_value(method)
    return run_page(page)


def test_each_method_is_named_with_what_it_does_and_costs(process_manager: JobManager) -> None:
    page = form()
    for method, title in METHOD_TITLES.items():
        said = text_of(choose(page, method)).lower()
        assert f"{title}. {SENTENCES[method]}".lower() in said


def test_a_method_shows_its_own_fields_and_says_why_others_are_not_there(process_manager: JobManager) -> None:
    page = form()
    assert {"replay", "source", "pool_networks", "augment"} <= shown_keys(page)
    assert not {"outer_steps", "distance", "network_lr"} & shown_keys(page)
    assert ALONE not in text_of(page)
    choose(page, "dsa")
    assert {"outer_steps", "inner_epochs", "distance", "network_lr", "augment"} <= shown_keys(page)
    assert not {"replay", "source", "pool_networks"} & shown_keys(page)
    assert ALONE in text_of(page)
    choose(page, "dc")
    assert "augment" not in shown_keys(page)


def test_a_chosen_method_brings_its_defaults_and_one_value_of_what_were_several(
    process_manager: JobManager,
) -> None:
    page = form(images_per_class="10")
    page.multiselect(key="momentum").set_value(["0.5"])
    page.number_input(key="width").set_value(16)
    choose(page, "dsa")
    assert page.multiselect(key="image_lr").value == ["0.1"]
    assert page.pills(key="init").value == ["real"]
    assert page.multiselect(key="images_per_class").value == ["10"]
    assert (page.number_input(key="width").value, page.number_input(key="outer_steps").value) == (16, None)
    assert not page.error
    assert choose(page, "dc").pills(key="init").value == ["noise"]
    choose(page, "dm")
    assert page.multiselect(key="image_lr").value == ["1"]
    assert page.number_input(key="width").value == 16


@pytest.mark.parametrize("method", ["dsa", "DSA"])
def test_a_link_sets_the_method_and_its_fields(process_manager: JobManager, method: str) -> None:
    page = form(method=method, outer_steps="3", inner_epochs="2", images_per_class="5", distance="cos")
    assert page.segmented_control(key="method").value == "dsa"
    assert page.number_input(key="outer_steps").value == 3
    assert page.selectbox(key="distance").value == "cos"
    assert not page.error
    command = next(code.value for code in page.code if code.value.startswith("dmcore condense"))
    assert "--method dsa" in command
    assert "--outer-steps 3" in command


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (
            {"method": "gm"},
            "The link asks for the method “gm”, which there is not: choose from DM, DC and DSA.",
        ),
        ({"method": "dsa", "images_per_class": "7"}, "no published loops for 7 images per class: take 1, 10"),
        ({"method": "dc", "images_per_class": ["1", "10"]}, "DC learns one set in a run"),
    ],
)
def test_a_link_that_no_method_can_honour_is_one_sentence(
    process_manager: JobManager, query: dict[str, str], sentence: str
) -> None:
    page = form(**query)
    (error,) = page.error
    assert sentence in error.value.replace("\\", "")
    assert page.button(key="watch_start").disabled == (query["method"] != "gm")


def test_what_a_link_asks_of_a_method_that_has_it_not_is_named(process_manager: JobManager) -> None:
    page = form(method="dsa", replay="true")
    assert [each.value for each in page.warning] == ["DSA has no “Replay real means”: left out."]
    assert not page.button(key="watch_start").disabled


def test_the_preset_fills_the_form(process_manager: JobManager) -> None:
    page = form()
    page.pills(key="form_preset").set_value("Gradient matching (DSA)")
    run_page(page)
    assert page.segmented_control(key="method").value == "dsa"
    assert page.pills(key="form_preset").value == "Gradient matching (DSA)"
    assert page.multiselect(key="image_lr").value == ["0.1"]


def test_a_run_of_it_is_started_from_the_form_and_its_page_offers_the_same(
    process_manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.run.controls.SMALL_PROTOCOL", EvaluateConfig(repeats=1, epochs=1))
    page = form(method="dsa", images_per_class="1", **TINY)
    page.button(key="watch_start").click()
    run_page(page)
    job = until(lambda: process_manager.current)
    assert ended(job) == "finished", job.error
    (run,) = list_runs(process_manager.runs_root)
    norm = {"norm": "none", "dataset": "digits", "width": 8, "depth": 2}
    assert run.config == DsaConfig(images_per_class=1, real_batch=8, iterations=2, **norm)
    assert run.description.title == "digits, 1 per class, DSA"
    page = open_page("watch.py", run=run.id)
    assert page.segmented_control(key="method").value == "dsa"
    page.number_input(key="iterations").set_value(3)
    said = " ".join(html_of(run_page(page)))
    assert "The set-up differs from the run on screen: iterations 3 instead of 2" in said
    choose(page, "dm")
    assert "method DM instead of DSA" in " ".join(html_of(page))
    assert {"watch_start_this", "watch_start_next_to"} <= {str(button.key) for button in page.button}
