"""What an embedding sees, drawn: feature maps as tiles, distances as dots, sources as rows of a table.

Must not import streamlit or torch.
"""

import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from app.components.image_grid import ImageGrid, Lane
from app.jobs.live_snapshot import DisplayImages
from app.plots import palette
from app.plots.colour_scales import CIVIDIS, colour_at
from app.plots.loss import Figure
from app.views.network_distribution.embedding_queries import DistancesResult, FeatureMapsResult
from dmcore.config.formatting import NO_BREAK_SPACE, counted, grouped

if TYPE_CHECKING:
    from dmcore.feature_space.distances import MeanAndStd
    from dmcore.feature_space.feature_maps import TrainingStage

STATISTICS = ("within", "between", "every", "separation")
HEADINGS = ("Source", "Within classes", "Between classes", "All pairs", "Separation", "n")
MAPS_HEIGHT = 900
LEVELS = np.array(
    [[int(colour_at(CIVIDIS, level / 255)[at : at + 2], 16) for at in (1, 3, 5)] for level in range(256)],
    np.uint8,
)
"""Cividis, [level, channel]: dark blue is a map's least value, yellow its greatest."""


def maps_grid(found: FeatureMapsResult) -> ImageGrid:
    """A block of tiles after each block of the network, a row for each stage, a tile for each channel."""
    names = [stage_title(one.stage) for one in found.seen]
    lanes = []
    for block, maps in enumerate(found.seen[0].blocks):
        tiles = np.stack([coloured(one.blocks[block]) for one in found.seen])
        size = "×".join(map(str, maps.shape[1:]))
        lanes.append(Lane(f"block-{block}", f"After block {block + 1}, maps of {size}", tiles))
    return ImageGrid(
        lanes,
        names,
        iteration=0,
        alt=f"Feature maps of one image after {len(lanes)} blocks of the network, for: {'; '.join(names)}.",
        max_height=MAPS_HEIGHT,
        largest=72,
        reserve=0,
    )


def image_grid_of(found: FeatureMapsResult, name: str) -> ImageGrid:
    """The image itself, large."""
    return ImageGrid(
        [Lane("image", "", found.picture[None, None])],
        [name],
        iteration=0,
        alt=f"The test image, of the class {name}.",
        largest=200,
        max_height=240,
    )


def stage_title(stage: "TrainingStage") -> str:
    """'Random', 'Half trained, 62 %', 'Trained, 91 %'."""
    said = {"random": "Random", "half": "Half trained", "trained": "Trained"}[stage.kind]
    return said if stage.accuracy is None else f"{said}, {stage.accuracy:.0f}{NO_BREAK_SPACE}%"


def stages_caption(found: FeatureMapsResult) -> str:
    """Where the rows of tiles come from."""
    steps = {one.stage.kind: one.stage.step for one in found.seen}
    if "trained" not in steps:
        return "A random network, before any training."
    half = f"after {counted(steps['half'], 'update')} and " if "half" in steps else ""
    return (
        "A column is one filter at different moments: the pool's first network before training, "
        f"{half}after {counted(steps['trained'], 'update')}; in percent its accuracy on held-out training "
        "images."
    )


def coloured(levels: DisplayImages) -> DisplayImages:
    """Levels [channel, row, column] -> colours [channel, 3, row, column]."""
    return np.ascontiguousarray(LEVELS[levels].transpose(0, 3, 1, 2))


def pairs_figure(found: DistancesResult) -> Figure:
    """A dot for each pair of images: its distance in features over that in pixels."""
    traces: list[dict[str, object]] = []
    labels: list[dict[str, object]] = []
    # few stand out on many, so pairs of one class are drawn last
    for index, (mask, name) in enumerate(
        ((~found.same_class, "two classes"), (found.same_class, "one class"))
    ):
        colour = palette.series(1 - index)
        traces.append(
            {
                **{"type": "scatter", "mode": "markers", "name": name},
                "x": found.pixels[mask],
                "y": found.features[mask],
                "marker": {"color": colour, "size": 5, "opacity": 0.5},
                "hovertemplate": f"{name}<br>pixels %{{x:.1f}}<br>features %{{y:.2f}}<extra></extra>",
            }
        )
        labels.append(
            {
                "text": f'<span style="color:{colour}"><b>●</b></span> a pair of {name}',
                **{"x": 0, "xref": "paper", "xanchor": "left", "xshift": 6, "align": "left"},
                **{"y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 4 + 19 * index},
                "showarrow": False,
            }
        )
    layout: dict[str, object] = {
        "xaxis": {"title": {"text": "distance in pixels (normalised)"}, "rangemode": "tozero"},
        "yaxis": {"title": {"text": "distance in features"}, "rangemode": "tozero"},
        "margin": {"l": 10, "r": 12, "t": 50, "b": 10},
        "hovermode": "closest",
        "showlegend": False,
        "annotations": labels,
    }
    return {"data": traces, "layout": layout}


def pairs_alt_text(name: str, found: DistancesResult) -> str:
    """One sentence for readers who do not see the figure."""
    return (
        f"Distance in features against distance in pixels for pairs of real images; {name}: rank correlation "
        f"{spread_text(found.within)} within classes, {spread_text(found.between)} between them."
    )


def correlation_sentence(name: str, found: DistancesResult) -> str:
    """What the figure says, in numbers."""
    kept, apart = found.every.mean, found.separation.mean
    networks = "one network" if found.every.n == 1 else f"{found.every.n} networks"
    if name == "Pixels":
        return (
            "Pixels against themselves: every pair lies on the diagonal, rank correlation 1. "
            f"Two images of different classes are {apart:.2f} times as far apart as two of one class."
        )
    return (
        f"{name}: rank correlation {_number(found.within.mean)} within classes, "
        f"{_number(found.between.mean)} between them, {_number(kept)} over all pairs (mean of {networks}). "
        f"Two images of different classes are {apart:.2f} times as far apart as two of one class; in pixels "
        f"{found.pixel_separation:.2f} times."
    )


def sources_table(rows: Mapping[str, DistancesResult | str]) -> str:
    """A row for each source: its numbers, or what there is instead; as HTML, everything in it escaped."""
    head = "".join(f"<th scope='col'>{heading}</th>" for heading in HEADINGS)
    body = "".join(f"<tr>{''.join(_cells(name, found))}</tr>" for name, found in rows.items())
    return f"<table class='results numbers'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cells(name: str, found: DistancesResult | str) -> Sequence[str]:
    first = f"<td data-heading='{HEADINGS[0]}'>{html.escape(name)}</td>"
    if isinstance(found, str):
        return first, f"<td data-heading='Numbers' colspan='{len(HEADINGS) - 1}'>{html.escape(found)}</td>"
    spreads = [getattr(found, number) for number in STATISTICS]
    values = [*map(mean_std_text, spreads), grouped(found.every.n)]
    return first, *(
        f"<td data-heading='{heading}'>{value}</td>"
        for heading, value in zip(HEADINGS[1:], values, strict=True)
    )


def mean_std_text(spread: "MeanAndStd") -> str:
    """'0.61 ± 0.02'; of one network there is no deviation; '–' where it is not defined."""
    said = _number(spread.mean)
    if spread.n == 1 or not np.isfinite(spread.mean):
        return said
    return f"{said} ± {spread.std:.2f}".replace(" ", NO_BREAK_SPACE)


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−") if np.isfinite(value) else "–"
