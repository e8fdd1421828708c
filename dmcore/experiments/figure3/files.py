"""Export of figure 3: the figure (png), a page with the figure and the metrics (html), the metrics (json).

Drawn with matplotlib: these are figures for papers and slides, the interactive one is the app's.
"""

import html
import io
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dmcore.config.formatting import counted
from dmcore.experiments.figure3.projection import Figure3, ProjectedSet
from dmcore.experiments.verdicts import Verdict, missing_evidence, p_text, verdict
from dmcore.feature_space.coverage import METRICS, MetricValue
from dmcore.files.atomic import storage_errors_explained, write_atomically

PANELS_PER_ROW = 3
PANEL_INCHES = 4.2
COMPARED = {"coverage": True, "outliers": False}
"""Metrics that verdicts compare, and whether more is better."""


class MetricVerdict(NamedTuple):
    """Comparison of condensed with random real images in one metric."""

    metric: str
    images_per_class: int
    learned_by: str
    """Method of the condensed ones, as in `ProjectedSet`."""
    verdict: Verdict

    @property
    def subject(self) -> str:
        """'coverage, 10 per class, condensed by DSA against random'."""
        by = f" by {self.learned_by}" if self.learned_by else ""
        return f"{self.metric}, {self.images_per_class} per class, condensed{by} against random"


def write_figure3(figure: Figure3, folder: Path) -> list[Path]:
    """Write figure3.png, figure3.html and figure3.json; returns the files.

    Raises:
        StorageError: the folder cannot be written to.
    """
    with storage_errors_explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    png, svg = _drawn(figure)
    files = {
        "figure3.png": png,
        "figure3.html": _page(figure, svg).encode(),
        "figure3.json": json.dumps(as_json(figure), indent=1).encode(),
    }
    for name, content in files.items():
        write_atomically(folder / name, content)
    return [folder / name for name in files]


def as_json(figure: Figure3) -> dict[str, Any]:
    """Figure as a JSON object: every metric with its interval and n, and the verdicts over runs."""
    return {
        "dataset": figure.dataset,
        "features": figure.embedded_by,
        "map": figure.config.map,
        "real_images": len(figure.real_label),
        "sets": [
            {
                "run": projected.run,
                "set": projected.set,
                "method": projected.method,
                "learned_by": projected.learned_by,
                "images_per_class": projected.images_per_class,
                "seed": projected.seed,
                "numbers": {measure.name: asdict(measure) for measure in projected.measures},
            }
            for projected in figure.sets
        ],
        "verdicts": [
            {
                "number": each.metric,
                "images_per_class": each.images_per_class,
                "learned_by": each.learned_by,
                "outcome": each.verdict.outcome,
                "condensed": [each.verdict.ours_mean, each.verdict.ours_std, each.verdict.ours_n],
                "random": [each.verdict.theirs_mean, each.verdict.theirs_std, each.verdict.theirs_n],
                "p": each.verdict.p,
            }
            for each in verdicts(figure)
        ],
    }


def verdicts(figure: Figure3) -> list[MetricVerdict]:
    """Compare the condensed images of each method with random ones, over runs of equal images per class."""
    condensed = [each for each in figure.sets if each.method == "condensed"]
    results = []
    for count in sorted({each.images_per_class for each in condensed}):
        same = [each for each in condensed if each.images_per_class == count]
        fresh = [each for each in figure.sets if (each.method, each.images_per_class) == ("random", count)]
        for learned_by in dict.fromkeys(each.learned_by for each in same):
            learned = [each for each in same if each.learned_by == learned_by]
            for metric, more_is_better in COMPARED.items():
                result = verdict(_independent(learned, metric), _independent(fresh, metric), more_is_better)
                results.append(MetricVerdict(metric, count, learned_by, result))
    return results


def verdict_text(result: Verdict) -> str:
    """Outcome, both sides and p: 'holds, 0.53 ± 0.021 (3 runs) against 0.41 ± 0.03 (3 runs); p = 0.011'."""
    ours = _side_text(result.ours_mean, result.ours_std, result.ours_n)
    theirs = _side_text(result.theirs_mean, result.theirs_std, result.theirs_n)
    reason = missing_evidence(result) or ("" if result.p is None else p_text(result.p))
    return f"{result.outcome}, {ours} against {theirs}; {reason}"


def _side_text(mean: float | None, std: float | None, runs: int) -> str:
    if mean is None:
        return "no runs"
    return f"{mean:.3g}{'' if std is None else f' ± {std:.2g}'} ({counted(runs, 'run')})"


def _independent(sets: Iterable[ProjectedSet], metric: str) -> list[float]:
    """One value per seed: sets of one run share their networks, runs of one seed their random images."""
    by_seed: dict[int | None, list[float]] = {}
    for projected in sets:
        value = next(measure.value for measure in projected.measures if measure.name == metric)
        if value is not None:
            by_seed.setdefault(projected.seed, []).append(value)
    return [float(np.mean(values)) for values in by_seed.values()]


def _drawn(figure: Figure3) -> tuple[bytes, str]:
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    rows = -(-len(figure.sets) // PANELS_PER_ROW)
    columns = min(PANELS_PER_ROW, len(figure.sets))
    drawing = Figure(figsize=(PANEL_INCHES * columns, PANEL_INCHES * rows + 0.8), layout="constrained")
    panels = drawing.subplots(rows, columns, squeeze=False).flatten()
    classes = len(figure.class_names)
    colours = colormaps["tab10" if classes <= 10 else "gist_ncar"](
        np.arange(10) if classes <= 10 else np.linspace(0, 0.95, classes)
    )
    for panel, projected in zip(panels, figure.sets, strict=False):
        panel.scatter(*projected.real.T, s=4, alpha=0.25, linewidths=0, c=colours[figure.real_label])
        panel.scatter(
            *projected.positions.T,
            s=110 if len(projected.label) <= 100 else 50,
            marker="*",
            c=colours[projected.label],
            edgecolors="black",
            linewidths=0.7,
        )
        coverage = next(measure for measure in projected.measures if measure.name == "coverage").value
        caption = "" if coverage is None else f"\ncoverage {100 * coverage:.0f} %"
        panel.set_title(f"{projected.title}{caption}", fontsize=8, wrap=True, parse_math=False)
    for panel in panels:
        panel.set_xticks([])
        panel.set_yticks([])
    for panel in panels[len(figure.sets) :]:
        panel.set_visible(False)
    if classes <= 10:
        handles = [
            drawing.axes[0].scatter([], [], marker="o", color=colours[index], label=name)
            for index, name in enumerate(figure.class_names)
        ]
        drawing.legend(handles=handles, loc="outside lower center", ncols=min(5, classes), fontsize=8)
    png, svg = io.BytesIO(), io.StringIO()
    drawing.savefig(png, format="png", dpi=150)
    drawing.savefig(svg, format="svg")
    return png.getvalue(), svg.getvalue()


def _page(figure: Figure3, svg: str) -> str:
    head = "".join(f"<th>{html.escape(metric.title)}</th>" for metric in METRICS)
    rows = "".join(
        f"<tr><td>{html.escape(projected.title)}</td>{''.join(map(_cell, projected.measures))}</tr>"
        for projected in figure.sets
    )
    verdict_items = "".join(
        f"<li>{html.escape(each.subject)} real images: {html.escape(verdict_text(each.verdict))}</li>"
        for each in verdicts(figure)
    )
    image = svg[svg.index("<svg") :]
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'>"
        f"<title>Figure 3: {html.escape(figure.dataset)}</title>"
        "<style>body{font-family:sans-serif;margin:2rem}table{border-collapse:collapse}"
        "td,th{padding:.3rem .7rem;border-bottom:1px solid #bbb;text-align:left;font-size:.9rem}"
        "svg{max-width:100%;height:auto}</style>"
        f"<h1>{html.escape(figure.dataset)}: real images (dots) and sets of few images (stars)</h1>"
        f"<p>Features of {html.escape(figure.embedded_by)}. {len(figure.real_label)} real images. "
        "Numbers are measured in the features, with 95 % intervals.</p>"
        f"{image}<table><tr><th>Set</th>{head}</tr>{rows}</table><ul>{verdict_items}</ul></html>\n"
    )


def _cell(measure: MetricValue) -> str:
    if measure.value is None:
        return "<td>–</td>"
    ends = "" if measure.low is None else f" [{measure.low:.3g}, {measure.high:.3g}]"
    return f"<td>{measure.value:.3g}{ends}</td>"
