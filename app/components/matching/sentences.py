"""Sentences on the eight phases of a matching step of DC or DSA."""

import math
from collections.abc import Sequence

from app.text.narration import UNCHANGED, describe_operation
from dmcore.config import GradientMatchingConfig
from dmcore.config.formatting import grouped
from dmcore.runs.recompute.matching_scene import MatchingScene

PHASES = (
    "Draw a network",
    "Draw real images",
    "Augment both alike",
    "Two gradients",
    "Distance",
    "Pixel gradient",
    "Step",
    "Train the network",
)
"""Name of each phase."""
_DISTANCES = {
    "ours": "1 − cosine of each output row is summed over all rows and layers. Here that is {loss:.4g}",
    "mse": "The squared differences of all their numbers are summed. Here that is {loss:.4g}",
    "cos": "1 − cosine of all their numbers together. Here that is {loss:.4g}",
}


def phase_sentences(scene: MatchingScene, config: GradientMatchingConfig, class_name: str) -> Sequence[str]:
    """One text for each phase, in their order.

    Args:
        scene: of a class.
        config: of the run.
        class_name: name of the class.
    """
    learned = "all of its learned images" if scene.images_per_class > 1 else "its learned image"
    return (
        _network(scene, config),
        f"{_batch(scene, config, class_name)} {len(scene.real)} are shown. They are compared with {learned}.",
        _augmentation(scene),
        "For both sides the network asks: how would my weights have to change to recognise these images? The "
        "answer is a gradient, a number for each weight. The bars are its length in each layer.",
        f"Do both gradients point the same way? {_DISTANCES[config.distance].format(loss=scene.loss)}. "
        "Orange rows agree, blue ones point against each other.",
        "The gradient of this distance says what would happen if a pixel became brighter. The distance would "
        "grow where you see orange, and fall where you see blue.",
        f"Each pixel moves a little so that the gradients agree more: by {scene.moved:.2g} of 255 grey "
        f"levels on average (learning rate {config.image_lr:g}{_momentum(config)}).",
        _training(scene, config),
    )


def _batch(scene: MatchingScene, config: GradientMatchingConfig, class_name: str) -> str:
    if scene.batch < config.real_batch:
        return f"All {grouped(scene.batch)} real images of the class {class_name} are taken."
    return (
        f"{grouped(scene.batch)} real images of the class {class_name} are picked at random, new ones in "
        "every matching step."
    )


def _network(scene: MatchingScene, config: GradientMatchingConfig) -> str:
    shape = f" of width {config.width}" if config.network == "convnet" else ""
    name = f"This is network {grouped(scene.iteration)} of the run ({config.network}{shape})."
    if not scene.epochs_before:
        return f"{name} It is drawn for this iteration: its weights, the numbers inside it, are random."
    return (
        f"{name} It began with random weights, and has been trained on the learned images for "
        f"{_epochs(scene.epochs_before)} since."
    )


def _augmentation(scene: MatchingScene) -> str:
    change = describe_operation(scene.operation, scene.parameters, scene.real.shape[1])
    if change == UNCHANGED:
        return "The images go into the network as they are: nothing is changed here."
    return (
        "Before the network sees them, real and learned images are changed in the same random way (Siamese "
        f"augmentation). Here: {change}."
    )


def _training(scene: MatchingScene, config: GradientMatchingConfig) -> str:
    if scene.next_loss is None:
        only = "the only" if scene.outer_steps == 1 else "the last"
        return (
            f"This was {only} matching step with this network. It is thrown away, and the next iteration "
            "draws another one."
        )
    epochs, seen = config.loops.inner, ""
    if scene.epochs and not math.isnan(scene.next_loss):
        when = "it" if epochs == 1 else "during the last one it"
        seen = f"; {when} recognised {100 * scene.epochs[-1].accuracy:.0f} % of them"
    trained = f"The network itself is trained on the learned images for {_epochs(epochs)}{seen}"
    if math.isnan(scene.next_loss):
        return f"{trained}. There it ends: a gradient of the next matching step is no number any more."
    return f"{trained}. Then it is matched again: the distance is {scene.next_loss:.4g} there."


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{grouped(count)} epochs"


def _momentum(config: GradientMatchingConfig) -> str:
    return f", momentum {config.momentum:g}: so much of the last step is added" if config.momentum else ""
