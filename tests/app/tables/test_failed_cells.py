"""Cells of a table that failed: why, that the others are kept, and one button that tries again."""

from support.pages import open_page, run_page

from app.data.available import AvailableDataset
from app.jobs.manager import JobManager
from app.views.accuracy.choices import paper_table
from dmcore.experiments.presets import DataFacts
from dmcore.experiments.results import CellResult, NetworkResult, Results, write_results
from dmcore.experiments.table import Table
from dmcore.experiments.table1 import Table1Config

DIGITS = AvailableDataset(DataFacts("digits", "Digits", (1, 8, 8), 1437), "Digits", 10)
BROKEN = CellResult(failure="the run was deleted meanwhile: make it again, or take it out of the table")
RETRY = "table_cells_remedy"


def usual_table() -> Table:
    table = paper_table(Table1Config(), DIGITS).table
    assert table is not None
    return table


def filled(table: Table, cells: int) -> dict[int, CellResult]:
    """Results of the first cells, with all their networks."""
    return {
        index: CellResult(
            digest=f"{index}",
            run="20260101-000000-digits-aaaa",
            set="real-1",
            iteration=1,
            images=10,
            network_results=tuple(
                NetworkResult(repeat=repeat, accuracy=50.0) for repeat in range(table.cells[index].repeats)
            ),
        )
        for index in range(cells)
    }


def test_a_failed_cell_says_why_and_that_the_others_are_kept_and_is_tried_again(
    process_manager: JobManager,
) -> None:
    table = usual_table()
    last = len(table.cells) - 1
    write_results(
        process_manager.runs_root, Results(table=table, cell_results={**filled(table, last), last: BROKEN})
    )
    page = open_page("accuracy.py", data="Digits")
    (failure,) = page.error
    text = failure.value.replace("\\", "")
    assert "The run was deleted meanwhile" in text
    assert text.endswith("The other cells keep their numbers.")
    assert "table_run" not in [button.key for button in page.button]
    assert page.button(key=RETRY).label == "Try again"
    page.button(key=RETRY).click()
    run_page(page)
    job = process_manager.job_about("table", table.key)
    assert job is not None
    process_manager.cancel(job)


def test_where_other_cells_are_to_come_the_table_goes_on_instead(process_manager: JobManager) -> None:
    table = usual_table()
    broken = {len(table.cells) - 1: BROKEN}
    write_results(
        process_manager.runs_root, Results(table=table, cell_results={**filled(table, 1), **broken})
    )
    page = open_page("accuracy.py", data="Digits")
    assert page.error
    assert page.button(key="table_run").label == "Continue"
    assert RETRY not in [button.key for button in page.button]
