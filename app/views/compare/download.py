"""Download of what the Compare page compares: settings that differ, tests, accuracies and the verdict."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from app.data.recorded import title_of
from app.data.stored_results import results_at
from app.views.compare.sides import protocol_rows, setting_rows
from dmcore.experiments.report.formats import STD_MEANING
from dmcore.runs.description import StoredResult
from dmcore.runs.display.titles import set_title
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.pair_verdict import pair_verdict
from dmcore.runs.results.summary import HEADINGS

Line = tuple[str, str, str, str]
"""Part, what it is, its value in A and in B."""
HEAD: Line = ("part", "what", "A", "B")
NUMBERS: Mapping[str, Callable[[StoredResult], str]] = {
    "mean, percent": lambda result: f"{result.mean:.3f}",
    f"standard deviation ({STD_MEANING})": lambda result: f"{result.std:.3f}",
    "networks": lambda result: str(result.n),
    "iteration": lambda result: str(result.iteration),
}


def comparison_lines(a: RunFolder, b: RunFolder) -> list[Line]:
    """What differs between two runs and what their tests say, a line each."""
    results = [results_at(run, run.iteration()) for run in (a, b)]
    lines: list[Line] = [
        ("run", "id", a.id, b.id),
        ("run", "title", title_of(a), title_of(b)),
        ("run", "data", a.description.data.title, b.description.data.title),
    ]
    lines += [("setting", *row) for row in setting_rows(a, b) or ()]
    lines += [("test", *row) for row in protocol_rows(*results)]
    lines += _accuracies((a, b), results)
    return [*lines, *(("verdict", sentence, "", "") for sentence in pair_verdict(a, b, *results))]


def as_csv(lines: Sequence[Line]) -> str:
    """Format the lines as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEAD, *lines])
    return text.getvalue()


def as_markdown(lines: Sequence[Line]) -> str:
    """Format the lines as a Markdown table."""
    rows = [[cell.replace("|", r"\|") for cell in line] for line in (HEAD, *lines)]
    texts = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([texts[0], f"|{'---|' * len(HEAD)}", *texts[1:], ""])


def show_download(a: RunFolder, b: RunFolder) -> None:
    """Popover with the files, written when they are asked for."""

    def newest(layout: Callable[[Sequence[Line]], str]) -> Callable[[], str]:
        return lambda: layout(comparison_lines(a, b))

    with st.popover("Download", key="compare_download"):
        for label, layout, ending, mime in (
            ("CSV", as_csv, "csv", "text/csv"),
            ("Markdown table", as_markdown, "md", "text/markdown"),
        ):
            st.download_button(
                label,
                newest(layout),
                f"compare-{a.id}-{b.id}.{ending}",
                mime,
                key=f"compare_download_{ending}",
                on_click="ignore",
            )


def _accuracies(runs: Sequence[RunFolder], results: Sequence[Sequence[StoredResult]]) -> list[Line]:
    """Numbers of every test of either run; as many images of one kind and one network stand in one line."""
    a, b = (
        {_test_name(run, result): result for result in sorted(tested, key=lambda result: result.created)}
        for run, tested in zip(runs, results, strict=True)
    )
    return [
        (
            *("accuracy", f"{name}: {what}"),
            number(a[name]) if name in a else "",
            number(b[name]) if name in b else "",
        )
        for name in a | b
        for what, number in NUMBERS.items()
    ]


def _test_name(run: RunFolder, result: StoredResult) -> str:
    """'Condensed, 10 per class, tested with convnet'; the set where the run has several of that size."""
    described, parts = run.set_named(result.set), [HEADINGS[result.kind]]
    size = f"{described.images_per_class} per class"
    if result.kind != "all_real":
        parts.append(size)
    alike = [other for other in run.sets if other.images_per_class == described.images_per_class]
    if result.kind == "condensed" and len(alike) > 1:
        parts.append(set_title(run, described).removeprefix(size).removeprefix(", "))
    return ", ".join([*filter(None, parts), f"tested with {result.network}"])
