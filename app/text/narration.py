"""Sentences on an iteration: which network it drew, and how an image was augmented.

Operations are told apart by the names of their classes, so that no torch is imported.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dmcore.config import CondenseConfig, MethodConfig
from dmcore.config.formatting import grouped

if TYPE_CHECKING:
    from dmcore.gradient_matching import OuterStep
    from dmcore.matching import Step

UNCHANGED = "unchanged"
"""Description where no operation was drawn."""


def describe_step(step: "Step | OuterStep", config: MethodConfig | None = None) -> str:
    """Describe an iteration in a short sentence: its network, and whether images were augmented.

    Args:
        step: the iteration.
        config: of the run, which says where its networks come from; None: new random ones.
    """
    if step.side is None:
        if step.loss_by_class:
            return _describe_gradients(step)
        if step.iteration == 0:
            return "Nothing is learned yet: these are the images at the start."
        return f"Taken up again at iteration {grouped(step.iteration)}."
    source = config.source if isinstance(config, CondenseConfig) else "random"
    number = f"network no.\u00a0{grouped(step.side.draw)}"
    if recent := replayed_from(config, step.iteration - 1):
        used = number.replace("network", "real images") if source == "pixels" else number
        return f"Replay: {used} again{'' if recent == 1 else f', one of the last {recent}'}."
    network = {"random": f"random {number}", "pixels": "pixels compared"}.get(source, number)
    if all(describe_augmentation(each) == UNCHANGED for each in step.side.augmentations):
        return f"Just now: {network}."
    return f"Just now: {network}, and for each class a random change."


def replayed_from(config: MethodConfig | None, iteration: int) -> int:
    """How many recent networks an iteration, counted from 0, drew its own from; 0 where that is a new one.

    With replay most iterations use a network once more, and with it its real images and augmentations.
    """
    if not (isinstance(config, CondenseConfig) and config.replay and iteration % config.replay_every):
        return 0
    return min(iteration // config.replay_every + 1, config.replay_keep)


def _describe_gradients(step: "Step | OuterStep") -> str:
    """Describe a matching step, or a completed iteration, of gradient matching."""
    drawn = step.iteration if step.outer else step.iteration - 1  # from 0, as of distribution matching
    number = f"network no.\u00a0{grouped(drawn)}"
    done = f"matching step {step.outer} with" if step.outer else "the last matching step with"
    return f"Just now: {done} {number}, whose gradients are matched."


def operation_name(operation: str) -> str:
    """Name of an augmentation operation as people read it, from its name in a configuration."""
    return "colour" if operation == "color" else operation


def describe_augmentation(augmentation: Any) -> str:
    """Describe an augmentation operation and its parameters: 'rotate −7.0°'."""
    return describe_operation(type(augmentation).__name__, vars(augmentation))


def describe_operation(name: str, values: Mapping[str, float], channels: int = 3) -> str:
    """Describe an operation by its name in `dmcore.augment` and its parameters: 'rotate −7.0°'.

    Saturation changes nothing about images of one channel, and is left out there.
    """
    match name:
        case "Rotate":
            return f"rotate {_signed(values['degrees'])}°"
        case "Scale":
            return f"scale ×{1 / values['sx']:.2f} across, ×{1 / values['sy']:.2f} down"
        case "Flip":
            return "flip" if values["flipped"] else "no flip"
        case "Color":
            saturation = f"saturation ×{values['saturation']:.2f}, " if channels > 1 else ""
            brightness = f"brightness {_signed(values['brightness'], 2)}"
            return f"colour: {brightness}, {saturation}contrast ×{values['contrast']:.2f}"
        case "Crop":
            return _shift(-round(values["shift_rows"]), -round(values["shift_columns"]))
        case "Cutout":
            return f"cut out around row {values['centre_row']:.0f}, column {values['centre_column']:.0f}"
        case _:
            return UNCHANGED


def _shift(down: int, right: int) -> str:
    """Way that the picture moves: 'shift 2 down, 4 right'."""
    moves = [
        *([f"{abs(down)} {'down' if down > 0 else 'up'}"] if down else []),
        *([f"{abs(right)} {'right' if right > 0 else 'left'}"] if right else []),
    ]
    return f"shift {', '.join(moves)}" if moves else "no shift"


def _signed(number: float, digits: int = 1) -> str:
    return f"{number:+.{digits}f}".replace("-", "−") if round(number, digits) else "0"
