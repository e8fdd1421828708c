"""Download of what the Compare page compares: settings that differ, tests, accuracies and the verdict."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from app.data.recorded import title_of
from app.data.stored_results import results_at
from app.views.compare.accuracies import results_by_name
from app.views.compare.sides import LETTERS, protocol_rows, setting_rows
from dmcore.experiments.report.formats import STD_MEANING
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.pair_verdict import pair_verdict

Line = tuple[str, ...]
"""Part, what it is, and its value in each run."""
NUMBERS: Mapping[str, Callable[[StoredResult], str]] = {
    "mean, percent": lambda result: f"{result.mean:.3f}",
    f"standard deviation ({STD_MEANING})": lambda result: f"{result.std:.3f}",
    "networks": lambda result: str(result.n),
    "iteration": lambda result: str(result.iteration),
}


def comparison_lines(runs: Sequence[RunFolder]) -> list[Line]:
    """Table of what differs between the runs and what their tests say, the heading first."""
    results = [results_at(run, run.iteration()) for run in runs]
    lines: list[Line] = [
        ("part", "what", *LETTERS[: len(runs)]),
        ("run", "id", *(run.id for run in runs)),
        ("run", "title", *map(title_of, runs)),
        ("run", "data", *(run.description.data.title for run in runs)),
    ]
    lines += [("setting", *row) for row in setting_rows(runs) or ()]
    lines += [("test", *row) for row in protocol_rows(results)]
    lines += _accuracies(runs, results)
    if len(runs) == 2:
        verdict = pair_verdict(runs[0], runs[1], results[0], results[1])
        lines += [("verdict", sentence, "", "") for sentence in verdict]
    return lines


def as_csv(lines: Sequence[Line]) -> str:
    """Format the lines as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()


def as_markdown(lines: Sequence[Line]) -> str:
    """Format the lines as a Markdown table."""
    rows = [[cell.replace("|", r"\|") for cell in line] for line in lines]
    texts = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([texts[0], f"|{'---|' * len(lines[0])}", *texts[1:], ""])


def show_download(runs: Sequence[RunFolder]) -> None:
    """Popover with the files, written when they are asked for."""

    def newest(layout: Callable[[Sequence[Line]], str]) -> Callable[[], str]:
        return lambda: layout(comparison_lines(runs))

    with st.popover("Download", key="compare_download"):
        for label, layout, ending, mime in (
            ("CSV", as_csv, "csv", "text/csv"),
            ("Markdown table", as_markdown, "md", "text/markdown"),
        ):
            st.download_button(
                label,
                newest(layout),
                f"compare-{'-'.join(run.id for run in runs)}.{ending}",
                mime,
                key=f"compare_download_{ending}",
                on_click="ignore",
            )


def _accuracies(runs: Sequence[RunFolder], results: Sequence[Sequence[StoredResult]]) -> list[Line]:
    """Numbers of every test of any run; as many images of one kind and one network stand in one line."""
    tests = [results_by_name(*pair) for pair in zip(runs, results, strict=True)]
    return [
        ("accuracy", f"{name}: {what}", *(number(of[name]) if name in of else "" for of in tests))
        for name in dict.fromkeys(name for of_run in tests for name in of_run)
        for what, number in NUMBERS.items()
    ]
