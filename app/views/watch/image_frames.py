"""Frames of images that are still to come: as large as these will be, with what is being waited for."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from app.components.image_grid import ImageGrid, Lane, show_image_grid
from app.jobs.job import Job
from app.jobs.timings import data_shape
from app.jobs.work import CondenseWork
from app.run.stage_content import STAGE_HEIGHT
from app.text.escaping import plain_text
from app.views.watch.run_sections import stage_and_side
from dmcore.data.catalogue import CATALOGUE

EMPTY = 127
"""Grey level of a frame: to be seen on both themes."""


def show_image_frames(key: str, dataset: str, counts: Sequence[int], alt: str, max_height: int) -> None:
    """Draw a frame for each image of some sets of a named data set; nothing for a folder or zip.

    Args:
        key: widget key.
        dataset: its name.
        counts: images per class of each set.
        alt: what is waited for.
        max_height: of the grid, in CSS pixels.
    """
    data = data_shape(dataset)
    if data is None:
        return
    names = CATALOGUE[dataset].class_names or tuple(map(str, range(data.classes)))
    lanes = [
        Lane(str(index), "", np.full((data.classes, count, *data.shape), EMPTY, np.uint8))
        for index, count in enumerate(counts)
    ]
    show_image_grid(key, ImageGrid(lanes, names, 0, alt, max_height=max_height))


def show_starting(job: Job) -> None:
    """Draw the stage of a job that has no run yet: its title, and frames of the images that it will learn."""
    st.subheader(plain_text(job.title), anchor=False)
    planned = job.work.config.all_sets() if isinstance(job.work, CondenseWork) else ()
    stage, _ = stage_and_side(len(planned))
    if isinstance(job.work, CondenseWork):
        config, counts = job.work.config, [spec.images_per_class for spec in planned]
        alt = f"Empty frames of the images of {job.title}, which is starting."
        with stage:
            show_image_frames("watch_frames", config.dataset, counts, alt, STAGE_HEIGHT)
