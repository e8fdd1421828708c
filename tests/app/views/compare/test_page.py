"""The Compare page: what differs between two to four runs, their images at one moment, losses, results."""

import json
import shutil
from functools import partial
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest
from support.bare_runs import bare_run
from support.jobs import start
from support.live_routes import live_client
from support.pages import (
    image_grids_of,
    lines_of,
    open_page,
    run_page,
    switch_page,
    tables_of,
    text_of,
)
from support.recorded_runs import store, stored_result
from support.small_runs import record_run
from support.waiting import until

from app.data.stored_results import results_at, stored_results
from app.jobs.manager import JobManager
from app.run.live import RunState, observe_run
from app.views.compare.download import as_csv, as_markdown, comparison_lines
from app.views.compare.sides import (
    last_snapshot,
    lines_each,
    losses_of_all,
    protocol_rows,
    setting_rows,
    shared_iterations,
)
from dmcore.config import CondenseConfig, DsaConfig, EvaluateConfig, SetChange
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.pair_verdict import SCOPE, pair_verdict
from dmcore.runs.runs_root import create_run_folder
from dmcore.runs.snapshots import write_snapshot

opened = partial(open_page, "compare.py")
TINY = CondenseConfig(dataset="digits", images_per_class=1, width=8, depth=1, real_batch=4, iterations=6)


def made(root: Path, title: str, **changes: object) -> RunFolder:
    """A finished run."""
    return record_run(root, TINY.model_copy(update=changes), title)


def side(run: RunFolder) -> RunState:
    return observe_run(run.id)


def test_only_the_settings_that_differ_are_shown(root: Path) -> None:
    a, b = made(root, "Left"), made(root, "<b>Right", norm="batch", image_lr=0.5)
    assert setting_rows([a, b]) == [
        ("Normalisation", "the network's own", "batch"),
        ("Learning rate of the pixels", "1", "0.5"),
    ]
    page = opened(a=a.id, b=b.id)
    assert "".join(tables_of(page)).count("<tr>") == 3
    assert "batch" in "".join(tables_of(page))
    assert [element.value for element in page.subheader] == ["A: Left", r"B: \<b\>Right", "Loss"]
    assert "iteration 6 of 6" in lines_of(page)[0]
    assert "The two runs have the same settings." in text_of(opened(a=a.id, b=made(root, "Twin").id))


def test_images_stand_at_one_moment_that_both_can_show(root: Path) -> None:
    a, b = made(root, "Short"), made(root, "Long", iterations=30)
    iterations = shared_iterations((side(a), side(b)))
    assert iterations == [0, 1, 2, 3, 4, 5, 6]
    (b.snapshot_folder("real-1") / "0000004.safetensors").unlink()
    assert last_snapshot(b, 4) == 3
    page = opened(a=a.id, b=b.id, at="4")
    assert [frame["iteration"] for frame in image_grids_of(page)] == [4, 3]
    assert image_grids_of(page)[1]["caption"] == ["Shown: iteration 3, the last one stored up to 4."]
    page.select_slider(key="compare_at").set_value("newest")
    assert [frame["iteration"] for frame in image_grids_of(run_page(page))] == [6, 30]
    assert "at" not in page.query_params


def test_losses_of_both_share_one_figure_and_axis(root: Path) -> None:
    a, b = made(root, "Short"), made(root, "Long", iterations=9, sets=(SetChange(), SetChange(init="noise")))
    figure = losses_of_all([side(a), side(b)])
    traces = {trace["name"]: trace for trace in figure.figure["data"]}  # type: ignore[attr-defined]
    assert list(traces)[:3] == ["A", "B, from real images", "B, from noise"]
    assert max(traces["A"]["x"]) == 6
    assert max(traces["B, from noise"]["x"]) == 9
    assert "B, from noise" in figure.alt
    assert "nan" not in figure.alt
    assert not figure.source


def test_more_sets_than_colours_are_drawn_in_part(root: Path) -> None:
    sets = tuple(SetChange(image_lr=rate) for rate in np.linspace(0.1, 1, 8).round(2))
    a, b = (side(made(root, letter, sets=sets)) for letter in "AB")
    assert lines_each([a, b]) == 5
    assert losses_of_all([a, b]).figure["data"]
    assert "The first 5 sets of each run are drawn" in text_of(opened(a=a.run.id, b=b.run.id))


def test_a_run_at_work_moves(root: Path, process_manager: JobManager) -> None:
    still = made(root, "Still")
    job = start(process_manager, TINY.model_copy(update={"iterations": 10**6, "norm": "batch"}), "Moves")
    until(lambda: job.snapshot is not None and job.snapshot.iteration >= 2)
    assert job.run_id is not None
    page = opened(a=still.id, b=job.run_id)
    frames = image_grids_of(page)
    assert [frame["subject"] for frame in frames] == [still.id, job.run_id]
    client = live_client()
    answer = client.get(f"/live/runs/{still.id}/both?beside={job.run_id}")
    assert answer.status_code == 200
    assert answer.json()["subject"] == job.run_id
    assert answer.json()["source"].endswith(f"/{still.id}/both?beside={job.run_id}")
    assert client.get(f"/live/runs/{still.id}/both?beside=..").status_code == 404
    process_manager.stop()


def test_links_to_runs_that_are_gone_damaged_newer_or_the_same_are_sentences(root: Path) -> None:
    good, newer, damaged, spoilt = (made(root, title) for title in ("Good", "Newer", "Damaged", "Spoilt"))
    description = json.loads((newer.path / "run.json").read_text())
    (newer.path / "run.json").write_text(json.dumps({**description, "format": 99}))
    (damaged.path / "run.json").write_text("{")
    newest = spoilt.snapshot_folder("real-1") / "0000006.safetensors"
    newest.write_bytes(newest.read_bytes()[:40])
    for other, text in {
        "20200101-000000-digits-none": "No run",
        "<b>x": "no run's id",
        newer.id: "update dm-explorer",
        damaged.id: "damaged",
        spoilt.id: "damaged",
    }.items():
        page = opened(a=good.id, b=other)
        assert text in text_of(page).replace("\\", ""), other
    assert "Both are the same run" in text_of(opened(a=good.id, b=good.id))
    assert "Choose two runs" in text_of(opened())


def test_a_run_that_vanishes_while_it_is_shown_leaves_the_page_standing(root: Path) -> None:
    a, b, _ = made(root, "Stays"), made(root, "Goes"), made(root, "Third")
    page = opened(a=a.id, b=b.id)
    shutil.rmtree(b.path)
    assert "Choose another run B" in text_of(run_page(page))


def test_tests_by_different_protocols_are_told_apart(root: Path) -> None:
    a, b = made(root, "One"), made(root, "Twin")
    for run, epochs in ((a, 3), (b, 5)):
        store(run, run.iteration(), (50.0, 52.0), EvaluateConfig(epochs=epochs))
    text = text_of(opened(a=a.id, b=b.id))
    assert "same settings" in text
    assert "They were tested differently" in text
    results = [stored_results(run) for run in (a, b)]
    assert protocol_rows(results) == [("Protocol", "3 epochs", "5 epochs")]
    assert protocol_rows([results[0], results[0]]) == []
    assert protocol_rows([results[0], ()]) == [], "one was not tested"


def test_fewer_networks_are_less_certain_and_can_be_compared(root: Path) -> None:
    a, b = made(root, "One"), made(root, "Twin")
    for run, accuracies in ((a, (50.0, 52.0)), (b, (50.0, 51.0, 52.0))):
        store(run, run.iteration(), accuracies, EvaluateConfig(repeats=len(accuracies)))
    text = text_of(opened(a=a.id, b=b.id))
    assert "Of the one with fewer networks the accuracy is less certain." in text
    assert "They were tested differently" not in text


def test_two_tested_runs_have_a_verdict_and_a_file_with_all_that_is_compared(root: Path) -> None:
    a, b = made(root, "One | all"), made(root, "Twin", image_lr=0.5)
    assert "the newest images of A and B were not tested" in text_of(opened(a=a.id, b=b.id))
    for run, accuracies in ((a, (80.0, 82.0, 81.0)), (b, (50.0, 51.0, 52.0))):
        store(run, run.iteration(), accuracies, EvaluateConfig(repeats=3))
    told = text_of(opened(a=a.id, b=b.id)).replace("\\", "")
    assert "A teaches more: A 81.0 ± 0.0 % (3 networks), B 51.0 ± 0.0 % (3 networks)" in told
    assert "a difference of +30.0 points. n = 1 set on each side" in told
    lines = comparison_lines([a, b])
    assert ("setting", "Learning rate of the pixels", "1", "0.5") in lines
    means = [line[2:] for line in lines if line[0] == "accuracy" and "mean" in line[1]]
    assert means == [("81.000", "51.000")]
    assert any("divisor n" in line[1] for line in lines)
    assert as_csv(lines).startswith(f"part,what,A,B\nrun,id,{a.id},{b.id}\n")
    assert r"| run | title | One \| all | Twin |" in as_markdown(lines)
    assert 'verdict,"A teaches more' in as_csv(lines)


def test_what_cannot_be_compared_has_no_verdict_and_says_why(root: Path) -> None:
    a, b, c = made(root, "One"), made(root, "Twin"), made(root, "Two per class", images_per_class=2)
    tests = [stored_results(run) for run in (a, b)]
    assert pair_verdict(a, b, *tests) == ["No verdict: the newest images of A and B were not tested."]
    store(a, 6, (50.0,), EvaluateConfig(epochs=3))
    store(b, 6, (40.0,), EvaluateConfig(epochs=5))
    store(c, 6, (60.0,), EvaluateConfig(epochs=3))
    of_a, of_b, of_c = (stored_results(run) for run in (a, b, c))
    assert pair_verdict(a, b, of_a, of_b) == ["No verdict: they were tested differently."]
    assert pair_verdict(a, c, of_a, of_c) == ["No verdict: they have different numbers of images per class."]
    (alone,) = pair_verdict(a, a, of_a, of_a)
    assert alone.startswith("Not resolved, too few networks: A\xa050.0")


def test_a_run_that_was_tested_earlier_lacks_a_test_of_its_newest_images(root: Path) -> None:
    a, b = made(root, "Went on"), made(root, "Twin")
    store(a, 3, (50.0, 51.0), EvaluateConfig(repeats=2))
    store(b, 6, (50.0, 51.0), EvaluateConfig(repeats=2))
    tests = [results_at(run, 6) for run in (a, b)]
    assert pair_verdict(a, b, *tests) == ["No verdict: the newest images of A were not tested."]


def test_none_of_several_sets_of_one_size_stands_for_its_run(root: Path) -> None:
    noise_too = (SetChange(), SetChange(init="noise"))
    sizes = (*noise_too, SetChange(name="many", images_per_class=2))
    a, b, c = made(root, "Two sets", sets=noise_too), made(root, "One"), made(root, "Two sizes", sets=sizes)
    for run in (a, b, c):
        store(run, 6, (50.0, 51.0), EvaluateConfig(repeats=2))
    several = ["No verdict: A has several sets of that size."]
    of_a, of_b, of_c = (results_at(run, 6) for run in (a, b, c))
    assert pair_verdict(a, b, of_a, of_b) == several, "though only one was tested"
    one_per_class = stored_result(c.set_names[0], 6, (50.0, 51.0), EvaluateConfig(repeats=2))
    refused, judged = pair_verdict(c, c, *[(*of_c, one_per_class)] * 2)
    assert refused == "No verdict with 1 per class: A and B have several sets of that size."
    assert judged.startswith("2 per class: Not resolved, too close to be sure: A\xa050.5")
    assert judged.endswith(SCOPE)


def test_a_test_network_of_both_is_found_whatever_was_tested_first(root: Path) -> None:
    a, b = made(root, "Left"), made(root, "Right")
    protocols = [EvaluateConfig(repeats=3, networks=(network,)) for network in ("convnet", "mlp")]
    for run, order, mean in ((a, (0, 1), 80.0), (b, (1,), 50.0)):
        for number in order:
            store(run, 6, (mean - 1, mean, mean + 1), protocols[number])
    (found,) = pair_verdict(a, b, results_at(a, 6), results_at(b, 6))
    assert found.startswith("A teaches more: A\xa080.0")
    store(b, 6, (81.0, 82.0, 83.0), protocols[0])
    both = pair_verdict(a, b, results_at(a, 6), results_at(b, 6))
    assert [text.split(":")[0] for text in both] == ["Tested with convnet", "Tested with mlp"]
    assert [SCOPE in text for text in both] == [False, True]


def test_tests_of_as_many_images_share_a_line_of_the_file_whatever_they_started_from(root: Path) -> None:
    a, b = made(root, "Real"), made(root, "Noise", init="noise")
    larger = SetChange(name="many", images_per_class=2)
    two = made(root, "Both", sets=(SetChange(), SetChange(init="noise"), larger))
    for run in (a, b):
        for kind, mean in (("condensed", 80.0), ("random_real", 60.0), ("all_real", 90.0)):
            store(run, 6, (mean, mean), EvaluateConfig(repeats=2), kind)
    assert mean_lines(a, b) == {
        "Condensed, 1 per class, tested with convnet": ("80.000", "80.000"),
        "As many random real images, 1 per class, tested with convnet": ("60.000", "60.000"),
        "All real images, tested with convnet": ("90.000", "90.000"),
    }
    for name, mean in zip(two.set_names, (70.0, 40.0, 75.0), strict=True):
        result = stored_result(name, 6, (mean, mean), EvaluateConfig(repeats=2))
        (two.path / "results" / f"{name}.json").write_text(result.model_dump_json())
    assert mean_lines(two, two) == {
        "Condensed, 1 per class, from real images, tested with convnet": ("70.000", "70.000"),
        "Condensed, 1 per class, from noise, tested with convnet": ("40.000", "40.000"),
        "Condensed, 2 per class, tested with convnet": ("75.000", "75.000"),
    }


def mean_lines(a: RunFolder, b: RunFolder) -> dict[str, tuple[str, str]]:
    """Mean accuracies of A and B in the file, by what was tested."""
    ending = ": mean, percent"
    return {
        what.removesuffix(ending): (values[0], values[1])
        for part, what, *values in comparison_lines([a, b])
        if part == "accuracy" and what.endswith(ending)
    }


def test_an_import_is_compared_by_its_images(root: Path) -> None:
    like = made(root, "Donor")
    foreign = create_run_folder(
        root, title="", origin="import", config=None, plan=None, data=like.description.data, sets=like.sets
    )
    write_snapshot(foreign.snapshot_folder("real-1"), like.snapshot("real-1", 6), foreign.id)
    page = opened(a=like.id, b=foreign.id)
    assert "settings cannot be compared" in text_of(page)
    assert len(image_grids_of(page)) == 2


def test_runs_are_chosen_swapped_and_remembered(visit: AppTest, root: Path) -> None:
    a, b = made(root, "One"), made(root, "Two")
    run_page(visit)
    page = run_page(visit.switch_page("../pages/compare.py"))
    page.selectbox(key="compare_a").set_value(a.id)
    run_page(page)
    page.selectbox(key="compare_b").set_value(b.id)
    run_page(page)
    assert page.query_params["a"] in (a.id, [a.id])
    page.button(key="compare_swap").click()
    run_page(page)
    assert [element.value for element in page.subheader][:2] == ["A: Two", "B: One"]
    run_page(page.switch_page("../pages/runs.py"))
    page.query_params.clear()
    run_page(page.switch_page("../pages/compare.py"))
    assert [element.value for element in page.subheader][:2] == ["A: Two", "B: One"]


def test_with_fewer_than_two_runs_the_page_says_what_to_do(root: Path) -> None:
    assert "It takes two runs" in text_of(opened())


def test_up_to_four_runs_stand_side_by_side(root: Path) -> None:
    runs = [
        made(root, "First"),
        made(root, "Second", image_lr=0.5),
        made(root, "Third", image_lr=0.5, norm="batch"),
        made(root, "Fourth", iterations=9),
    ]
    assert sorted(setting_rows(runs) or ()) == [
        ("Iterations", "6", "6", "6", "9"),
        ("Learning rate of the pixels", "1", "0.5", "0.5", "1"),
        ("Normalisation", *["the network's own"] * 2, "batch", "the network's own"),
    ]
    for run, mean in zip(runs[:3], (80.0, 70.0, 60.0), strict=True):
        store(run, 6, (mean, mean), EvaluateConfig(repeats=2))
    page = opened(**dict(zip("abcd", (run.id for run in runs), strict=True)), at="4")
    assert [element.value for element in page.subheader] == [
        *("A: First", "B: Second", "C: Third", "D: Fourth", "Loss")
    ]
    assert [frame["iteration"] for frame in image_grids_of(page)] == [4, 4, 4, 4]
    accuracies, settings, *_ = tables_of(page)
    assert ">70.0" in accuracies
    assert "80.0 ± 0.0 % (2 networks)" in accuracies
    assert settings.count("<tr>") == 4
    assert "said of two runs" in text_of(page)
    figure = losses_of_all([side(run) for run in runs])
    assert [trace["name"] for trace in figure.figure["data"]][:4] == ["A", "A", "B", "B"]  # type: ignore[attr-defined]
    lines = comparison_lines(runs)
    assert {len(line) for line in lines} == {6}
    assert as_csv(lines).startswith("part,what,A,B,C,D\n")
    client = live_client()
    beside = ",".join(run.id for run in runs[1:])
    assert client.get(f"/live/runs/{runs[0].id}/both?beside={beside}").status_code == 200
    assert client.get(f"/live/runs/{runs[0].id}/both?beside={runs[1].id},..").status_code == 404


def test_a_setting_that_another_method_has_not_is_left_open(root: Path) -> None:
    runs = [
        bare_run(root, "DM"),
        bare_run(root, "DM again", config=TINY.model_copy(update={"replay": True})),
        bare_run(root, "DSA", config=DsaConfig(dataset="digits", images_per_class=1)),
    ]
    rows = setting_rows(runs)
    assert rows is not None
    values = {label: texts for label, *texts in rows}
    assert values["Method"] == ["DM", "DM", "DSA"]
    assert ["off", "on", "–"] in values.values()


def test_a_third_run_is_added_taken_out_and_a_missing_one_is_a_sentence(visit: AppTest, root: Path) -> None:
    first, second, third, fourth = (made(root, title) for title in ("One", "Two", "Three", "Four"))
    page = switch_page(visit, "compare.py", a=first.id, b=second.id)
    keys = [box.key for box in page.selectbox]
    assert keys == ["compare_a", "compare_b", "compare_c"]
    for key, run in (("compare_c", third), ("compare_d", fourth)):
        page.selectbox(key=key).set_value(run.id)
        run_page(page)
    assert [element.value[0] for element in page.subheader] == ["A", "B", "C", "D", "L"]
    page.selectbox(key="compare_c").set_value(None)
    run_page(page)
    assert [element.value for element in page.subheader] == ["A: One", "B: Two", "C: Four", "Loss"]
    page.selectbox(key="compare_c").set_value(first.id)
    assert "Two of them are the same run" in text_of(run_page(page))
    gone = opened(a=first.id, b=second.id, c="20200101-000000-digits-none")
    assert "Choose another run C" in text_of(gone)
    assert [element.value for element in gone.subheader] == ["A: One", "B: Two", "Loss"]


def test_an_address_without_the_third_run_shows_the_fourth_in_its_place(root: Path) -> None:
    first, second, third = (made(root, title) for title in ("One", "Two", "Three"))
    page = opened(a=first.id, b=second.id, d=third.id)
    assert [element.value for element in page.subheader] == ["A: One", "B: Two", "C: Three", "Loss"]
