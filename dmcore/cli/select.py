"""`dmcore select`: select a coreset of real images (a baseline of table 1) as an ordinary run."""

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, get_args

import tyro
from tqdm import tqdm

from dmcore.cli.flags import WrongArgumentsError, check_number, most_of, one_of, shortened
from dmcore.cli.options import WHOLE_NUMBER, Folder, Integer, WithData, WithRuns
from dmcore.config import CondenseConfig, Selection, TrainingConfig
from dmcore.data.catalogue import canonical_name

if TYPE_CHECKING:
    from dmcore.coresets import CoresetSource
    from dmcore.data.images import DataSet

METHODS: tuple[Selection, ...] = get_args(Selection)
UNTRAINED = ("random", "mean_image")
"""Methods that use no trained network."""
MAX_SEED = 2**63


def _default(name: str) -> Any:
    return CondenseConfig.model_fields[name].default


@dataclass(frozen=True, kw_only=True)
class Select(WithRuns, WithData):
    """Select real images of each class (a coreset baseline) as a run, to evaluate and export."""

    method: Annotated[str, tyro.conf.arg(metavar="{" + ",".join(METHODS) + "}")] = "random"
    """Method: random; mean_image (means of pixels, no real images); by the features of a network trained on
    all real images (herding, k_center, k_means: the one nearest to each centre of groups of similar images);
    by its forgetting events (forgetting, least_forgotten). The network is trained once, then cached."""
    dataset: Annotated[str, tyro.conf.arg(metavar="TEXT")] = _default("dataset")
    """Data set to select from: a known name, or the path of an image folder or a zip of one."""
    images_per_class: Annotated[int, WHOLE_NUMBER] = _default("images_per_class")
    """Images to select of each class."""
    seed: Annotated[int, WHOLE_NUMBER] = _default("seed")
    """Every random choice follows from this number, those of the network's training too."""
    epochs: Integer = None
    """Epochs of that training over all real images; left open, a number that takes a laptop minutes."""
    title: Annotated[str, tyro.conf.arg(metavar="TEXT", help_behavior_hint="")] = ""
    """Title of the run; left open: data set, method and number."""
    cache_root: Folder = None
    """Cache of trained networks; left open: DM_CACHE, else your cache folder."""

    def run(self) -> int:
        """Create the run, print its id; with --json {"run", "set", "method", "images_per_class", "seed"}."""
        from dmcore.runs.rename import clean_title

        method = one_of("method", self.method, METHODS)
        self.check_options(method)
        title = clean_title(self.title)
        dataset = self.load(canonical_name(self.dataset))
        from dmcore.coresets import prepare, select
        from dmcore.runs.runs_root import find_runs_root
        from dmcore.runs.selection import create_selected_run

        source = self.source_of(dataset)
        phase = "selecting" if method in UNTRAINED else "training a network on all real images"
        interval = 0.2 if sys.stderr.isatty() else 5.0
        with tqdm(total=100, unit="%", desc=phase, mininterval=interval, leave=False) as bar:
            for event in prepare(method, dataset, self.images_per_class, source):
                bar.update(round(100 * event.fraction) - bar.n)
            bar.set_description("selecting")
            coreset = select(method, dataset, self.images_per_class, self.seed, source)
        run = create_selected_run(find_runs_root(self.runs_root), dataset, [coreset], title)
        self.output.print_json(
            {
                "run": run.id,
                "set": run.set_names[0],
                "method": method,
                "images_per_class": self.images_per_class,
                "seed": self.seed,
            }
        )
        self.output.print(f"run {run.id}")
        self.output.print(f"stored in {run.path}")
        self.output.print(coreset.sentence)
        self.output.print(f"done: `dmcore evaluate {run.id}` measures the accuracy")
        return 0

    def check_options(self, method: Selection) -> None:
        """Check that numbers are in range and that the method can honour the options.

        Raises:
            WrongArgumentsError: names the option.
        """
        most = most_of(CondenseConfig, "images_per_class")
        check_number("images-per-class", self.images_per_class, most)
        check_number("epochs", self.epochs, most_of(TrainingConfig, "epochs"))
        if not 0 <= self.seed < MAX_SEED:
            raise WrongArgumentsError(f"--seed {shortened(self.seed)}: choose 0 to {MAX_SEED - 1}")
        if self.epochs is not None and method in UNTRAINED:
            raise WrongArgumentsError(f"--epochs {self.epochs}: {method} trains no network, leave it out")

    def source_of(self, dataset: "DataSet") -> "CoresetSource":
        """Training on all real images with the requested epochs."""
        from dmcore.coresets import CoresetSource, laptop_source
        from dmcore.files.cache_root import find_cache_root

        default = laptop_source(dataset, find_cache_root(self.cache_root), self.seed)
        if self.epochs is None:
            return default
        training = TrainingConfig.model_validate({**default.training.model_dump(), "epochs": self.epochs})
        return CoresetSource(training, default.cache)
