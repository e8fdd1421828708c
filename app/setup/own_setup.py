"""Set-up for one's own photographs: sizes with which they change and stay pictures, and what to expect.

That was measured for distribution matching: with another method every set-up is let stand.
"""

from contextlib import suppress

from app.jobs.run_presets import OWN_IMAGES
from dmcore.bench.budget import MAX_ITERATIONS
from dmcore.config import CondenseConfig, MethodConfig
from dmcore.config.formatting import capitalised, counted, grouped
from dmcore.config.gradient_matching import PUBLISHED_LOOPS
from dmcore.config.models import SetSpec
from dmcore.data.catalogue import CATALOGUE
from dmcore.data.class_folders import count_smallest_class

STILL_RATE, CALM_RATE = 0.1, 0.2
"""Learning rates over images per class up to which photographs hardly change, and stay pictures.

Both after `CALM_ITERATIONS`. Measured on 24 photographs of each of 3 classes, 64×64, as the mean change of a
pixel in grey levels of 255, and the mean difference of neighbouring pixels over that of the real images: 10
per class 6 levels and 1.1 (at a learning rate of 2: 9 and 1.2; of 4: 11 and 1.5), 5 per class 16 and 1.6, 4
per class at 0.8 18 and 1.7; 1 per class 66 and 6.7, which is noise, and even at 0.2 and 0.1 a pattern (39 and
28 levels). After 1,412 iterations 10 per class are coloured noise. Networks learn from any of them.
"""
FEWEST_CALM = 4
"""Images per class from which that holds: the fewest that were measured to stay pictures."""
CALM_ITERATIONS = OWN_IMAGES.config.iterations
PHOTOGRAPHS = 15
"""Photographs of a class of which enough can be learned that they stay pictures."""


def fitting_setup(config: MethodConfig, path: str) -> MethodConfig:
    """The set-up for the images at a path, with as many per class as suit its smallest class.

    A number that differs from the preset's was chosen, and stays.
    """
    config = config.model_copy(update={"dataset": path})
    if not isinstance(config, CondenseConfig) or config.sets:
        return config
    if config.images_per_class != OWN_IMAGES.config.images_per_class:
        return config
    with suppress(ValueError):  # the form says what is wrong there
        config = config.model_copy(update={"images_per_class": fitting_count(count_smallest_class(path))})
    return config


def fitting_count(smallest_class: int) -> int:
    """Images per class to learn: as the preset has it, but at most half of the smallest class."""
    return max(1, min(OWN_IMAGES.config.images_per_class, smallest_class // 2))


def fitting_start(config: MethodConfig, smallest_class: int) -> MethodConfig:
    """The set-up itself where photographs stay pictures and visibly change; else one of which that holds.

    It differs in its sets, their start, size and learning rate, and in the iterations alone. Where a class
    has too few images for that, it is the set-up itself again, unless it has too few for this one, too.
    """
    if not isinstance(config, CondenseConfig):
        count = max((count for count in PUBLISHED_LOOPS if count <= smallest_class), default=1)
        enough = has_enough(config, smallest_class)
        return config if enough else config.model_copy(update={"images_per_class": count})
    changes = {name: getattr(OWN_IMAGES.config, name) for name in ("sets", "init", "image_lr", "iterations")}
    changes["images_per_class"] = fitting_count(smallest_class)
    fitting = config.model_copy(update=changes)
    if not has_enough(config, smallest_class):
        return fitting
    if not has_fitting_start(fitting):
        return config
    if not has_fitting_start(config) or _hardly_changes(config):
        return fitting
    return config.model_copy(update={"iterations": min(config.iterations, CALM_ITERATIONS)})


def has_enough(config: MethodConfig, smallest_class: int) -> bool:
    """Whether every class has as many images as the learned ones start from."""
    specs = config.all_sets()
    return max(spec.images_per_class for spec in specs) <= smallest_class or all(
        spec.init == "noise" for spec in specs
    )


def change_label(config: MethodConfig, better: MethodConfig) -> str:
    """Label of a button that changes a set-up to a better one: 'Take 5 per class, 100 iterations'."""
    return capitalised(_remedy(config, better))


def _remedy(config: MethodConfig, better: MethodConfig) -> str:
    """What to do to get from a set-up to a better one: every size and start that differs."""
    specs, changes = config.all_sets(), []
    if {spec.images_per_class for spec in specs} != {better.images_per_class}:
        changes.append(f"{grouped(better.images_per_class)} per class")
    if {spec.image_lr for spec in specs} != {better.image_lr}:
        changes.append(f"learning rate {better.image_lr:g}")
    if config.iterations != better.iterations:
        changes.append(counted(better.iterations, "iteration"))
    starts = {spec.init for spec in specs} != {better.init}
    verb = "start from real images" if starts else "take"
    return f"{verb}{', ' if starts and changes else ' ' if changes else ''}{', '.join(changes)}"


def outlook(config: MethodConfig, smallest_class: int) -> str:
    """What the learned images of photographs will look like, and what to try, in two sentences at most.

    Args:
        config: the set-up.
        smallest_class: training images of the class with the fewest.
    """
    if not isinstance(config, CondenseConfig):
        return "Made for networks, not for eyes: for how long photographs stay pictures was not measured."
    better = fitting_start(config, smallest_class)
    remedy = _remedy(config, better)
    if has_fitting_start(config) and config.iterations <= CALM_ITERATIONS:
        if better != config:
            return (
                "With so small a step for each image photographs hardly change, so there is little to see. "
                f"To see more, {remedy}."
            )
        return (
            f"After only {counted(config.iterations, 'iteration')} photographs are still pictures that you "
            "recognise; after many they turn into coloured patterns, made for networks, not for eyes."
        )
    if not has_fitting_start(better):
        remedy = f"give {PHOTOGRAPHS} photographs of each class, or more"
    elif config.iterations > better.iterations:
        remedy += " or fewer"
    if all(spec.init == "noise" for spec in config.all_sets()):
        expected = "photographs learned from noise look like coloured noise"
    else:
        expected = (
            f"after {counted(config.iterations, 'iteration')} photographs turn into coloured patterns, "
            "and can teach networks all the same"
        )
    return f"Made for networks, not for eyes: {expected}. To recognise something, {remedy}."


def most_iterations(config: CondenseConfig) -> int:
    """Iterations that are chosen at most: of one's own images so few that they stay pictures, if they can."""
    if config.dataset not in CATALOGUE and has_fitting_start(config):
        return CALM_ITERATIONS
    return MAX_ITERATIONS


def has_fitting_start(config: MethodConfig) -> bool:
    """Whether all sets start from real images and have enough per class to change slowly."""
    return all(
        spec.init != "noise" and spec.images_per_class >= FEWEST_CALM and _rate(spec) <= CALM_RATE
        for spec in config.all_sets()
    )


def _hardly_changes(config: MethodConfig) -> bool:
    """Whether the images of all sets change so little that it is hardly seen."""
    return all(_rate(spec) <= STILL_RATE for spec in config.all_sets()) and has_fitting_start(config)


def _rate(spec: SetSpec) -> float:
    """How far an image moves in an update, which is spread over those of a class."""
    return spec.image_lr / spec.images_per_class
