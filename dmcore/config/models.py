"""Pydantic models of all settings, shared by run.json, the app's set-up form and the command line.

Defaults are the paper's (section 4.1). A field's docstring is its help text, in the form and in `--help`; its
title is its label, else its name is.
"""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetCoreSchemaHandler, model_validator
from pydantic_core import CoreSchema, core_schema

from dmcore.config.network_source import NetworkSource, parse_source

Norm = Literal["none", "batch", "layer", "instance", "group"]
Activation = Literal["sigmoid", "relu", "leaky_relu", "swish"]
Pooling = Literal["none", "max", "average"]
Init = Literal["real", "noise", "wrong_class"]
Operation = Literal["color", "crop", "cutout", "flip", "scale", "rotate"]
NetworkName = Literal["convnet", "alexnet", "vgg11", "resnet18", "resnet18_ap", "mlp", "lenet"]
Precision = Literal["float32", "tf32", "bfloat16"]
DEFAULT_DATASET = "fashion"
"""Comes with the package: no download."""
Selection = Literal["random", "mean_image", "herding", "k_center", "k_means", "forgetting", "least_forgotten"]

DEFAULT_NORMS: dict[NetworkName, Norm] = {
    "convnet": "instance",
    "alexnet": "none",
    "vgg11": "instance",
    "resnet18": "instance",
    "resnet18_ap": "batch",
    "mlp": "none",
    "lenet": "none",
}
"""Normalisation layer of each architecture where it is left open."""
ALL_OPERATIONS: tuple[Operation, ...] = ("color", "crop", "cutout", "flip", "scale", "rotate")
PRECISIONS: tuple[Precision, ...] = ("float32", "tf32", "bfloat16")


@dataclass(frozen=True)
class FromOneTo:
    """Bounds of a whole number, with a message on the one that is broken."""

    le: int
    ge: int = 1

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Schema that checks the bounds before anything else."""
        return core_schema.no_info_before_validator_function(self.checked, handler(source))

    def checked(self, value: object) -> int:
        """The number.

        Raises:
            ValueError: it is none, or out of bounds.
        """
        text = str(value)
        if not text.removeprefix("-").isdecimal():
            raise ValueError("must be a whole number")
        number = int(text[:20])
        if number < self.ge:
            raise ValueError(f"must be at least {self.ge}")
        if number > self.le:
            raise ValueError(f"must be at most {self.le}")
        return number


Count = Annotated[int, Field(ge=1, le=10**9)]
"""Iterations, epochs: a billion iterations take a GPU years. Larger numbers are typing errors."""
ImageCount = Annotated[int, Field(ge=1, le=10**6)]
"""Images of a class or a batch; ImageNet has 1,300 of each class."""
NetworkCount = Annotated[int, Field(ge=1, le=10**4)]
"""Networks trained one by one; the paper trains 20."""
Width = Annotated[int, Field(ge=1, le=2**14)]
"""Filters of a layer: at the largest width one layer takes 10 GB. `execution.memory_check` refuses less."""
Seed = Annotated[int, Field(ge=0, lt=2**63)]
MOST_SETS = 1000
"""Sets on one real side."""
Rate = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Momentum = Annotated[float, Field(ge=0, lt=1)]
SourceText = Annotated[str, AfterValidator(lambda text: str(parse_source(text)))]
"""Text of a network source in its canonical spelling: `band:40.0-60` becomes `band:40-60`."""


class FrozenModel(BaseModel):
    """Base of the settings: immutable, unknown keys are refused, docstrings of fields are their help."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class NetworkSpec(FrozenModel):
    """Architecture with its options: a point of the paper's network space (appendix, table 5)."""

    network: NetworkName = "convnet"
    """Architecture of the embedding networks."""
    width: Annotated[Width, Field(title="Network width")] = 128
    """Filters in each ConvNet layer; wider networks see more and cost more. ConvNet only."""
    depth: Annotated[int, Field(ge=1, le=8, title="Network depth")] = 3
    """Number of ConvNet blocks; each pooling block halves the image. ConvNet only."""
    norm: Annotated[Norm | None, Field(title="Normalisation")] = None
    """Normalisation layer; left open, the architecture's own (ConvNet: instance)."""
    activation: Activation = "relu"
    """Non-linearity after each ConvNet layer. ConvNet only."""
    pooling: Pooling = "average"
    """Pooling at the end of each ConvNet block. ConvNet only."""

    def network_spec(self) -> "NetworkSpec":
        """The architecture's fields alone, without those of a subclass."""
        return NetworkSpec(**{field: getattr(self, field) for field in NetworkSpec.model_fields})


class SetSpec(FrozenModel):
    """Settings of one synthetic set; the sets of a run share one real side and differ in these fields."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
    """Name of the set inside its run: lower-case letters, digits, - and _."""
    images_per_class: ImageCount
    """Synthetic images learned for each class."""
    init: Init
    """Where the images start: real images, noise, or real images of the next class."""
    image_lr: Rate
    """Learning rate of the pixels."""
    momentum: Momentum
    """Momentum of the pixels' SGD."""


class SetChange(FrozenModel):
    """Overrides of one synthetic set; what is left open is as in the run's own fields."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")] | None = None
    """Name of the set; left open, formed from what it changes."""
    images_per_class: ImageCount | None = None
    """Synthetic images learned for each class."""
    init: Init | None = None
    """Where the images start."""
    image_lr: Rate | None = None
    """Learning rate of the pixels."""
    momentum: Momentum | None = None
    """Momentum of the pixels' SGD."""


class PoolConfig(NetworkSpec):
    """Pool of networks of one architecture trained on the whole data set, with states of their training."""

    pool_steps: Count = 600
    """Training steps of each network of the pool; its stored states are evenly spaced in log time."""
    pool_half: bool = False
    """Store the pool's weights in half precision: half the disk, the same accuracies within noise."""

    def pool_config(self) -> "PoolConfig":
        """The pool's fields alone, without those of a subclass."""
        return PoolConfig(**{field: getattr(self, field) for field in PoolConfig.model_fields})


class MatchingConfig(NetworkSpec):
    """Settings that distribution and gradient matching share; defaults are those of distribution matching."""

    dataset: Annotated[str, Field(min_length=1, max_length=4096, title="Data set")] = DEFAULT_DATASET
    """Data set to condense: a known name, or the path of an image folder or a zip of one."""
    images_per_class: ImageCount = 10
    """Synthetic images learned for each class; more images, better accuracy, slower change."""
    iterations: Count = 20_000
    """Updates of the synthetic images; half of the visible change happens in the first few dozen."""
    real_batch: Annotated[ImageCount, Field(title="Real images per class and iteration")] = 256
    """Real images drawn per class and iteration; more give a steadier mean and cost time."""
    image_lr: Annotated[Rate, Field(title="Learning rate of the pixels")] = 1.0
    """Learning rate of the pixels."""
    momentum: Annotated[Momentum, Field(title="Momentum of the pixels")] = 0.5
    """Momentum of the pixels' SGD (the published code's; the paper does not name it)."""
    init: Annotated[Init, Field(title="Start from")] = "real"
    """Where the images start: real images, noise, or real images of the next class."""

    @model_validator(mode="after")
    def _network_is_condensed_with(self) -> Self:
        if self.network in ("mlp", "lenet"):
            raise ValueError(
                f"{self.network} is for evaluation only: condense with convnet, alexnet, vgg11, resnet18 "
                "or resnet18_ap"
            )
        return self


class CondenseConfig(MatchingConfig, PoolConfig):  # pydantic takes the last base's fields first
    """Settings that determine the result of one condensation; `CondenseConfig()` is the paper's."""

    method: ClassVar[Literal["dm"]] = "dm"
    """Distribution matching; no field, so that stored settings stay as they are."""
    augment: Annotated[tuple[Operation, ...] | None, Field(title="Augmentation")] = None
    """Operations shared by real and synthetic images; left open, all six (digits: all but flip)."""
    seed: Seed = 0
    """Every random choice follows from this number."""
    replay: Annotated[bool, Field(title="Replay real means")] = False
    """Reuse recent real means in most iterations: several times faster, the same accuracy within noise."""
    replay_keep: Annotated[NetworkCount, Field(title="Real sides kept for replay")] = 32
    """How many recent real sides replay draws from."""
    replay_every: Annotated[Count, Field(title="Fresh real side every … iterations")] = 8
    """With replay, a fresh real side is computed every this many iterations."""
    source: SourceText = "random"
    """Networks that embed the images: random, fixed:K, band:FROM-TO, all, interpolated:T or pixels."""
    pool_networks: NetworkCount = 20
    """How many networks of the pool to draw from, for sources of trained networks."""
    sets: Annotated[tuple[SetChange, ...], Field(max_length=MOST_SETS, title="Several sets")] = ()
    """Several synthetic sets on one real side: each entry names only what it changes."""

    @model_validator(mode="after")
    def _set_names_differ(self) -> Self:
        names = [spec.name for spec in self.all_sets()]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"two sets are named {doubled[0]!r}: give each a name of its own")
        if self.augment is not None and len(set(self.augment)) < len(self.augment):
            raise ValueError("augment lists an operation twice: name each operation once")
        return self

    @property
    def real_batches_per_iteration(self) -> float:
        """Real batches of a class per iteration, on average."""
        return 1 / self.replay_every if self.replay else 1.0

    def all_sets(self) -> tuple[SetSpec, ...]:
        """Settings of every synthetic set of the run, with no field left open."""
        return tuple(self._set_spec(change) for change in self.sets or (SetChange(),))

    def _set_spec(self, change: SetChange) -> SetSpec:
        values = {
            field: getattr(self, field) if getattr(change, field) is None else getattr(change, field)
            for field in ("images_per_class", "init", "image_lr", "momentum")
        }
        name = change.name
        if name is None:
            name = f"{values['init']}-{values['images_per_class']}"
            name += "".join(
                f"-{short}{getattr(change, field):g}".replace(".", "_").replace("+", "")
                for field, short in (("image_lr", "lr"), ("momentum", "m"))
                if getattr(change, field) is not None
            )
        return SetSpec(name=name, **values)

    @property
    def network_source(self) -> NetworkSource:
        """Distribution of the run's embedding networks, parsed from `source`."""
        return parse_source(self.source)


class TrainingProtocol(FrozenModel):
    """Protocol by which a network is trained: SGD with one drop of the learning rate (section 4.1).

    Defaults and help are those of an evaluation.
    """

    epochs: Count = 1000
    """Passes over the synthetic set (the published loop makes one more)."""
    learning_rate: Rate = 0.01
    """Learning rate of the network; divided by ten half way."""
    momentum: Momentum = 0.9
    """Momentum of the network's SGD."""
    weight_decay: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 5e-4
    """Weight decay of the network's SGD."""
    batch: ImageCount = 256
    """Images per training batch."""
    augment: tuple[Operation, ...] | None = None
    """Operations while training; left open, all six (digits: all but flip)."""
    seed: Seed = 0
    """Every random choice of the evaluation follows from this number."""

    @property
    def drop_epoch(self) -> int:
        """Completed epochs after which the learning rate is a tenth, with a fresh optimiser."""
        return self.epochs // 2 + 2


class NetworksToTrain(FrozenModel):
    """Architectures of an evaluation, and the number of networks of each."""

    networks: Annotated[tuple[NetworkName, ...], Field(min_length=1)] = ("convnet",)
    """Architectures to train; the run's own architecture keeps the run's width, depth and norm."""
    repeats: NetworkCount = 5
    """Networks trained per architecture; repeats of one set, not independent sets (paper: 20)."""


class EvaluateConfig(TrainingProtocol, NetworksToTrain):  # pydantic takes the last base's fields first
    """Evaluation protocol: train fresh networks on a synthetic set, test on real images (section 4.1)."""


class TrainingConfig(TrainingProtocol, NetworkSpec):
    """Training of a network on the whole data set."""

    epochs: Count = 200
    """Passes over the images (the published loop makes one more)."""
    seed: Seed = 0
    """Every random choice of the training follows from this number."""
