"""Evaluation protocols by name: the quick one of the online evaluation, and the paper's (section 4.1)."""

from collections.abc import Sequence

from dmcore.config import ALL_OPERATIONS, EvaluateConfig, Method, NetworkSpec, TrainingProtocol
from dmcore.config.formatting import grouped
from dmcore.config.models import NetworkName

LARGE_SIDE = 64
"""Image side from which the published experiments use a ConvNet of depth 4."""

QUICK = EvaluateConfig(epochs=200, repeats=2)
"""Online evaluation: ranks sets while they are learned; accuracies are below those of longer training."""
PAPER = EvaluateConfig(repeats=20)
"""Of the networks trained on each of `PAPER_SETS` independent sets."""
PAPER_SETS = 5
METHOD_PROTOCOLS: dict[Method, EvaluateConfig] = {
    "dm": EvaluateConfig(),
    "dc": EvaluateConfig(augment=(), epochs=300),
    "dsa": EvaluateConfig(),
}
"""As published with each method: DC's has no augmentation (on MNIST its own, which is not here)."""

WHOLE_EPOCHS, WHOLE_REPEATS = 60, 3
"""Of networks on all real images: fewer epochs, as each has more steps than one over a small set."""
_USUAL_OPERATIONS = (ALL_OPERATIONS, tuple(operation for operation in ALL_OPERATIONS if operation != "flip"))


def whole_set_protocol(protocol: EvaluateConfig) -> EvaluateConfig:
    """The same protocol for the whole real training set: fewer epochs and fewer networks."""
    return protocol.model_copy(
        update={
            "epochs": min(protocol.epochs, WHOLE_EPOCHS),
            "repeats": min(protocol.repeats, WHOLE_REPEATS),
        }
    )


def tested_architectures(
    names: Sequence[NetworkName], own: NetworkSpec | None, shape: tuple[int, int, int]
) -> tuple[NetworkSpec, ...]:
    """Architectures to evaluate on: the one that embedded the images as it was, others with their defaults.

    Args:
        names: which architectures.
        own: the one that embedded the images, if any.
        shape: channels, height, width of the images.
    """
    defaults = {"convnet": NetworkSpec(depth=4)} if min(shape[1:]) >= LARGE_SIDE else {}
    if own is not None:
        defaults[own.network] = own
    return tuple(defaults.get(name) or NetworkSpec(network=name) for name in names)


def training_text(protocol: TrainingProtocol) -> str:
    """All settings by which networks are trained: 'SGD, learning rate 0.01, a tenth of it after …'."""
    operations = "all operations (digits: all but flip)"
    if protocol.augment is not None:
        operations = ", ".join(protocol.augment)
    augmentation = (
        f"augmented as in DSA, one operation for each batch, its strength drawn for each image: {operations}"
    )
    return (
        f"SGD, learning rate {protocol.learning_rate:g}, a tenth of it with a fresh optimiser after epoch "
        f"{grouped(protocol.drop_epoch)}; momentum {protocol.momentum:g}; weight decay "
        f"{protocol.weight_decay:g}; batches of {grouped(protocol.batch)}; cross-entropy; "
        f"{augmentation if operations else 'no augmentation'}; {grouped(protocol.epochs)} epochs and, as the "
        "published code does, one more"
    )


def is_quick(protocol: EvaluateConfig, kind: str = "condensed") -> bool:
    """Whether a stored result of this kind comes from the quick protocol of the online evaluation.

    No table lists such results next to those of a longer protocol.
    """
    expected = whole_set_protocol(QUICK) if kind == "all_real" else QUICK
    if protocol.augment not in (expected.augment, *_USUAL_OPERATIONS):
        return False
    return protocol.model_copy(update={"augment": expected.augment}) == expected


def without_repeats(protocol: EvaluateConfig) -> EvaluateConfig:
    """Training settings of a protocol alone, without which networks and how many: for comparing results."""
    usual = protocol.augment in _USUAL_OPERATIONS
    return EvaluateConfig.model_validate(
        protocol.model_dump(exclude={"networks", "repeats", "seed"} | ({"augment"} if usual else set()))
    )


def protocol_name(protocol: EvaluateConfig) -> str:
    """Label of a protocol: its epochs and the settings that differ from the default, not its networks."""
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
    text = ",".join(map(str, value)) if isinstance(value, tuple) else value
    return f"{field.replace('_', ' ')} {text}"
