"""`dmcore select`: real images that stand for a data set, by a baseline's rule, as an ordinary run."""

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, get_args

import tyro
from tqdm import tqdm

from dmcore.cli.flags import WrongArgumentsError, one_of
from dmcore.cli.options import Folder, Integer, WithData, WithRuns, lasting_name
from dmcore.config import CondenseConfig, Selection, TrainingConfig

if TYPE_CHECKING:
    from dmcore.coresets import Source
    from dmcore.data.images import DataSet

METHODS: tuple[Selection, ...] = get_args(Selection)
UNTRAINED = ("random", "mean_image")
"""Methods that look through no trained network."""
MOST_SEED = 2**63


def _default(name: str) -> Any:
    return CondenseConfig.model_fields[name].default


@dataclass(frozen=True, kw_only=True)
class Select(WithRuns, WithData):
    """Select real images of each class, to compare a condensed set with: a run to evaluate and export."""

    method: Annotated[str, tyro.conf.arg(metavar="{" + ",".join(METHODS) + "}")] = "random"
    """How: a draw; means of pixels (no real images); by the features of a network trained on all real images
    (herding, k_center); by what it forgot (forgetting, least_forgotten). It is trained once, then kept."""
    dataset: Annotated[str, tyro.conf.arg(metavar="TEXT")] = _default("dataset")
    """Data set to select from: a known name, or the path of an image folder or a zip of one."""
    images_per_class: Annotated[int, tyro.conf.arg(metavar="INT")] = _default("images_per_class")
    """Images to select of each class."""
    seed: Annotated[int, tyro.conf.arg(metavar="INT")] = _default("seed")
    """Every random choice follows from this number, those of the network's training too."""
    epochs: Integer = None
    """Passes of that training over all real images; left open, what a laptop does in minutes."""
    title: Annotated[str, tyro.conf.arg(metavar="TEXT", help_behavior_hint="")] = ""
    """What to call the run; left open: data set, method and number."""
    cache_root: Folder = None
    """Where trained networks are kept; left open: DM_CACHE, else your cache folder."""

    def run(self) -> int:
        """Make the run and print its id; with --json {"run", "set", "method", "images_per_class", "seed"}."""
        method = one_of("method", self.method, METHODS)
        self.refuse_unfitting(method)
        dataset = self.load(lasting_name(self.dataset))
        from dmcore.coresets import prepare, select
        from dmcore.runs.runs_root import find_runs_root
        from dmcore.runs.selection import create_selected_run

        source = self.source_of(dataset)
        what = "selecting" if method in UNTRAINED else "training a network on all real images"
        interval = 0.2 if sys.stderr.isatty() else 5.0
        with tqdm(total=100, unit="%", desc=what, mininterval=interval, leave=False) as bar:
            for event in prepare(method, dataset, self.images_per_class, source):
                bar.update(round(100 * event.fraction) - bar.n)
            bar.set_description("selecting")
            coreset = select(method, dataset, self.images_per_class, self.seed, source)
        run = create_selected_run(find_runs_root(self.runs_root), dataset, [coreset], self.title)
        self.output.result(
            {
                "run": run.id,
                "set": run.set_names[0],
                "method": method,
                "images_per_class": self.images_per_class,
                "seed": self.seed,
            }
        )
        self.output.say(f"run {run.id}")
        self.output.say(f"kept in {run.path}")
        self.output.say(coreset.sentence)
        self.output.say(f"done: `dmcore evaluate {run.id}` says how good they are")
        return 0

    def refuse_unfitting(self, method: Selection) -> None:
        """Refuse numbers out of range, and options that the method cannot honour.

        Raises:
            WrongArgumentsError: names the option.
        """
        if self.images_per_class < 1:
            raise WrongArgumentsError(f"--images-per-class {self.images_per_class}: must be at least 1")
        if not 0 <= self.seed < MOST_SEED:
            raise WrongArgumentsError(f"--seed {self.seed}: choose 0 to {MOST_SEED - 1}")
        if self.epochs is not None and method in UNTRAINED:
            raise WrongArgumentsError(f"--epochs {self.epochs}: {method} trains no network, leave it out")
        if self.epochs is not None and self.epochs < 1:
            raise WrongArgumentsError(f"--epochs {self.epochs}: must be at least 1")

    def source_of(self, dataset: "DataSet") -> "Source":
        """The training on all real images that was asked for."""
        from dmcore.coresets import Source, laptop_source
        from dmcore.files.cache_root import find_cache_root

        usual = laptop_source(dataset, find_cache_root(self.cache_root), self.seed)
        if self.epochs is None:
            return usual
        training = TrainingConfig.model_validate({**usual.training.model_dump(), "epochs": self.epochs})
        return Source(training, usual.cache)
