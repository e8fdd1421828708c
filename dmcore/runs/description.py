"""What the small JSON files of a run hold, format 1: each file is one frozen model.

Everything that reads a run starts here, so this module must not import torch.
"""

from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from dmcore.config import CondenseConfig, EvaluateConfig, Selection, SetSpec, TrainingConfig

FORMAT = 1
Origin = Literal["condense", "import", "select"]


class NewerFormatError(ValueError):
    """The run was written by a later version of this program."""


class Status(StrEnum):
    """What a run is doing, derived from its files (see `RunFolder.status`)."""

    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class Stored(BaseModel):
    """A frozen value as it stands in a file of the run."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class DataDescription(Stored):
    """What a run must know of its data set to be shown without it."""

    name: str
    """Registry name or path: what `load_dataset` takes."""
    title: str
    """What to call it on a page."""
    class_names: tuple[str, ...]
    """Names of the classes, in the order of the labels."""
    mean: tuple[float, ...]
    """Per-channel mean of the training images scaled to [0, 1]."""
    std: tuple[float, ...]
    """Per-channel standard deviation of the same."""
    channels: int
    """Channels of an image."""
    height: int
    """Rows of an image."""
    width: int
    """Columns of an image."""
    train_count: int | None = None
    """Real training images; unknown for an import."""
    test_count: int | None = None
    """Real test images; unknown for an import."""
    digest: str | None = None
    """SHA-256 of the training images and labels; unknown for an import."""


class SelectionDescription(Stored):
    """How the images of a set were chosen from the real ones; see `dmcore.coresets`."""

    method: Selection
    """Name of the method."""
    seed: int
    """Of what was drawn."""
    source: str = ""
    """The trained network that was looked through, in words; empty where none was."""
    training: TrainingConfig | None = None
    """How that network was trained."""


class SetDescription(Stored):
    """`sets/NAME/set.json`: one synthetic set.

    Its tensors are [class, image, channel, height, width], so the first index is the label.
    """

    name: str
    """The folder's name."""
    images_per_class: int
    """Synthetic images of each class."""
    spec: SetSpec | None = None
    """How the set was asked for; unknown for an import, none for a selection."""
    selection: SelectionDescription | None = None
    """How the set was chosen; none where it was learned or imported."""


class RunDescription(Stored):
    """`run.json`: what the run is."""

    format: Literal[1] = 1
    """Version of the folder's layout."""
    id: str
    """The folder's name when it was made."""
    title: str
    """The user's title: a field, never a path."""
    created: str
    """When, in UTC (ISO 8601)."""
    origin: Origin
    """Whether this program learned the images, took them over, or selected them from the real ones."""
    config: CondenseConfig | None
    """Everything that decides the outcome; unknown for an import, none for a selection."""
    plan: dict[str, Any] | None
    """The execution plan (`dmcore.execution.plan.Plan`) that bit equality holds for."""
    data: DataDescription
    """The real data."""
    notes: tuple[str, ...] = ()
    """What a person should know about this run, in sentences."""


class RunResult(Stored):
    """`result.json`: the asked-for iteration was reached."""

    iteration: int
    """Updates done."""
    seconds: float
    """Time worked, pauses left out."""
    images_per_second: float
    """Real images embedded per second."""


class RunError(Stored):
    """`error.json`: why the run stopped; removed when it is resumed."""

    sentence: str
    """What happened."""
    remedy: str
    """What to do about it."""
    iteration: int
    """Updates done when it happened."""
    kind: str
    """`diverged`, `memory`, `storage`, or the exception's name."""


class StoredResult(Stored):
    """`results/*.json`: one evaluation of one set at one iteration; accuracies in percent."""

    set: str
    """Name of the set."""
    iteration: int
    """Iteration of the images that were judged."""
    network: str
    """Architecture that was trained."""
    mean: float
    """Mean test accuracy."""
    std: float
    """Its standard deviation over the networks (ddof 0)."""
    n: int
    """Networks trained."""
    accuracies: tuple[float, ...]
    """Accuracy of each network."""
    protocol: EvaluateConfig
    """How it was obtained."""
    kind: Literal["condensed", "random_real", "all_real"]
    """What was trained on: the set, as many random real images, or all real images."""
    created: str
    """When, in UTC (ISO 8601)."""
