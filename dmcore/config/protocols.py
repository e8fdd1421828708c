"""Named protocols of evaluation: the quick one that follows a run while it condenses, and the paper's.

Section 4.1 of the paper. Pages read this, so it must not import torch.
"""

from dmcore.config import ALL_OPERATIONS, EvaluateConfig

QUICK = EvaluateConfig(epochs=200, repeats=2)
"""Ranks sets while they are being learned; its numbers lie below those of longer trainings."""
PAPER = EvaluateConfig(repeats=20)
"""The paper's, which it applies to each of 5 sets."""

WHOLE_EPOCHS, WHOLE_REPEATS = 60, 3
"""A pass over all real images has many more steps than one over a small set, so fewer passes do."""
_USUAL_OPERATIONS = (ALL_OPERATIONS, tuple(one for one in ALL_OPERATIONS if one != "flip"))


def whole_set_protocol(protocol: EvaluateConfig) -> EvaluateConfig:
    """The same protocol for all real images: with fewer passes and fewer networks."""
    return protocol.model_copy(
        update={
            "epochs": min(protocol.epochs, WHOLE_EPOCHS),
            "repeats": min(protocol.repeats, WHOLE_REPEATS),
        }
    )


def is_quick(protocol: EvaluateConfig, kind: str = "condensed") -> bool:
    """Whether a stored result of this kind was obtained by the quick protocol.

    Such results follow a run; they stand in no table beside those of a longer protocol.
    """
    expected = whole_set_protocol(QUICK) if kind == "all_real" else QUICK
    if protocol.augment not in (expected.augment, *_USUAL_OPERATIONS):
        return False
    return protocol.model_copy(update={"augment": expected.augment}) == expected


def without_repeats(protocol: EvaluateConfig) -> EvaluateConfig:
    """How each network is trained: results that agree in this differ in which networks, and how many."""
    usual = protocol.augment in _USUAL_OPERATIONS
    return EvaluateConfig.model_validate(
        protocol.model_dump(exclude={"networks", "repeats", "seed"} | ({"augment"} if usual else set()))
    )


def protocol_name(protocol: EvaluateConfig) -> str:
    """A protocol in words, whatever the number of its networks: its epochs, and what else is unusual."""
    alone = without_repeats(protocol)
    names = {without_repeats(QUICK): "quick protocol, ", without_repeats(PAPER): "the paper's protocol, "}
    others = [
        _setting_text(field, value)
        for field, value in alone
        if field != "epochs" and value != getattr(EvaluateConfig(), field)
    ]
    epochs = f"{alone.epochs} epoch{'s' * (alone.epochs != 1)}"
    return ", ".join([f"{names.get(alone, '')}{epochs}", *others])


def _setting_text(field: str, value: object) -> str:
    if value == ():
        return "no augmentation"
    shown = ",".join(map(str, value)) if isinstance(value, tuple) else value
    return f"{field.replace('_', ' ')} {shown}"
