"""LaTeX of a recorded table: its provenance and what its numbers are stand above it as comments."""

from pathlib import Path

from support.gallery.made_up import DIGITS, PROVENANCE, RECORDED_TABLE1

from app.jobs.manager import JobManager
from app.tables.controls import with_source
from app.tables.state import table_state
from dmcore.experiments.report.formats import as_csv, as_latex, meaning_text


def test_provenance_and_meaning_are_comments_in_the_latex_table_alone(
    gallery: Path, process_manager: JobManager
) -> None:
    state = table_state(process_manager, RECORDED_TABLE1.table(DIGITS))
    first, second, third, *_ = with_source(as_latex, state).splitlines()
    assert first == f"% {PROVENANCE}"
    assert second == f"% {meaning_text(state.shown.table)}"
    assert "divisor n" in second
    assert second.endswith("Test networks: quick protocol, 200 epochs.")
    assert third.startswith("\\begin{tabular}")
    assert with_source(as_csv, state) == as_csv(state.shown.results)
