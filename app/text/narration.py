"""Sentences on an iteration: which network it drew and how images were augmented.

Operations are told apart by the names of their classes, so that no torch is imported.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dmcore.config.formatting import grouped

if TYPE_CHECKING:
    from dmcore.matching import Step

UNCHANGED = "unchanged"
"""Description where no operation was drawn."""


def describe_step(step: "Step", class_names: Sequence[str]) -> str:
    """Describe an iteration in a sentence: its network, and the augmentation of the first three classes."""
    if step.side is None:
        return (
            "the start" if step.iteration == 0 else f"taken up again at iteration {grouped(step.iteration)}"
        )
    augmented = [
        f"class {name}: {describe_augmentation(augmentation)}"
        for name, augmentation in zip(class_names[:3], step.side.augmentations[:3], strict=True)
    ]
    more = " …" if len(class_names) > 3 else ""
    return " · ".join([f"network {grouped(step.side.draw)}", *augmented]) + more


def operation_name(operation: str) -> str:
    """Name of an augmentation operation as people read it, from its name in a configuration."""
    return "colour" if operation == "color" else operation


def describe_augmentation(augmentation: Any) -> str:
    """Describe an augmentation operation and its parameters: 'rotate −7.0°'."""
    return describe_operation(type(augmentation).__name__, vars(augmentation))


def describe_operation(name: str, values: Mapping[str, float]) -> str:
    """Describe an operation by its name in `dmcore.augment` and its parameters: 'rotate −7.0°'."""
    match name:
        case "Rotate":
            return f"rotate {_signed(values['degrees'])}°"
        case "Scale":
            return f"scale ×{1 / values['sx']:.2f} across, ×{1 / values['sy']:.2f} down"
        case "Flip":
            return "flip" if values["flipped"] else "no flip"
        case "Color":
            return (
                f"colour: brightness {_signed(values['brightness'], 2)}, "
                f"saturation ×{values['saturation']:.2f}, contrast ×{values['contrast']:.2f}"
            )
        case "Crop":
            return (
                f"shift {_signed(values['shift_rows'], 0)} down, {_signed(values['shift_columns'], 0)} across"
            )
        case "Cutout":
            return f"cut out around row {values['centre_row']:.0f}, column {values['centre_column']:.0f}"
        case _:
            return UNCHANGED


def _signed(number: float, digits: int = 1) -> str:
    return f"{number:+.{digits}f}".replace("-", "−") if round(number, digits) else "0"
