"""Plots of embeddings: grids of feature maps, scatter plot of distances, HTML table of sources."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from app.components.html_table import html_table
from app.components.image_grid import ImageGrid, Lane, image_row
from app.plots import palette
from app.plots.axis import Axis
from app.plots.colour_scales import CIVIDIS, colour_at
from app.plots.figure import Figure, FigureBuilder
from app.views.network_distribution.embedding_queries import FeatureMapsResult
from dmcore.config.formatting import NO_BREAK_SPACE, counted, grouped
from dmcore.runs.display import DisplayImages

if TYPE_CHECKING:
    from dmcore.feature_space.distances import DistanceSummary, MeanAndStd
    from dmcore.feature_space.feature_maps import TrainingStage

HEADINGS = ("Source", "Within classes", "Between classes", "All pairs", "Separation", "n")
MAPS_HEIGHT = 900
LEVELS = np.array(
    [[int(colour_at(CIVIDIS, level / 255)[at : at + 2], 16) for at in (1, 3, 5)] for level in range(256)],
    np.uint8,
)
"""Cividis colour scale, [level, channel]: dark blue is a map's least value, yellow its greatest."""


def maps_grid(result: FeatureMapsResult) -> ImageGrid:
    """Grid of feature maps: a lane for each block, a row for each stage, a tile for each channel."""
    names = [stage_title(stage_maps.stage) for stage_maps in result.stages]
    lanes = []
    for block, maps in enumerate(result.stages[0].blocks):
        tiles = np.stack([coloured(stage_maps.blocks[block]) for stage_maps in result.stages])
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


def image_grid_of(result: FeatureMapsResult, name: str) -> ImageGrid:
    """Grid with the test image alone, large."""
    alt = f"The test image, of the class {name}."
    return image_row(result.image[None], [name], alt, max_height=240, largest=200)


def stage_title(stage: "TrainingStage") -> str:
    """Title of a stage: 'Random', 'Half trained, 62 %', 'Trained, 91 %'."""
    title = {"random": "Random", "half": "Half trained", "trained": "Trained"}[stage.kind]
    return title if stage.accuracy is None else f"{title}, {stage.accuracy:.0f}{NO_BREAK_SPACE}%"


def stages_caption(result: FeatureMapsResult) -> str:
    """Caption that explains the rows of tiles."""
    steps = {stage_maps.stage.kind: stage_maps.stage.step for stage_maps in result.stages}
    if "trained" not in steps:
        return "A random network, before any training."
    half = f"after {counted(steps['half'], 'update')} and " if "half" in steps else ""
    return (
        "A column is one filter at different stages: the pool's first network before training, "
        f"{half}after {counted(steps['trained'], 'update')}; in percent its accuracy on held-out training "
        "images."
    )


def coloured(levels: DisplayImages) -> DisplayImages:
    """Map levels [channel, row, column] to colours [channel, 3, row, column]."""
    return np.ascontiguousarray(LEVELS[levels].transpose(0, 3, 1, 2))


def pairs_figure(result: "DistanceSummary") -> Figure:
    """Scatter plot of pairs of images: distance in features over distance in pixels."""
    figure = FigureBuilder(
        Axis("distance in pixels (normalised)", from_zero=True), Axis("distance in features", from_zero=True)
    )
    # few stand out on many, so pairs of one class are drawn last
    for index, name in enumerate(("two classes", "one class")):
        mask = result.same_class == bool(index)
        colour = palette.series(1 - index)
        hover = f"{name}\npixels %{{x:.1f}}\nfeatures %{{y:.2f}}"
        figure.points(result.pixels[mask], result.features[mask], colour, name=name, hover=hover)
        figure.above(f"a pair of {name}", index, colour)
    return figure.build()


def pairs_alt_text(name: str, result: "DistanceSummary") -> str:
    """Alternative text of the scatter plot, in a sentence."""
    return (
        f"Distance in features against distance in pixels for pairs of real images; {name}: rank correlation "
        f"{mean_std_text(result.within)} within classes, {mean_std_text(result.between)} between them."
    )


def correlation_sentence(name: str, result: "DistanceSummary") -> str:
    """Rank correlations and separation of a source, in a sentence or two."""
    separation = result.separation.mean
    networks = "one network" if result.all_pairs.n == 1 else f"{result.all_pairs.n} networks"
    if name == "Pixels":
        return (
            "Pixels against themselves: every pair lies on the diagonal, rank correlation 1. "
            f"Two images of different classes are {separation:.2f} times as far apart as two of one class."
        )
    return (
        f"{name}: rank correlation {_number(result.within.mean)} within classes, "
        f"{_number(result.between.mean)} between them, {_number(result.all_pairs.mean)} over all pairs (mean "
        f"of {networks}). Two images of different classes are {separation:.2f} times as far apart as two of "
        f"one class; in pixels {result.pixel_separation:.2f} times."
    )


def sources_table(rows: Mapping[str, "DistanceSummary | str"]) -> str:
    """HTML table with a row for each source: its statistics or a message; everything in it is escaped."""
    return html_table(HEADINGS, [(name, *_cells(result)) for name, result in rows.items()])


def _cells(result: "DistanceSummary | str") -> Sequence[str]:
    if isinstance(result, str):
        return (result,)
    statistics = (result.within, result.between, result.all_pairs, result.separation)
    return *map(mean_std_text, statistics), grouped(result.all_pairs.n)


def mean_std_text(value: "MeanAndStd") -> str:
    """Format mean ± standard deviation: '0.61 ± 0.02'; '0.61' of a single network; '–' if undefined."""
    text = _number(value.mean)
    if value.n == 1 or not np.isfinite(value.mean):
        return text
    return f"{text} ± {value.std:.2f}".replace(" ", NO_BREAK_SPACE)


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−") if np.isfinite(value) else "–"
