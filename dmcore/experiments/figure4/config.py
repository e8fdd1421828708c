"""Configuration of figure 4, the race of methods. Never imports torch."""

import hashlib
import math
import shlex
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, model_validator

from dmcore.config import METHODS, Count, EvaluateConfig, FrozenModel, MethodConfig
from dmcore.config.gradient_matching import PUBLISHED_LOOPS
from dmcore.config.laptop_presets import laptop_condense_config
from dmcore.config.methods import Method
from dmcore.config.models import DEFAULT_DATASET, FromOneTo, ImageCount, NetworkCount, Width
from dmcore.config.protocols import QUICK

FORMAT = 1
MOMENTS = 8
"""Moments of evaluation after the start, evenly spaced in log time of each lane's own clock."""
FIRST_SHARE = 1 / 64
"""Share of the whole time at which the first of them is."""
SLICE_SECONDS = 0.5
"""A turn ends with the first event after so many seconds: short, so that whatever else the machine does
meets all lanes alike; longer than it takes until the caches hold this lane's data again."""
ENDLESS = 10**9
"""Iterations of a lane: its time is over long before."""
NAMES: dict[Method, str] = {"dm": "DM", "dc": "DC", "dsa": "DSA"}


class Figure4Config(FrozenModel):
    """Figure 4: methods race on one data set, accuracy against seconds of condensing."""

    name: ClassVar[str] = "figure4"

    dataset: Annotated[str, Field(max_length=4096)] = ""
    """A known name, or the path of an image folder or zip; left open, fashion."""
    methods: Annotated[tuple[Method, ...], AfterValidator(lambda names: tuple(dict.fromkeys(names)))] = (
        "dm",
        "dc",
        "dsa",
    )
    """Two or three of dm, dc and dsa, a comma list."""
    images_per_class: ImageCount = 10
    """Images that each method learns for each class."""
    seconds: Annotated[int, FromOneTo(10**7)] = 180
    """Seconds of condensing of each method, on its own clock."""
    seeds: Annotated[int, FromOneTo(1000)] = 3
    """Independent races; a verdict needs three."""
    repeats: NetworkCount = 2
    """Networks trained on each set that is tested."""
    epochs: Count = QUICK.epochs
    """Passes of each of those networks over its set."""
    width: Width = 32
    """Filters in each layer of the ConvNets."""
    real_batch: ImageCount = 64
    """Real images per class and iteration, or matching step."""

    @model_validator(mode="after")
    def _race_is_possible(self) -> "Figure4Config":
        if len(self.methods) < 2:
            raise ValueError(f"a race needs at least two methods: choose among {', '.join(METHODS)}")
        if self.images_per_class not in PUBLISHED_LOOPS:
            *sizes, largest = PUBLISHED_LOOPS
            raise ValueError(
                f"gradient matching has no published loops for {self.images_per_class} images per class: "
                f"race with {', '.join(map(str, sizes))} or {largest}"
            )
        return self

    @property
    def dataset_name(self) -> str:
        """Name or path of the data set."""
        return self.dataset or DEFAULT_DATASET

    @property
    def key(self) -> str:
        """Hash of all settings, 12 hexadecimal digits: names the folder of the race."""
        same = self.model_copy(update={"dataset": self.dataset_name, "methods": self.lanes})
        return hashlib.sha256(f"{FORMAT}\n{same.model_dump_json()}".encode()).hexdigest()[:12]

    @property
    def lanes(self) -> tuple[Method, ...]:
        """The methods, always in the same order."""
        return tuple(method for method in METHODS if method in self.methods)

    @property
    def moments(self) -> tuple[float, ...]:
        """Seconds at which a lane is tested, after its start at zero."""
        ratio = FIRST_SHARE ** (-1 / (MOMENTS - 1))
        inner = (self.seconds * FIRST_SHARE * ratio**index for index in range(MOMENTS - 1))
        return (*inner, float(self.seconds))

    def count_tests(self) -> int:
        """Number of tests of all lanes and races, one at the start and one at each moment."""
        return self.seeds * len(self.lanes) * (MOMENTS + 1)

    @property
    def moments_text(self) -> str:
        """Range of those moments: '5 s to 300 s'."""
        return f"{max(1, round(self.moments[0]))} s to {self.seconds} s"

    def protocol(self, seed: int) -> EvaluateConfig:
        """Evaluation of every lane and moment of one race: the same networks, seeds and augmentation."""
        return EvaluateConfig(epochs=self.epochs, repeats=self.repeats, seed=seed)

    def lane_config(self, method: Method, seed: int, shape: tuple[int, int, int]) -> MethodConfig:
        """What a lane learns: as published but for the network's width, the real batch and the time."""
        return METHODS[method](
            dataset=self.dataset_name,
            images_per_class=self.images_per_class,
            iterations=ENDLESS,
            width=self.width,
            depth=laptop_condense_config(shape).depth,
            real_batch=self.real_batch,
            seed=seed,
        )

    @property
    def command_line(self) -> str:
        """Command that computes the same in a terminal."""
        words = ["dmcore", "experiment", self.name, "--dataset", self.dataset_name]
        for name, value in self._stated().items():
            text = ",".join(value) if isinstance(value, tuple) else str(value)
            words += [f"--{name.replace('_', '-')}", text]
        return shlex.join(words)

    def _stated(self) -> dict[str, Any]:
        """The first settings always, the others where they are not the usual ones."""
        usual = Figure4Config()
        always = ("methods", "images_per_class", "seconds")
        names = [name for name in type(self).model_fields if name != "dataset"]
        return {
            name: self.lanes if name == "methods" else getattr(self, name)
            for name in names
            if name in always or getattr(self, name) != getattr(usual, name)
        }


def least_seconds(config: Figure4Config) -> float:
    """Seconds of condensing of all lanes and races together; evaluation comes on top."""
    return math.prod((config.seconds, config.seeds, len(config.lanes)), start=1.0)
