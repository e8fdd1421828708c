"""Figure 3 as files: a picture (png), a page with that picture and the numbers (html), the numbers (json).

Drawn with matplotlib: these are pictures for papers and slides, the moving one is the app's.
"""

import html
import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from dmcore.experiments.figure3 import Figure3
from dmcore.experiments.verdicts import Verdict, verdict
from dmcore.feature_space.coverage import METRICS, MetricValue
from dmcore.files.atomic import storage_errors_explained, write_atomically

ACROSS = 3
PANEL_INCHES = 4.2
COMPARED = {"coverage": True, "outliers": False}
"""What verdicts are about, and whether more is better."""


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
    """Every number with its interval and n, and the verdicts over runs."""
    return {
        "dataset": figure.dataset,
        "features": figure.embedded_by,
        "map": figure.config.map,
        "real_images": len(figure.real_label),
        "sets": [
            {
                "run": one.run,
                "set": one.set,
                "method": one.method,
                "images_per_class": one.images_per_class,
                "seed": one.seed,
                "numbers": {measure.name: asdict(measure) for measure in one.measures},
            }
            for one in figure.sets
        ],
        "verdicts": [
            {
                "number": number,
                "images_per_class": count,
                "outcome": found.outcome,
                "condensed": [found.ours_mean, found.ours_std, found.ours_n],
                "random": [found.theirs_mean, found.theirs_std, found.theirs_n],
                "p": found.p,
            }
            for number, count, found in verdicts(figure)
        ],
    }


def verdicts(figure: Figure3) -> list[tuple[str, int, Verdict]]:
    """Condensed against random real images, over the runs with as many images per class; at least three."""
    found = []
    for count in sorted({one.images_per_class for one in figure.sets}):
        for number, more_is_better in COMPARED.items():
            ours, theirs = (_independent(figure, method, count, number) for method in ("condensed", "random"))
            found.append((number, count, verdict(ours, theirs, more_is_better)))
    return found


def _independent(figure: Figure3, method: str, count: int, number: str) -> list[float]:
    """One value per seed: lanes of one run share their networks, runs of one seed their random images."""
    by_seed: dict[int | None, list[float]] = {}
    for one in figure.sets:
        if one.method == method and one.images_per_class == count:
            value = next(measure.value for measure in one.measures if measure.name == number)
            if value is not None:
                by_seed.setdefault(one.seed, []).append(value)
    return [float(np.mean(values)) for values in by_seed.values()]


def _drawn(figure: Figure3) -> tuple[bytes, str]:
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    rows = -(-len(figure.sets) // ACROSS)
    columns = min(ACROSS, len(figure.sets))
    drawing = Figure(figsize=(PANEL_INCHES * columns, PANEL_INCHES * rows + 0.8), layout="constrained")
    panels = drawing.subplots(rows, columns, squeeze=False).flatten()
    classes = len(figure.class_names)
    colours = colormaps["tab10" if classes <= 10 else "gist_ncar"](
        np.arange(10) if classes <= 10 else np.linspace(0, 0.95, classes)
    )
    for panel, one in zip(panels, figure.sets, strict=False):
        panel.scatter(*one.real.T, s=4, alpha=0.25, linewidths=0, c=colours[figure.real_label])
        panel.scatter(
            *one.positions.T,
            s=110 if len(one.label) <= 100 else 50,
            marker="*",
            c=colours[one.label],
            edgecolors="black",
            linewidths=0.7,
        )
        coverage = next(measure for measure in one.measures if measure.name == "coverage").value
        said = "" if coverage is None else f"\ncoverage {100 * coverage:.0f} %"
        panel.set_title(f"{one.title}{said}", fontsize=8, wrap=True, parse_math=False)
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
    head = "".join(f"<th>{html.escape(one.title)}</th>" for one in METRICS)
    rows = "".join(
        f"<tr><td>{html.escape(one.title)}</td>{''.join(map(_cell, one.measures))}</tr>"
        for one in figure.sets
    )
    said = "".join(
        f"<li>{html.escape(number)}, {count} per class, condensed against random real images: "
        f"{html.escape(found.sentence)}</li>"
        for number, count, found in verdicts(figure)
    )
    picture = svg[svg.index("<svg") :]
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'>"
        f"<title>Figure 3: {html.escape(figure.dataset)}</title>"
        "<style>body{font-family:sans-serif;margin:2rem}table{border-collapse:collapse}"
        "td,th{padding:.3rem .7rem;border-bottom:1px solid #bbb;text-align:left;font-size:.9rem}"
        "svg{max-width:100%;height:auto}</style>"
        f"<h1>{html.escape(figure.dataset)}: real images (dots) and sets of few images (stars)</h1>"
        f"<p>Features of {html.escape(figure.embedded_by)}. {len(figure.real_label)} real images. "
        "Numbers are measured in the features, with 95 % intervals.</p>"
        f"{picture}<table><tr><th>Set</th>{head}</tr>{rows}</table><ul>{said}</ul></html>\n"
    )


def _cell(measure: MetricValue) -> str:
    if measure.value is None:
        return "<td>–</td>"
    ends = "" if measure.low is None else f" [{measure.low:.3g}, {measure.high:.3g}]"
    return f"<td>{measure.value:.3g}{ends}</td>"
