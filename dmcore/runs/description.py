"""Pydantic models of the JSON files of a run folder: run.json, set.json, results and errors.

Format 2 has a checksum in each record and each image, and the run's id in whatever belongs to it; format 3
says what a run was made for, and of how many draws a result is; format 4 has the settings of gradient
matching, format 5 images selected by k-means, and no other run needs these two. Earlier files are read as
they are.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final, Literal, get_args

from pydantic import AfterValidator, Field, model_validator

from dmcore.config import (
    EvaluateConfig,
    GradientMatchingConfig,
    MethodConfig,
    Selection,
    SetSpec,
    TrainingConfig,
)
from dmcore.config.formatting import accuracy_text, sentence
from dmcore.execution.cost import DataShape
from dmcore.files.checked_json import Record

FORMAT: Final = 3
"""Version of the folder's layout that is written; earlier ones are read. A new field needs a new version."""
GRADIENT_FORMAT: Final = 4
"""Version of a run of gradient matching, whose settings earlier versions of this program would refuse."""
K_MEANS_FORMAT: Final = 5
"""Version of a run of images selected by k-means, which earlier versions of this program do not know."""
NEWEST_FORMAT: Final = K_MEANS_FORMAT
"""Latest version that is read."""
MOST_CLASSES = 100_000
"""Classes of a data set: ImageNet-21K has 21,841. More in a file are damage that no page would bear."""
MOST_IMAGES = 1_000_000
"""Images of a class."""
MOST_PIXELS = 100_000
"""Rows, columns or channels of an image."""
MOST_ITERATIONS = 10**15
Origin = Literal["condense", "import", "select"]
MadeFor = Literal["", "table"]
ResultKind = Literal["condensed", "random_real", "all_real"]
"""Training images of an evaluation: a set, as many random real images, or all real images."""
RESULT_KINDS: tuple[ResultKind, ...] = get_args(ResultKind)


class NewerFormatError(ValueError):
    """The run has a format of a later version of this program."""


class Status(StrEnum):
    """Status of a run, derived from its files (see `RunFolder.status`)."""

    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


def _is_utc_time(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("it has no time zone")
    return text


Iteration = Annotated[int, Field(ge=0, le=MOST_ITERATIONS)]
Pixels = Annotated[int, Field(ge=1, le=MOST_PIXELS)]
Percent = Annotated[float, Field(ge=0, le=100)]
UtcTime = Annotated[str, AfterValidator(_is_utc_time)]


class DataDescription(Record):
    """Metadata of the real data set, so that a run can be displayed without it."""

    name: str
    """Catalogue name or path, as `load_dataset` takes it."""
    title: str
    """Title on the pages."""
    class_names: tuple[str, ...] = Field(min_length=1, max_length=MOST_CLASSES)
    """Names of the classes, in the order of the labels."""
    mean: tuple[float, ...]
    """Per-channel mean of the training images scaled to [0, 1]."""
    std: tuple[float, ...]
    """Per-channel standard deviation of the training images scaled to [0, 1]."""
    channels: Pixels
    """Image channels."""
    height: Pixels
    """Image rows."""
    width: Pixels
    """Image columns."""
    train_count: int | None = None
    """Real training images; unknown for an import."""
    test_count: int | None = None
    """Real test images; unknown for an import."""
    digest: str | None = None
    """SHA-256 of the training images and labels; unknown for an import."""

    @property
    def data_shape(self) -> DataShape:
        """What the cost of a job depends on."""
        shape = (self.channels, self.height, self.width)
        return DataShape(shape, len(self.class_names), self.train_count or 0, self.test_count or 0)

    @model_validator(mode="after")
    def _check_channels(self) -> "DataDescription":
        if not len(self.mean) == len(self.std) == self.channels:
            raise ValueError("mean and std are not one number for each channel")
        return self


class SelectionDescription(Record):
    """Method by which the images of a coreset were selected from the real ones; see `dmcore.coresets`."""

    method: Selection
    """Name of the method."""
    seed: int
    """Seed of the random choices."""
    source: str = ""
    """Trained network whose features or forgetting events were used, as text; empty without one."""
    training: TrainingConfig | None = None
    """Training of that network."""


class SetDescription(Record):
    """`sets/NAME/set.json`: one synthetic set.

    Its tensors are [class, image, channel, height, width], so the first index is the label.
    """

    name: str
    """Name of the folder."""
    images_per_class: int = Field(ge=1, le=MOST_IMAGES)
    """Synthetic images of each class."""
    spec: SetSpec | None = None
    """Requested specification; unknown for an import, none for a selection."""
    selection: SelectionDescription | None = None
    """Selection method of a coreset; none where the set was learned or imported."""


def format_of_new(sets: Iterable[SetDescription]) -> Literal[3, 5]:
    """Version of the folder's layout that the selections of a new run need."""
    methods = {described.selection.method for described in sets if described.selection is not None}
    return K_MEANS_FORMAT if "k_means" in methods else FORMAT


class RunDescription(Record):
    """`run.json`: identity, configuration and data set of a run."""

    unchecked_fields: ClassVar[frozenset[str]] = frozenset({"title"})

    format: Literal[1, 2, 3, 4, 5] = FORMAT
    """Version of the folder's layout."""
    id: str
    """Name of the folder when it was created; it stays when the folder is copied or renamed."""
    title: str
    """The user's title: a field, never a path."""
    created: UtcTime
    """Creation time in UTC (ISO 8601)."""
    origin: Origin
    """Whether the images were condensed here, imported, or selected from the real ones."""
    config: MethodConfig | None
    """Everything that decides the outcome; unknown for an import, none for a selection."""
    plan: dict[str, Any] | None
    """The execution plan (`dmcore.execution.plan.Plan`) that bit equality holds for."""
    data: DataDescription
    """The real data."""
    notes: tuple[str, ...] = ()
    """Notes for the user, in sentences."""
    made_for: MadeFor = ""
    """What created the run, where no person did: a table that needed its images."""

    @property
    def newest_format(self) -> Literal[3, 4, 5]:
        """Version of the folder's layout that this run is written in; format 5 is kept."""
        if self.format == K_MEANS_FORMAT:
            return K_MEANS_FORMAT
        return GRADIENT_FORMAT if isinstance(self.config, GradientMatchingConfig) else FORMAT

    @property
    def is_of_table(self) -> bool:
        """Whether a table made it. An older selection tells so by its title, an older condensation not."""
        methods = "|".join(method.replace("_", " ") for method in get_args(Selection))
        generated = rf"{re.escape(self.data.title)}, ({methods}), \d+(, \d+)* per class, seed \d+"
        is_older = self.origin == "select" and re.fullmatch(generated, self.title) is not None
        return self.made_for == "table" or is_older

    def is_of_same_run(self, other: "RunDescription") -> bool:
        """Whether both are of one run: they differ at most in what may change during its life."""
        return self._lasting() == other._lasting()

    def _lasting(self) -> dict[str, Any]:
        changeable: dict[str, Any] = dict.fromkeys(("format", "title", "plan", "notes", "made_for"), True)
        changeable |= {"config": {"iterations"}, "data": {"name", "title"}}  # data sets are moved
        return self.model_dump(exclude=changeable)


class RunResult(Record):
    """`result.json`: the run has reached its iterations."""

    iteration: Iteration
    """Updates done."""
    seconds: float
    """Computing time, without pauses."""
    images_per_second: float
    """Real images embedded per second."""


class RunError(Record):
    """`error.json`: why the run failed; removed when it is resumed."""

    sentence: str
    """What happened."""
    remedy: str
    """How to fix it."""
    iteration: Iteration
    """Updates done when it happened."""
    kind: str
    """`diverged`, `memory`, `storage`, or the exception's name."""

    @property
    def message(self) -> str:
        """What happened and how to fix it, as sentences."""
        return f"{sentence(self.sentence)} {sentence(self.remedy)}"


class StoredResult(Record):
    """`results/*.json`: one evaluation of one set at one iteration; accuracies in percent."""

    set: str
    """Name of the set."""
    iteration: Iteration
    """Iteration of the evaluated images."""
    network: str
    """Architecture that was trained."""
    mean: Percent
    """Mean test accuracy."""
    std: Percent
    """Its standard deviation over the networks (ddof 0)."""
    n: int = Field(ge=1)
    """Networks trained."""
    accuracies: tuple[Percent, ...]
    """Accuracy of each network."""
    protocol: EvaluateConfig
    """Evaluation protocol."""
    kind: ResultKind
    """Training images."""
    created: str
    """Creation time in UTC (ISO 8601)."""
    run: str = ""
    """Id of the run (`RunDescription.id`); empty in older files."""
    draws: int = Field(default=1, ge=1)
    """Independent draws of the training images, dealt out to the networks in turn; 1 in older files."""

    @property
    def complete(self) -> bool:
        """Whether all networks of its protocol were tested, on draws of random images of their own."""
        of_draws = self.kind != "random_real" or self.draws == self.n
        return self.n >= self.protocol.repeats and of_draws

    @property
    def text(self) -> str:
        """Accuracy as text, with how many networks it is of, and of how many draws."""
        return accuracy_text(self.mean, self.std, self.n, self.draws)
