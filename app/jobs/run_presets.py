"""Presets of runs: set-ups worth watching, each one click away in the form of the Watch page.

Each says how it differs from the paper. The form's first screen is drawn from this file.
"""

from dataclasses import dataclass
from pathlib import Path

from app.jobs.throttle import Speed
from dmcore.config import CondenseConfig, EvaluateConfig, MethodConfig, SetChange
from dmcore.config.methods import with_method
from dmcore.config.models import DEFAULT_DATASET
from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.published.numbers import TABLE1, TABLE2, numbers_of


@dataclass(frozen=True)
class RunPreset:
    """One set-up, or several that run one after the other, with everything that starting it needs."""

    title: str
    sentence: str
    """Description of what there is to see."""
    config: MethodConfig
    speed: Speed = "full"
    then: tuple[MethodConfig, ...] = ()
    """Set-ups whose runs are queued behind the first, to be compared with it."""
    titles: tuple[str, ...] = ()
    """Titles of the runs, where there are several."""

    @property
    def configs(self) -> tuple[MethodConfig, ...]:
        """Every set-up, in the order in which they run."""
        return (self.config, *self.then)

    def title_of(self, config: MethodConfig) -> str:
        """Title of the run of one of its set-ups."""
        return self.titles[self.configs.index(config)] if self.titles else self.title


SMALL = CondenseConfig(dataset=DEFAULT_DATASET, images_per_class=1, width=32, real_batch=64, iterations=500)
"""Base of the small presets: what a laptop computes while a class looks on."""
COUNTS = tuple(SetChange(images_per_class=count) for count in (1, 10, 50))
AT_ONCE = {"digits": 50, "fashion": 1}
"""Most images per class of a set that a network is trained on without a click, by data set: seconds."""
NETWORKS_AT_ONCE = 20
"""Most networks that testing the sets of such a run trains."""

FROM_NOISE = RunPreset(
    title="Ten images from noise",
    sentence=(
        "One image per class, learned from pure noise: each soon becomes something to recognise. "
        "The ten teach a network far more than ten real images chosen at random."
    ),
    config=SMALL.model_copy(update={"init": "noise"}),
    speed="slow",
)

THREE_STARTS = RunPreset(
    title="Three starts, one answer",
    sentence=(
        "One image per class, learned from real images, from noise and from real images of the wrong class: "
        "all three end up teaching a network about equally well."
    ),
    config=SMALL.model_copy(
        update={"sets": (SetChange(init="real"), SetChange(init="noise"), SetChange(init="wrong_class"))}
    ),
    speed="slow",
)

MORE_IMAGES = RunPreset(
    title="More images per class",
    sentence=(
        "1, 10 and 50 images per class in one run. The more there are, the better a network learns from "
        "them, the less each of them changes, and the smaller the lead over random real images."
    ),
    config=SMALL.model_copy(update={"sets": COUNTS}),
)

FASHION = RunPreset(
    title="Ten images each of Fashion-MNIST",
    sentence="Ten images per class out of all 60\u202f000 photographs of clothing, with a small network.",
    config=SMALL.model_copy(update={"dataset": "fashion_mnist", "images_per_class": 10}),
)

*_, _INSTANCE = (number.value for number in numbers_of(TABLE1["cifar10"]["dm"]) if number is not None)
_BATCH = TABLE2["dm"]["cifar10"]
_TEN_IMAGES = SMALL.model_copy(update={"images_per_class": 10})
BATCH_OR_INSTANCE = RunPreset(
    title="Batch against instance norm",
    sentence=(
        "Two runs that differ in the networks' normalisation; the second waits behind the first, then both "
        "can be opened side by side. In the paper (tables 1 and 2) 50 images per class of CIFAR-10 reach "
        f"{_INSTANCE:.1f} % with instance norm and {_BATCH:.1f} % with batch norm; here, each run is tested "
        "at its end."
    ),
    config=_TEN_IMAGES,
    then=(_TEN_IMAGES.model_copy(update={"norm": "batch"}),),
    titles=("Instance norm, beside batch norm", "Batch norm, beside instance norm"),
)

GRADIENTS = RunPreset(
    title="Gradient matching (DSA)",
    sentence=(
        "The rival that the paper compares with: one image per class, learned such that a network gets the "
        "same gradients from it as from real images. Quick here; with ten per class it is by far the slower."
    ),
    config=with_method(SMALL, "dsa").model_copy(update={"iterations": 200}),
    speed="slow",
)

PAPER_CIFAR10 = RunPreset(
    title="The paper's CIFAR-10",
    sentence="1, 10 and 50 photographs per class, learned as in the paper's table 1. Meant for a GPU.",
    config=CondenseConfig(dataset="cifar10", images_per_class=1, sets=COUNTS),
)

OWN_IMAGES = RunPreset(
    title="Your own images",
    sentence=(
        "A folder or a zip with one folder of images for each class. A train and a test folder above them "
        "are kept apart; otherwise one image in five is kept for testing."
    ),
    config=SMALL.model_copy(update={"images_per_class": 5, "iterations": 100}),
)
"""With these sizes photographs visibly change and stay pictures; the form asks for the path of theirs."""

RUN_PRESETS = (
    FROM_NOISE,
    THREE_STARTS,
    MORE_IMAGES,
    FASHION,
    BATCH_OR_INSTANCE,
    GRADIENTS,
    PAPER_CIFAR10,
    OWN_IMAGES,
)

SMALL_PROTOCOL = EvaluateConfig(repeats=5, epochs=200)
"""The result card's protocol: networks and epochs a laptop can afford; the card names it."""


def preset_starting_with(config: MethodConfig) -> RunPreset | None:
    """Preset that begins with exactly this set-up, if any."""
    if config.dataset not in CATALOGUE:
        return OWN_IMAGES
    fixed = (preset for preset in RUN_PRESETS if preset is not OWN_IMAGES)
    return next((preset for preset in fixed if preset.config == config), None)


def preset_containing(config: MethodConfig) -> RunPreset | None:
    """Preset that a run with this set-up belongs to, as its first set-up or a later one."""
    fixed = (preset for preset in RUN_PRESETS if preset is not OWN_IMAGES)
    return next((preset for preset in fixed if config in preset.configs), None)


def trains_at_once(config: MethodConfig) -> bool:
    """Whether a network is trained on a run's images without a click: where it is a matter of seconds."""
    sets = config.all_sets()
    small = max(spec.images_per_class for spec in sets) <= AT_ONCE.get(config.dataset, 0)
    few = len(sets) * SMALL_PROTOCOL.repeats <= NETWORKS_AT_ONCE
    return small and few and config.network == "convnet" and config.width <= 64


def title_of(config: MethodConfig) -> str:
    """Default title of a run with this set-up."""
    preset = preset_containing(config)
    if preset is not None:
        return preset.title_of(config)
    counts = sorted({spec.images_per_class for spec in config.all_sets()})
    by = "" if config.method == "dm" else f", {config.method.upper()}"
    return f"{_dataset_name(config.dataset)}, {' and '.join(map(str, counts))} per class{by}"


def _dataset_name(dataset: str) -> str:
    """Name of a data set in a title: of a folder or zip its own name, not its path."""
    if dataset in CATALOGUE:
        return dataset
    path = Path(dataset)
    return (path.stem if path.suffix.lower() == ".zip" else path.name) or dataset
