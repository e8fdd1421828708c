"""Recorded results on the pages of tables: shown until a person's own arrive, then in small beside them."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from support.live_routes import live_client
from support.pages import (
    components_of,
    figures_of,
    image_grids_of,
    lines_of,
    open_page,
    plain_spaces,
    run_page,
    tables_of,
    text_of,
)
from support.small_gallery import DIGITS, PROVENANCE, RECORDED_TABLE1, made_up_results

from app.data.recorded import recorded_hidden
from app.jobs.manager import JobManager
from app.plots.recorded import drawn_thin
from app.tables.state import table_state
from dmcore.experiments.gallery.recorded import find_recorded
from dmcore.experiments.report.table_differences import recorded_difference
from dmcore.experiments.results import CellResult, Results, write_results
from dmcore.experiments.table import Table
from dmcore.experiments.table1 import Table1Config
from dmcore.experiments.table3 import Table3Config

PAGES = {
    "accuracy.py": ("data", "Digits"),
    "architectures.py": ("table3_data", "digits"),
    "network_distribution.py": ("table4_data", "Digits"),
}


def opened(page_file: str) -> AppTest:
    """A page of tables, on the digits."""
    name, value = PAGES[page_file]
    return open_page(page_file, **{name: value})


def chosen_table(config: Table1Config | Table3Config) -> Table:
    return config.table(DIGITS)


def own_results(table: Table, cells: int | None = None) -> Results:
    run = find_recorded("from-real").run
    assert run is not None
    return made_up_results(table, run, cells)


@pytest.mark.parametrize("page_file", PAGES)
def test_a_page_of_a_fresh_installation_shows_the_recorded_result_with_its_provenance(
    page_file: str, gallery: Path
) -> None:
    page = opened(page_file)
    text = text_of(page)
    assert plain_spaces(PROVENANCE).replace(".", r"\.").replace(" ", " ") in text.replace(r"\.", r"\.")
    assert "no numbers yet" not in text
    assert "not started" not in text
    assert page.button(key="table_run").label.startswith("Run it here")
    assert page.button(key="table_run").proto.type == "primary"
    assert [element.value for element in page.code if "gallery build" in element.value]
    figures = figures_of(page)
    assert figures
    assert not any(figure["source"] for figure in figures), "nothing of it moves"


def test_the_sections_below_are_of_the_recorded_table_too(gallery: Path) -> None:
    page = opened("accuracy.py")
    (table,) = tables_of(page)
    assert "Herding" in table
    assert "Whole set" not in table, "it was recorded without"
    assert len(image_grids_of(page)[0]["lanes"]) == 3
    assert "10 per class" in page.segmented_control(key="column").options
    assert "Without k-center" in plain_spaces(text_of(page)).replace("\\", "")


def test_recorded_markers_are_hollow_and_own_ones_are_not(gallery: Path, process_manager: JobManager) -> None:
    def symbols() -> set[str]:
        traces = figures_of(opened("accuracy.py"))[0]["figure"]["data"]
        return {trace["marker"]["symbol"] for trace in traces if "marker" in trace}

    assert all(symbol.endswith("-open") for symbol in symbols())
    table = opened_table(process_manager)
    write_results(process_manager.runs_root, own_results(table))
    assert not all(symbol.endswith("-open") for symbol in symbols())


def opened_table(manager: JobManager) -> Table:
    """The table that the Accuracy page is set to on arrival."""
    page = opened("accuracy.py")
    page.button(key="table_run").click()
    run_page(page)
    job = manager.current or manager.queued[0]
    manager.cancel(job)
    return job.work.table  # type: ignore[attr-defined, no-any-return]
