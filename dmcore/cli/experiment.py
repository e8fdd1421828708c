"""`dmcore experiment NAME`: a table or figure of the paper, with its numbers and its files."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro
from tqdm import tqdm

from dmcore.cli.flags import WrongArgumentsError, comma_list, one_of
from dmcore.cli.options import Folder
from dmcore.cli.output import table
from dmcore.cli.table_options import TABLES, TableOptions

EXPERIMENTS = (*TABLES, "figure3")
FEATURES, MAPS = ("trained", "random", "pixels"), ("tsne", "pca", "joint")


@dataclass(frozen=True, kw_only=True)
class Experiment(TableOptions):
    """Run a table or figure of the paper at laptop or paper scale; what is known is not computed again.

    table1: DM beside selections of real images. table2: instance and batch norm. table3: learned on one
    architecture, tested on others. table4: with random and with trained networks. figure5: up to large sets.
    figure3: a map of real and synthetic images.
    """

    name: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="{" + ",".join(EXPERIMENTS) + "}")]
    """Which one."""
    runs: Annotated[str, tyro.conf.arg(metavar="RUN[:NAME],…", help_behavior_hint="(needed by figure3)")] = ""
    """figure3: runs of one data set, a comma list; with :NAME one set of a run, else all of its sets."""
    features: Annotated[str, tyro.conf.arg(metavar="{" + ",".join(FEATURES) + "}")] = "trained"
    """figure3: where images are compared; the paper's network is trained on all real images (once)."""
    map: Annotated[str, tyro.conf.arg(metavar="{" + ",".join(MAPS) + "}")] = "tsne"
    """figure3: a still t-SNE of the real images, two principal components, or the paper's joint t-SNE."""
    out: Folder = None
    """Where the files go; left open: figure3 in the current folder, no files of a table."""
    cache_root: Folder = None
    """Where trained networks and maps are kept; left open: DM_CACHE, else your cache folder."""

    def run(self) -> int:
        """Do it, write the files, print the numbers."""
        name = one_of("NAME", self.name, EXPERIMENTS)
        self.refuse_foreign(name)
        if name in TABLES:
            from dmcore.cli.progress import run_table

            return run_table(self, name, self.cache_root, self.out)
        return self._draw()

    def _draw(self) -> int:
        features = one_of("features", self.features, FEATURES)
        map_kind = one_of("map", self.map, MAPS)
        asked = comma_list(self.runs)
        if not asked:
            raise WrongArgumentsError("--runs: name at least one run; `dmcore runs` lists them")
        from dmcore.experiments.figure3 import Doing, Figure3Config, figure3
        from dmcore.experiments.figure3_files import as_json, verdicts, write_figure3
        from dmcore.files.cache_root import find_cache_root

        opened = [self.open_sets(one) for one in asked]
        names = {run.description.data.name for run, _ in opened}
        if len(names) > 1:
            raise WrongArgumentsError(
                f"--runs: these are of several data sets ({', '.join(sorted(names))}): one map shows one"
            )
        if names == {""}:
            raise WrongArgumentsError("--runs: the run does not say which real images it was learned from")
        dataset = self.load(names.pop())
        config = Figure3Config.model_validate({"features": features, "map": map_kind})
        with tqdm(total=100, unit="%", file=sys.stderr, leave=False) as bar:
            for event in figure3(opened, dataset, config, find_cache_root(self.cache_root)):
                if isinstance(event, Doing):
                    bar.set_description(event.what)
                    bar.n = round(100 * event.done)
                    bar.refresh()
        files = write_figure3(event, self.out or Path("figure3"))  # type: ignore[arg-type]
        self.output.result({**as_json(event), "files": [str(one) for one in files]})  # type: ignore[arg-type]
        self.output.say(_numbers(event))
        for number, count, found in verdicts(event):  # type: ignore[arg-type]
            self.output.say(f"{number}, {count} per class, condensed against random: {found.sentence}")
        self.output.say(f"written: {', '.join(map(str, files))}")
        return 0


def _numbers(figure: Any) -> str:
    shown = ("coverage", "density", "outliers", "nearest", "spread", "mmd", "mean_distance")
    rows = []
    for one in figure.shown:
        values = {measure.name: measure.value for measure in one.measures}
        cells = ["–" if values[name] is None else f"{values[name]:.3g}" for name in shown]
        rows.append((one.run, one.set, one.method, *cells))
    return table(("run", "set", "images", *shown), rows)
