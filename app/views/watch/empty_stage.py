"""Stage of the Watch page before there is a run: real images of the chosen data set."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st

from app.components.image_grid import ImageGrid, Lane, show_image_grid
from app.data.dataset_cache import open_dataset
from app.data.folders import data_root, dataset_entry
from app.jobs.manager import JobManager
from app.setup.own_images import look_at_own_images
from app.text.escaping import plain_text
from app.views.watch.image_frames import show_image_frames
from dmcore.config import MethodConfig
from dmcore.config.formatting import grouped, sentence
from dmcore.runs.display import DisplayImages

PIXELS_PER_CLASS = 6000
"""About how many pixels of real images are shown for each class: ten digits, or six small photographs."""


def show_empty_stage(manager: JobManager, config: MethodConfig | None) -> None:
    """Real images per class; a sentence where they are not on this machine, or torch is still loading."""
    entry = dataset_entry(config.dataset) if config is not None else None
    if config is None:
        st.markdown("Images are shown here as soon as the set-up is complete.")
        return
    if entry is None:
        _show_own_images(config)
        return
    if not entry.on_disk:
        st.markdown(
            f"**{entry.title}** is not on this machine yet. Start downloads it once; or put it, as "
            f"torchvision keeps it, into `{data_root()}`."
        )
        return
    if manager.device is None:
        st.markdown(
            f"Real images of {entry.title} are shown here as soon as torch is loaded, a moment from now."
        )
        alt = f"Empty frames of real images of {entry.title}, which are being loaded."
        show_image_frames("watch_frames", entry.name, (_most_per_class(entry.shape),), alt, 500)
        return
    try:
        names, images = real_images(entry.name, data_root())
    except ValueError as damage:
        st.error(plain_text(sentence(f"The real images of {entry.title} cannot be shown: {damage}")))
        return
    classes, per_class = images.shape[:2]
    about = grouped(entry.train_count // classes)
    with st.container(key="watch_empty_head"):
        st.subheader(f"Real images of {entry.title}: {per_class} of about {about} per class", anchor=False)
    st.markdown(
        f"Condensing learns {_count(config)} for each class, such that a network learns more from them than "
        "from as many real images. Start it, and watch."
    )
    show_image_grid(
        "watch_real_images",
        ImageGrid(
            [Lane("real", "", images)],
            names,
            iteration=0,
            alt=f"{per_class} real images for each of the {classes} classes of {entry.title}.",
            max_height=500,
        ),
    )


def show_device(manager: JobManager) -> None:
    """What runs will be computed on, and why; nothing until torch has said so."""
    if manager.device is not None:
        device, reason = manager.device
        st.caption(f"Runs will be computed on {device}: {reason}.")


def _show_own_images(config: MethodConfig) -> None:
    look = look_at_own_images(config.dataset)
    own = look.value
    if look.pending:
        st.markdown(
            "Reading the images of the folder or zip; some of each class are shown here once it is done."
        )
        return
    if own is None:
        st.markdown("Press Start to read the folder or zip; the images learned from it are shown here.")
        return
    per_class = own.samples.shape[1]
    train, test = sum(own.train_counts), sum(own.test_counts)
    with st.container(key="watch_own_head"):
        st.subheader(f"Your images: {per_class} of each class, as networks will see them", anchor=False)
    st.markdown(
        f"{grouped(train)} to learn from, {grouped(test)} kept for testing. Condensing learns "
        f"{_count(config)} for each class. Start it, and watch."
    )
    show_image_grid(
        "watch_own_images",
        ImageGrid(
            [Lane("real", "", own.samples)],
            own.class_labels,
            iteration=0,
            alt=f"{per_class} of your images for each of the {len(own.class_names)} classes.",
            max_height=500,
        ),
    )
    st.caption(plain_text(" ".join((own.format_sentence, *own.notes))))


@lru_cache(maxsize=4)
def real_images(name: str, root: Path) -> tuple[tuple[str, ...], DisplayImages]:
    """Class names, and the first training images as uint8 [class, image, channel, height, width].

    Raises:
        ValueError: the data set is not there, or damaged.
    """
    dataset = open_dataset(name, root)
    count = min(_most_per_class(dataset.shape), *(len(members) for members in dataset.train.by_class))
    images = [dataset.train.images[members[:count]].numpy() for members in dataset.train.by_class]
    return dataset.class_names, np.stack(images)


def _most_per_class(shape: tuple[int, int, int]) -> int:
    """Images per class that are shown, of images [channel, height, width]."""
    _, height, width = shape
    return max(4, min(10, PIXELS_PER_CLASS // (height * width)))


def _count(config: MethodConfig) -> str:
    counts = sorted({set_config.images_per_class for set_config in config.all_sets()})
    number = " or ".join(map(str, counts))
    return "one synthetic image" if number == "1" else f"{number} synthetic images"
