"""Table of runs on the Runs page: a row each, to sort and to select several, and what is done with those."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from app.data.folders import write_time
from app.run.status import status_of
from app.views.runs.search import method_label
from app.views.runs.selected import show_selected
from dmcore.config.formatting import grouped
from dmcore.runs.collection import facts
from dmcore.runs.collection.tags import read_tags
from dmcore.runs.folder import RunFolder

HEADING_PIXELS, ROW_PIXELS, MOST_PIXELS = 38, 35, 500
CACHED_RUNS = 4096
WRITTEN = ("run.json", "events.jsonl", "result.json", "results", "checkpoints")
"""Files and folders whose time of change tells that a run has other facts than before."""


class SlowFacts(NamedTuple):
    """Facts of a run that are read from many files."""

    iteration: int | None
    accuracy: float | None
    loss: float | None
    bytes: int


def show_table(runs: Sequence[RunFolder], titles: Mapping[str, str], owner: str) -> None:
    """Draw the table, and above it what can be done with the selected runs.

    Args:
        runs: in their order before a column is clicked.
        titles: what the runs are called in the list.
        owner: tells this table from others on the page.
    """
    place = st.container(
        key=f"runs_selected_{owner}", horizontal=True, vertical_alignment="center", gap="small"
    )
    selected = st.dataframe(
        table_columns(runs, titles),
        # Rows are selected by their number: with other rows, nothing is selected any more.
        key=f"runs_rows_{owner}_{_digest(runs)}",
        on_select="rerun",
        selection_mode="multi-row",
        hide_index=True,
        height=min(MOST_PIXELS, HEADING_PIXELS + ROW_PIXELS * len(runs)),
        column_config=_column_config(),
        placeholder="",
    )
    with place:
        show_selected([runs[row] for row in selected.selection.rows if row < len(runs)], owner)


def table_columns(runs: Sequence[RunFolder], titles: Mapping[str, str]) -> dict[str, list[object]]:
    """Columns of the table, by name; what is not known is None."""
    slow = [_slow_facts(run) for run in runs]
    sizes = [facts.images_per_class(run) for run in runs]
    has_one_size = all(len(of_run) == 1 for of_run in sizes)
    return {
        "title": [titles[run.id] for run in runs],
        "data": [run.description.data.title or run.description.data.name for run in runs],
        "method": [", ".join(map(method_label, facts.methods(run))) for run in runs],
        "images": [of_run[0] if has_one_size else ", ".join(map(grouped, of_run)) for of_run in sizes],
        "iterations": [each.iteration for each in slow],
        "state": [None if (state := status_of(run)) is None else str(state) for run in runs],
        "accuracy": [each.accuracy for each in slow],
        "loss": [each.loss for each in slow],
        "size": [each.bytes for each in slow],
        "started": [facts.created(run).astimezone().replace(tzinfo=None) for run in runs],
        "tags": [list(read_tags(run)) for run in runs],
    }


def _column_config() -> dict[str, Any]:
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    return {
        "title": text("Title", width="medium"),
        "data": text("Data set"),
        "method": text("Method", width="small"),
        "images": st.column_config.Column("Images per class"),
        "iterations": number("Iterations", width="small", help="Done so far."),
        "state": text("State"),
        "accuracy": number(
            "Accuracy",
            format="%.1f %%",
            width="small",
            help="The highest mean that networks trained on the run's images have reached.",
        ),
        "loss": number(
            "Loss",
            format="%.4g",
            width="small",
            help="Of the first set at its last iteration, mean over the classes.",
        ),
        "size": number("Size on disk", format="bytes", width="small"),
        "started": st.column_config.DatetimeColumn("Started", format="D MMM YYYY, HH:mm"),
        "tags": st.column_config.ListColumn("Tags"),
    }


def _digest(runs: Sequence[RunFolder]) -> str:
    return blake2b("\n".join(run.id for run in runs).encode(), digest_size=6).hexdigest()


def _slow_facts(run: RunFolder) -> SlowFacts:
    return _read_slow_facts(run.path, tuple(write_time(run.path / name) for name in WRITTEN))


@lru_cache(maxsize=CACHED_RUNS)
def _read_slow_facts(path: Path, _written: tuple[int, ...]) -> SlowFacts:
    run = RunFolder(path)
    try:
        iteration = None if run.config is None else run.iteration()
    except (ValueError, OSError):  # deleted just now
        return SlowFacts(None, None, None, 0)
    return SlowFacts(iteration, facts.best_accuracy(run), facts.last_loss(run), facts.size_on_disk(path))
