"""Sentences on the seven phases of an update, and the lines of Algorithm 1 in words."""

from collections.abc import Sequence

from app.text.narration import UNCHANGED, describe_operation, replayed_from
from dmcore.config import CondenseConfig
from dmcore.config.formatting import grouped
from dmcore.config.network_source import parse_source
from dmcore.runs.recompute.scene import UpdateScene

LINES_IN_WORDS = (
    "The network's random weights: θ.",
    *("For each class: the real images Bᵀ, the learned images Bˢ, and one random change ω for both.",) * 2,
    *(
        "The loss L: the mean of the real features ψ minus the mean of the learned ones, squared, summed "
        "over the classes.",
    )
    * 2,
    *(
        "The learned pixels S take a step against the gradient ∇L, the way in which the loss would grow. The "
        "learning rate η says how far.",
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
        "the small stars are the learned ones, and the large star is their mean"
        if several
        else "the star is the learned one"
    )
    return (
        _network(scene, config),
        f"{_real_images(scene, config, class_name)} {len(scene.real)} are shown."
        + (
            f" All {grouped(scene.images_per_class)} learned images are compared with them."
            if several
            else ""
        ),
        _augmentation(scene),
        f"The network turns each image into {grouped(scene.features)} numbers, its features. The dots are "
        f"real images, {stars}. The ring marks the one whose maps are shown: click another to follow it.",
        f"How far apart are the two means of the features? Here the distance is {scene.distance:.3g}. Its "
        f"square, {scene.loss:.4g}, is the loss of this class. A small loss means: the network finds both "
        f"sides alike. {_changing_loss(config)}",
        "The gradient says what would happen to the loss if a pixel became brighter. It would grow where you "
        "see orange, and fall where you see blue. The network is fixed: only pixels can move.",
        f"Each pixel moves a little so that the loss falls: by {scene.moved:.2g} of 255 grey levels on "
        f"average (learning rate {scene.image_lr:g}{_momentum(scene)}). {_next_step(scene, config)}",
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
    name = f"This is network {grouped(scene.draw)} of the run ({config.network}{shape})."
    if config.source == "pixels":
        return "There is no network in this run: the features of an image are its pixels."
    if config.source != "random":
        source = parse_source(config.source).sentence
        return f"{name} It comes from this run's networks: {source}. It stays as it is."
    if replayed_from(config, scene.iteration):
        use = "Replay: it comes from a step before, and is used once more."
    elif config.replay:
        use = f"Replay: it is new, as every {config.replay_every} steps, and is kept for steps to come."
    else:
        use = "It is never trained. After this step it is thrown away."
    return f"{name} Its weights, the numbers inside it, are random. {use}"


def _real_images(scene: UpdateScene, config: CondenseConfig, class_name: str) -> str:
    real = f"{grouped(scene.batch)} real images of the class {class_name}"
    if recent := replayed_from(config, scene.iteration):
        kept = "" if recent == 1 else f", one of the last {recent} batches"
        return f"Replay: {real} are used once more, from a step before{kept}."
    how_often = f"every {config.replay_every} steps" if config.replay else "in every step"
    return f"{real} are picked at random, new ones {how_often}."


def _changing_loss(config: CondenseConfig) -> str:
    network = "another network and " if config.source == "random" else ""
    if config.replay:
        return (
            "It rises and falls from step to step: each has other means of real images, new or from before."
        )
    return f"It rises and falls from step to step: each has {network}other real images."


def _next_step(scene: UpdateScene, config: CondenseConfig) -> str:
    if replayed_from(config, scene.iteration + 1):
        return "Then the next step uses a network from before once more (replay)."
    network = "a new network" if config.source == "random" else "other real images"
    return f"Then the next step begins with {network}."


def _augmentation(scene: UpdateScene) -> str:
    change = describe_operation(scene.operation, scene.parameters, scene.real.shape[1])
    if change == UNCHANGED:
        return "The images go into the network as they are: nothing is changed here."
    return (
        "Before the network sees them, real and learned images are changed in the same random way. This is "
        f"called augmentation. Here: {change}."
    )


def _momentum(scene: UpdateScene) -> str:
    return f", momentum {scene.momentum:g}: so much of the last step is added" if scene.momentum else ""
