"""Recorded run of the front page: its images over time, real images, accuracies and where they come from.

Everything is read from the gallery and from the embedded data set, with NumPy and Pillow: no torch is needed.
"""

import io
import math
import threading
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray
from PIL import Image

from app.components.front.component import Mark, Recording, Source
from app.data.recorded import OPENING_RUN
from app.run.provenance import remarks_text
from app.text.provenance import machine_text, provenance_text
from dmcore.config.formatting import counted, grouped, mean_text
from dmcore.data.catalogue import CATALOGUE, DataSetEntry
from dmcore.data.fashion import read_fashion
from dmcore.experiments.gallery.recorded import RecordedEntry, find_recorded, gallery_folder, recorded_entries
from dmcore.experiments.report.entries import TableEntry, entry_of
from dmcore.experiments.results import Results
from dmcore.experiments.table import Cell
from dmcore.runs.description import StoredResult
from dmcore.runs.display.history import spread_iterations
from dmcore.runs.display.images import images_at
from dmcore.runs.folder import RunFolder

TITLE = "Thousands of images in, a handful out."
SENTENCE = (
    "Dataset condensation: ten pictures, one for each kind of clothing, are learned so that a network "
    "trained on them alone recognises clothes it has never seen. They start as pure noise."
)
TABLE = "table1-fashion"
"""Name of the recorded table that the accuracy of the recorded run stands beside."""
MOMENTS = 24
REAL_ROWS, REAL_COLUMNS = 15, 24
REAL_QUALITY = 60
"""Of the sheet of real images, which are shown smaller than they are."""
_READING = threading.Lock()
NUMBERS = {1: "one", 2: "two", 10: "ten", 100: "a hundred"}


def is_installed() -> bool:
    """Whether the recorded run and its table came with the program."""
    return {OPENING_RUN, TABLE} <= {entry.name for entry in recorded_entries()}


def front_recording() -> Recording:
    """Read the recording of the front page; once, whichever thread asks first.

    Raises:
        ValueError: the recorded run, its table or the real images are missing or damaged.
    """
    with _READING:
        return _read_recording(gallery_folder())


@lru_cache(maxsize=1)
def _read_recording(_gallery: Path) -> Recording:
    entry, table = find_recorded(OPENING_RUN), find_recorded(TABLE)
    run = entry.run
    if run is None:
        raise ValueError(entry.problem)
    if table.results is None:
        raise ValueError(table.problem)
    data = CATALOGUE[run.description.data.name]
    iterations = tuple(spread_iterations(run.snapshots(), MOMENTS))
    return Recording(
        real=_encode(_real_images(), quality=REAL_QUALITY),
        real_columns=REAL_COLUMNS,
        real_count=data.train_count,
        frames=_encode(_learned_images(run, iterations), lossless=True, method=0),
        class_names=run.class_names,
        iterations=iterations,
        seconds=_seconds_at(run, iterations),
        start="pure noise",
        recorded=f"{data.title}, {machine_text(entry.provenance.machine)}",
        marks=(*learned_marks(run, iterations), *_table_marks(table.results, data, _draw_text(run))),
        test_count=data.test_count,
        sources=(_source(entry), _source(table)),
    )


def _real_images() -> UInt8[ndarray, "row column"]:
    """Sheet of training images, drawn at random once and for all."""
    images, _ = read_fashion("train")
    drawn = np.random.default_rng(0).choice(len(images), REAL_ROWS * REAL_COLUMNS, replace=False)
    images = images[drawn, 0]
    return _sheet(images.reshape(REAL_ROWS, REAL_COLUMNS, *images.shape[1:]))


def _learned_images(run: RunFolder, iterations: tuple[int, ...]) -> UInt8[ndarray, "row column"]:
    """Sheet of the first image of each class: a row for each iteration."""
    (name,) = run.set_names
    return _sheet(np.stack([images_at(run, name, iteration)[:, 0, 0] for iteration in iterations]))


def _sheet(images: UInt8[ndarray, "row column height width"]) -> UInt8[ndarray, "row column"]:
    rows, columns, height, width = images.shape
    return images.swapaxes(1, 2).reshape(rows * height, columns * width)


def _encode(sheet: UInt8[ndarray, "row column"], **options: bool | int) -> bytes:
    """Encode a sheet as WebP, which every browser decodes."""
    stream = io.BytesIO()
    Image.fromarray(sheet).save(stream, "WEBP", **options)
    return stream.getvalue()


def _seconds_at(run: RunFolder, iterations: tuple[int, ...]) -> tuple[float, ...]:
    """Seconds since the start of the run, at each of the iterations; 0 at its start."""
    losses = run.losses(run.set_names[0])
    return tuple(float(second) for second in np.interp(iterations, losses.iteration, losses.seconds, left=0))


def learned_results(run: RunFolder) -> dict[int, StoredResult]:
    """Evaluations of the learned images of a run, by iteration; of several the newest."""
    return {result.iteration: result for result in run.results() if result.kind == "condensed"}


def learned_marks(run: RunFolder, iterations: tuple[int, ...]) -> Iterator[Mark]:
    """Accuracy of the learned images at the end, and at the moments where they were tested, too."""
    tested = learned_results(run)
    last = tested.get(run.iteration())
    if last is None:
        return
    moments = [tested[each].mean if each in tested else None for each in iterations]
    earlier = sum(percent is not None for percent in moments[:-1])
    detail = f"{mean_text(last.mean, last.std)} %, 1 set, {counted(last.n, 'network')}"
    if earlier:
        detail += f"; at {counted(earlier, 'earlier moment')} likewise"
    label = _label(len(run.class_names), "learned")
    yield Mark("learned", label, last.mean, detail, moments if earlier else ())


def _draw_text(run: RunFolder) -> str:
    """That another draw of random images, as pages on this run show one, has another accuracy; or nothing."""
    draws = [result for result in run.results() if result.kind == "random_real" and result.draws == 1]
    if not draws:
        return ""
    return f"; every draw differs: the one drawn for this run {mean_text(draws[-1].mean, draws[-1].std)} %"


def _table_marks(results: Results, data: DataSetEntry, of_one_draw: str) -> Iterator[Mark]:
    """Accuracies of as many random real images, mean images and images chosen by herding, and of all real."""
    labels = {
        "random": _label(data.classes, "random real"),
        "mean_image": _label(data.classes, "means"),
        "herding": _label(data.classes, "chosen by herding"),
        "whole": f"all {grouped(data.train_count)}",
    }
    cells: dict[str, Cell] = {}
    for cell in results.table.cells:
        if cell.recipe.images_per_class == 1 or cell.recipe.method == "whole":
            cells.setdefault(cell.recipe.method, cell)
    for method, label in labels.items():
        entry = entry_of(results, cells[method].row, cells[method].column) if method in cells else None
        if entry is not None and math.isfinite(entry.mean):
            yield Mark(
                method, label, entry.mean, _detail(entry) + (of_one_draw if method == "random" else "")
            )


def _detail(entry: TableEntry) -> str:
    on = counted(entry.networks, "network") if entry.whole else entry.counts_text
    return f"{entry.mean_text} %, {on}"


def _label(classes: int, kind: str) -> str:
    return f"{NUMBERS.get(classes, classes)} {kind}"


def _source(entry: RecordedEntry) -> Source:
    provenance = entry.provenance
    return Source(
        title=provenance.title,
        facts=f"{provenance_text(provenance)}.",
        command=provenance.command,
        remarks=remarks_text(provenance),
    )
