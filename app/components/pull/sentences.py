"""Sentences on the seven phases of an update, and the lines of Algorithm 1 in words."""

from collections.abc import Sequence

from app.text.narration import UNCHANGED, describe_operation
from dmcore.config import CondenseConfig
from dmcore.config.formatting import grouped
from dmcore.config.network_source import parse_source
from dmcore.runs.recompute.scene import UpdateScene

LINES_IN_WORDS = (
    "The network's weights θ are drawn at random.",
    *("For each class: the real images Bᵀ, the learned ones Bˢ, and one augmentation ω for both.",) * 2,
    *(
        "The loss L: the mean of the real features minus the mean of the learned ones, squared, summed over "
        "the classes.",
    )
    * 2,
    *(
        "Each learned pixel S takes a step of length η against the gradient ∇L, the way in which the loss "
        "would grow.",
    )
    * 2,
)
"""Of each phase, the line of Algorithm 1 that it belongs to."""


def phase_sentences(scene: UpdateScene, config: CondenseConfig, class_name: str) -> Sequence[str]:
    """One text for each phase, in their order.

    Args:
        scene: of a class.
        config: of the run.
        class_name: name of the class.
    """
    several = scene.images_per_class > 1
    stars = (
        "small stars the learned ones, the large star is their mean"
        if several
        else "the star the learned one"
    )
    return (
        _network(scene, config),
        f"{grouped(scene.batch)} real images of the class {class_name}, drawn anew each time. "
        f"{len(scene.real)} are shown."
        + (f" All {grouped(scene.images_per_class)} learned images stand against them." if several else ""),
        _augmentation(scene),
        f"Each image becomes {grouped(scene.features)} numbers, its features ψ. "
        f"Dots are real images, {stars}. Click an image to see its way through the network.",
        "The smaller the distance d of the two means, the more alike the network finds them. Its square, "
        f"d² = {scene.loss:.4g}, is the loss of this class.",
        "How the loss would change if a pixel became brighter: grow where it is orange, fall where blue. "
        "The network and ω are fixed: only pixels can move.",
        f"Pixels move against the gradient, by {scene.moved:.2g} of 255 on average "
        f"(learning rate {scene.image_lr:g}{_momentum(scene)}). Then the next network is drawn.",
    )


def comparison_in_words(scene: UpdateScene) -> str:
    """How the loss stands to that of all classes, and to what the run recorded."""
    mean = f"Averaged over all classes the loss is {scene.mean_loss:.4g}."
    return (
        mean
        if scene.recorded is None
        else f"{mean} The run recorded {scene.recorded:.4g}. {scene.comparison}"
    )


def _network(scene: UpdateScene, config: CondenseConfig) -> str:
    shape = f" of width {config.width}" if config.network == "convnet" else ""
    name = f"Network {grouped(scene.draw)} ({config.network}{shape})."
    if config.source == "pixels":
        return "There is no network in this run: the features of an image are its pixels."
    if config.source != "random":
        source = parse_source(config.source).sentence
        return f"{name} It comes from this run's networks: {source}. It stays as it is."
    again = config.replay and scene.iteration % config.replay_every
    use = (
        "With replay it is used again here, with its real images."
        if again
        else "It is never trained: used once, and thrown away."
    )
    return f"{name} Its weights, θ, are fresh random numbers. {use}"


def _augmentation(scene: UpdateScene) -> str:
    change = describe_operation(scene.operation, scene.parameters, scene.real.shape[1])
    if change == UNCHANGED:
        return "The images go into the network as they are: nothing is changed here."
    return (
        f"Before the network, real and learned images are changed alike, at random. This change, ω: {change}."
    )


def _momentum(scene: UpdateScene) -> str:
    return f", momentum {scene.momentum:g}" if scene.momentum else ""
