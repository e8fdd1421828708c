"""Seven steps of the step-by-step view, each a line of the paper's Algorithm 1, in text and images.

Each function draws one step.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from app.components.image_grid import ImageGrid, Lane, show_image_grid
from app.components.live_figure import LiveFigure, show_live_figure
from app.plots.figure import Figure
from app.text.escaping import plain_text
from app.text.narration import describe_augmentation
from app.views.watch.feature_bars import differences_figure, largest_differences, means_figure
from app.views.watch.step_scene import StepScene
from dmcore.config.formatting import grouped
from dmcore.runs.display.images import DisplayImages
from dmcore.runs.display.signed import REACH, amplification_factor, signed_images

MAX_FILTERS = 16
GRID_HEIGHT = 300
FIGURE_HEIGHT = 300


class AlgorithmStep(NamedTuple):
    """One line of Algorithm 1: its name, its title and the function that draws it."""

    name: str
    """One word for the control."""
    title: str
    show: Callable[[StepScene], None]


def show_network(scene: StepScene) -> None:
    """Line 1: theta ~ P."""
    recomputed, config = scene.recomputed, scene.run.config
    assert config is not None
    shape = f" of width {config.width}" if config.network == "convnet" else ""
    reused = (
        f" With replay this iteration uses network {grouped(recomputed.draw)} again, with its real images."
        if config.replay and recomputed.iteration % config.replay_every
        else ""
    )
    st.markdown(
        rf"$\theta \sim P_\theta$: a new random network looks at the images. It is number "
        f"{grouped(recomputed.draw)}, a {config.network}{shape}; its weights follow from the run's "
        f"seed and this number, and nobody ever trains it.{reused}"
    )
    filters = recomputed.filters[:MAX_FILTERS]
    reach = float(np.abs(filters).max())
    _show_grid(
        scene, ["first filters"], [("filters", "", [signed_images(filters, REACH / reach)])], "Filters"
    )
    st.caption(
        f"{len(filters)} of the {len(recomputed.filters)} filters of its first layer: noise. "
        f"Mid-grey is 0, black −{reach:.2g}, white +{reach:.2g}."
    )


def show_batches(scene: StepScene) -> None:
    """Line 2: the real and the synthetic batch."""
    real, count = scene.real, scene.update.spec.images_per_class
    every = f"all {count} synthetic images" if count > 1 else "the one synthetic image"
    st.markdown(
        rf"$B_c^{{\mathcal{{T}}}} \sim \mathcal{{T}}$: {real.batch} real images of class "
        f"{plain_text(scene.class_name)} are drawn. "
        rf"$B_c^{{\mathcal{{S}}}} \sim \mathcal{{S}}$: {every} of the class stand against them."
    )
    lanes = [
        ("real", f"real, {len(real.stored)} of the {real.batch}", [real.stored]),
        ("synthetic", _synthetic(scene), [scene.before]),
    ]
    _show_grid(scene, [scene.class_name], lanes, "The real batch and the synthetic images")


def show_augmentation(scene: StepScene) -> None:
    """Line 2: omega_c."""
    what = describe_augmentation(scene.recomputed.augmentations[scene.label])
    st.markdown(
        rf"$\omega_c \sim \Omega$: one augmentation is drawn for the class, **{plain_text(what)}**. Real and "
        "synthetic images get the same, so that their difference is not the augmentation's."
    )
    real, augmented = scene.real, scene.display_images(scene.images.augmented)
    lanes = [
        ("real", "real", [real.stored, scene.display_images(real.augmented)]),
        ("synthetic", _synthetic(scene), [scene.before, augmented]),
    ]
    _show_grid(scene, ["before", "after"], lanes, f"Before and after {what}")


def show_features(scene: StepScene) -> None:
    """Line 3, inside the norm: the two mean features."""
    st.markdown(
        r"$\frac{1}{|B_c|}\sum \psi_\theta(\mathcal{A}(x, \omega_c))$: the network turns each augmented "
        f"image into {grouped(len(scene.real_mean))} numbers, its features. Their mean over the real images "
        "and their mean over the synthetic images should become the same."
    )
    _show_figure(
        scene,
        means_figure(scene.real_mean, scene.synthetic_mean),
        f"Mean features of class {scene.class_name}, real next to synthetic.",
    )


def show_loss(scene: StepScene) -> None:
    """Line 3: the squared distance."""
    difference = scene.real_mean - scene.synthetic_mean
    loss, recorded = float(scene.update.loss[scene.label]), scene.update.recorded
    indices = largest_differences(scene.real_mean, scene.synthetic_mean)
    share = float((difference[indices] ** 2).sum()) / max(float((difference**2).sum()), 1e-30)
    share_note = (
        f" (The bars below make up {100 * share:.0f} % of it.)" if len(indices) < len(difference) else ""
    )
    written = None if recorded is None else float(recorded[scene.label])
    st.markdown(
        r"$\mathcal{L}_c = \lVert \text{mean real} - \text{mean synthetic} \rVert^2$: all "
        f"{grouped(len(difference))} differences, squared and added up, are the loss of this class: "
        f"**{loss:.5g}**.{share_note}"
    )
    at = f"iteration {grouped(scene.recomputed.iteration + 1)}"
    if written is not None:
        st.markdown(
            f"The run recorded {written:.5g} at {at}. {scene.recomputed.compare_losses(loss, written)}"
        )
    _show_figure(
        scene,
        differences_figure(scene.real_mean, scene.synthetic_mean),
        f"Differences of the mean features of class {scene.class_name}, real minus synthetic.",
    )
    mean = float(scene.update.loss.mean())
    chart_note = f": the dot of {at} in the loss chart" if written is not None else ""
    st.caption(f"Averaged over all classes it is {mean:.4g}{chart_note}.")


def show_gradient(scene: StepScene) -> None:
    """Line 4: the gradient of the loss on the pixels."""
    levels = scene.grey_levels(scene.images.gradient)
    factor = amplification_factor(levels)
    st.markdown(
        r"$\nabla_{\mathcal{S}}\,\mathcal{L}$: how the loss would change with each pixel. Where it is "
        "**brighter** than mid-grey a brighter pixel would make the loss larger, where it is **darker** "
        "smaller; mid-grey does not matter."
    )
    lanes = [("synthetic", _synthetic(scene), [scene.before, signed_images(levels, factor)])]
    _show_grid(scene, ["image", "gradient"], lanes, "The image and the gradient on its pixels")
    st.caption(_amplified("gradient", factor))


def show_update(scene: StepScene) -> None:
    """Line 4: one step of gradient descent with momentum."""
    images, spec = scene.images, scene.update.spec
    parts = [
        scene.grey_levels(term)
        for term in (spec.momentum * images.momentum_before, images.gradient, images.momentum)
    ]
    moved = -parts[2]
    factor = amplification_factor(np.stack(parts))
    st.markdown(
        rf"$\mathcal{{S}} \leftarrow \mathcal{{S}} - \eta\,v$ with $v \leftarrow {spec.momentum:g}\,v + "
        rf"\nabla_{{\mathcal{{S}}}}\mathcal{{L}}$ and $\eta = {spec.image_lr:g}$: the momentum $v$ remembers "
        "earlier gradients, because a single one is mostly noise; the pixels move against it."
    )
    names = [f"{spec.momentum:g} × old momentum", "+ gradient", "= new momentum"]
    lanes = [("momentum", _synthetic(scene), [signed_images(part, factor) for part in parts])]
    _show_grid(scene, names, lanes, "Old momentum, gradient and new momentum")
    change, after = signed_images(moved, factor), scene.display_images(images.after)
    lanes = [("pixels", _synthetic(scene), [scene.before, change, after])]
    _show_grid(
        scene, ["before", "change", "after"], lanes, "Before, change and after", key="watch_step_pixels"
    )
    st.caption(
        f"{_amplified('momentum and change', factor)} The pixels moved by {np.abs(moved).mean():.2g} of 255 "
        f"on average, by {np.abs(moved).max():.2g} at most."
    )


STEPS: tuple[AlgorithmStep, ...] = (
    AlgorithmStep("network", "draw a random network", show_network),
    AlgorithmStep("batch", "draw real images", show_batches),
    AlgorithmStep("augment", "augment both alike", show_augmentation),
    AlgorithmStep("features", "mean features", show_features),
    AlgorithmStep("loss", "their squared distance", show_loss),
    AlgorithmStep("gradient", "the gradient on the pixels", show_gradient),
    AlgorithmStep("update", "move the pixels", show_update),
)


def _synthetic(scene: StepScene) -> str:
    """Title of the synthetic images, with how many of them are shown."""
    count, shown_count = scene.update.spec.images_per_class, len(scene.before)
    some = "" if shown_count == count else f", {shown_count} of the {count}"
    return f"synthetic, {scene.title}{some}" if len(scene.run.sets) > 1 else f"synthetic{some}"


def _amplified(what: str, factor: float) -> str:
    times = grouped(round(factor)) if factor >= 1 else f"{factor:g}"
    reach = f"{REACH / factor:.2g}"
    return (
        f"Shown: {what} × learning rate, amplified ×{times} about mid-grey: white stands for "
        f"+{reach} of 255, black for −{reach}."
    )


def _show_grid(
    scene: StepScene,
    columns: Sequence[str],
    lanes: Sequence[tuple[str, str, Sequence[DisplayImages]]],
    what: str,
    key: str = "watch_step_images",
) -> None:
    """Image grid of lanes of (name, title, for each column its images [image, channel, height, width])."""
    grid = ImageGrid(
        [Lane(name, title, np.stack(images)) for name, title, images in lanes],
        columns,
        iteration=scene.recomputed.iteration,
        alt=f"{what}: class {scene.class_name}, iteration {scene.recomputed.iteration}.",
        max_height=GRID_HEIGHT,
    )
    show_image_grid(key, grid)


def _show_figure(scene: StepScene, figure: Figure, alt: str) -> None:
    view = f"{scene.run.id}-{scene.recomputed.iteration}-{scene.set_name}-{scene.label}"
    show_live_figure(
        "watch_step_figure", LiveFigure(figure, scene.recomputed.iteration, alt, FIGURE_HEIGHT, view)
    )
