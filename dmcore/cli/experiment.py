"""`dmcore experiment NAME`: run a table or figure of the paper, print its numbers, write its files."""

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
    """Run a table or figure of the paper with the laptop or paper preset; stored results are reused.

    table1: DM against coresets of real images. table2: instance and batch norm. table3: learned on one
    architecture, tested on others. table4: random and trained embedding networks. figure5: up to large sets.
    figure3: a map of real and synthetic images.
    """

    name: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="{" + ",".join(EXPERIMENTS) + "}")]
    """Table or figure to run."""
    runs: Annotated[str, tyro.conf.arg(metavar="RUN[:NAME],…", help_behavior_hint="(needed by figure3)")] = ""
    """figure3: runs of one data set, a comma list; with :NAME one set of a run, else all of its sets."""
    features: Annotated[str, tyro.conf.arg(metavar="{" + ",".join(FEATURES) + "}")] = "trained"
    """figure3: feature space; trained: the paper's network, trained once on all real images."""
    map: Annotated[str, tyro.conf.arg(metavar="{" + ",".join(MAPS) + "}")] = "tsne"
    """figure3: projection: fixed t-SNE of the real images, two principal components, or the paper's joint
    t-SNE."""
    out: Folder = None
    """Output folder; left open: ./figure3 for figure3, no files for a table."""
    cache_root: Folder = None
    """Cache of trained networks and maps; left open: DM_CACHE, else your cache folder."""

    def run(self) -> int:
        """Run the experiment, write its files, print its numbers."""
        name = one_of("NAME", self.name, EXPERIMENTS)
        self.check_options_of(name)
        if name in TABLES:
            from dmcore.cli.progress import run_and_print_table

            return run_and_print_table(self, name, self.cache_root, self.out)
        return self._run_figure3()

    def _run_figure3(self) -> int:
        features = one_of("features", self.features, FEATURES)
        map_kind = one_of("map", self.map, MAPS)
        run_names = comma_list(self.runs)
        if not run_names:
            raise WrongArgumentsError("--runs: name at least one run; `dmcore runs` lists them")
        from dmcore.experiments.figure3 import Figure3Config, Figure3Progress, figure3
        from dmcore.experiments.figure3_files import as_json, verdicts, write_figure3
        from dmcore.files.cache_root import find_cache_root

        opened = [self.open_sets(run_name) for run_name in run_names]
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
                if isinstance(event, Figure3Progress):
                    bar.set_description(event.step)
                    bar.n = round(100 * event.done)
                    bar.refresh()
        files = write_figure3(event, self.out or Path("figure3"))  # type: ignore[arg-type]
        self.output.print_json({**as_json(event), "files": [str(file) for file in files]})  # type: ignore[arg-type]
        self.output.print(_measures_table(event))
        for number, count, verdict in verdicts(event):  # type: ignore[arg-type]
            self.output.print(f"{number}, {count} per class, condensed against random: {verdict.sentence}")
        self.output.print(f"written: {', '.join(map(str, files))}")
        return 0


def _measures_table(figure: Any) -> str:
    measures = ("coverage", "density", "outliers", "nearest", "spread", "mmd", "mean_distance")
    rows = []
    for row in figure.sets:
        values = {measure.name: measure.value for measure in row.measures}
        cells = ["–" if values[name] is None else f"{values[name]:.3g}" for name in measures]
        rows.append((row.run, row.set, row.method, *cells))
    return table(("run", "set", "images", *measures), rows)
