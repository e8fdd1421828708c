"""Export of figure 4: the curves as a picture (png), the points as a table (csv), all of it as JSON."""

import csv
import io
import json
from pathlib import Path
from typing import Any

from dmcore.experiments.figure4.config import NAMES
from dmcore.experiments.figure4.report import (
    curves,
    equal_iterations,
    final_verdicts,
    time_to_accuracy,
    verdict_sentence,
)
from dmcore.experiments.figure4.results import RaceResults
from dmcore.files.atomic import storage_errors_explained, write_atomically

INCHES, PIXELS_PER_INCH = (6.4, 4.0), 150
COLOURS = {"dm": "#d55e00", "dc": "#009e73", "dsa": "#7b4fb5"}
COLUMNS = ("method", "race", "seconds", "iterations", "network", "accuracy")


def write_figure4(results: RaceResults, folder: Path) -> list[Path]:
    """Write figure4.png, figure4.csv and figure4.json; returns the files.

    Raises:
        StorageError: the folder cannot be written to.
    """
    with storage_errors_explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    files = {
        "figure4.png": draw_figure4(results),
        "figure4.csv": as_csv(results).encode(),
        "figure4.json": json.dumps(as_json(results), indent=1).encode(),
    }
    for name, content in files.items():
        write_atomically(folder / name, content)
    return [folder / name for name in files]


def draw_figure4(results: RaceResults) -> bytes:
    """The curves as a PNG."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter

    drawing = Figure(figsize=INCHES, layout="constrained")
    plot = drawing.subplots()
    first = results.config.moments[0] / 2
    for curve in curves(results):
        seconds = [max(first, point.seconds) for point in curve.points]
        levels, colour = [point.mean for point in curve.points], COLOURS[curve.method]
        spread = [point.std or 0.0 for point in curve.points]
        plot.errorbar(
            seconds, levels, spread, fmt="o-", ms=4, lw=1.5, capsize=2, color=colour, label=curve.name
        )
    plot.set_xscale("log")
    plot.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    plot.xaxis.set_major_formatter("{x:g}")
    plot.xaxis.set_minor_formatter(NullFormatter())
    plot.set_xlabel(f"seconds of condensing (the start is drawn at {first:.2g})")
    plot.set_ylabel("test accuracy (%)")
    plot.set_title(
        f"{results.data_title}, {results.config.images_per_class} per class\n{results.machine}", fontsize=8
    )
    plot.grid(alpha=0.25)
    plot.legend(frameon=False)
    png = io.BytesIO()
    drawing.savefig(png, format="png", dpi=PIXELS_PER_INCH)
    return png.getvalue()


def as_csv(results: RaceResults) -> str:
    """A line for each network."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for point in results.points:
        place = (NAMES[point.method], point.seed + 1, f"{point.seconds:.2f}", f"{point.iterations:.2f}")
        for network, accuracy in enumerate(point.accuracies):
            writer.writerow((*place, network + 1, f"{accuracy:.2f}"))
    return text.getvalue()


def as_json(results: RaceResults) -> dict[str, Any]:
    """The race as a JSON object: every point, the time to an accuracy, and the verdicts."""
    reached = time_to_accuracy(results)
    return {
        **results.model_dump(mode="json", exclude={"data", "class_names"}),
        "complete": results.complete,
        "time_to_accuracy": reached
        and {"percent": reached.level, "seconds": reached.seconds, "not_before": reached.not_before},
        "verdicts": [
            {"first": first, "other": other, "outcome": result.outcome, "p": result.p}
            for first, other, result in final_verdicts(results)
        ],
    }


def race_sentences(results: RaceResults) -> list[str]:
    """What the race shows: time to an accuracy, equal iterations, verdicts at the end of the time."""
    reached = time_to_accuracy(results)
    verdicts = (
        verdict_sentence(first, other, result, results.config.seconds)
        for first, other, result in final_verdicts(results)
        if result.ours_n and result.theirs_n
    )
    return [
        *([reached.sentence] if reached else []),
        *filter(None, [equal_iterations(results)]),
        *verdicts,
    ]
