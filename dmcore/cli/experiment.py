"""`dmcore experiment NAME`: run a table or figure of the paper, print its numbers, write its files.

Torch is not needed: options are listed by `--help`, and a complete table is printed without it.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import tyro
from tqdm import tqdm

from dmcore.cli.flags import WrongArgumentsError, config_of, one_of, with_flags
from dmcore.cli.options import Folder, Minutes, WithData, WithDevice, WithRuns
from dmcore.cli.output import table
from dmcore.config import FrozenModel
from dmcore.config.formatting import joined
from dmcore.experiments.figure3.config import Figure3Config
from dmcore.experiments.figure4.config import Figure4Config
from dmcore.experiments.registry import EXPERIMENTS
from dmcore.experiments.table_config import TableConfig

TABLES = {name: config for name, config in EXPERIMENTS.items() if config.has_command}
CONFIGS: Mapping[str, type[FrozenModel]] = {
    **TABLES,
    "figure3": Figure3Config,
    Figure4Config.name: Figure4Config,
}
COMPUTING = (*TABLES, Figure4Config.name)
OWNERS = {"device": COMPUTING, "threads": COMPUTING, "minutes": tuple(TABLES)} | {
    field: tuple(name for name, config in CONFIGS.items() if field in config.model_fields)
    for config in CONFIGS.values()
    for field in config.model_fields
}
"""Experiments that have an option, by its name; other options are of all."""


@dataclass(frozen=True, kw_only=True)
class ExperimentOptions(WithRuns, WithData, WithDevice):
    """Run a table or figure of the paper with the laptop or paper preset; stored results are reused.

    Options of a table that are left open are the preset's.
    """

    name: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="{" + ",".join(CONFIGS) + "}")]
    """Table or figure to run."""
    minutes: Minutes = None
    """Time for what is missing: sizes that are left open are chosen for it, and printed."""
    out: Folder = None
    """Output folder; left open: ./figure3 for figure3, no files for the others."""
    cache_root: Folder = None
    """Cache of trained networks and maps; left open: DM_CACHE, else your cache folder."""

    def run(self) -> int:
        """Run the experiment, write its files, print its numbers."""
        name = one_of("NAME", self.name, CONFIGS)
        self.check_options_of(name)
        if name in TABLES:
            from dmcore.cli.progress import run_and_print_table

            return run_and_print_table(self, config_of(self, TABLES[name]), self.cache_root, self.out)
        if name == Figure4Config.name:
            from dmcore.cli.race import run_and_print_race

            return run_and_print_race(self, config_of(self, Figure4Config), self.out)
        return self._run_figure3(config_of(self, Figure3Config))

    def check_options_of(self, name: str) -> None:
        """Check that all options given belong to the experiment.

        Raises:
            WrongArgumentsError: names the first that does not, and the experiments that have it.
        """
        for option in fields(self):
            owners = OWNERS.get(option.name, (name,))
            if name not in owners and getattr(self, option.name) != option.default:
                flag = option.name.replace("_", "-")
                belongs = f"{joined(owners)} {'has' if len(owners) == 1 else 'have'}"
                raise WrongArgumentsError(f"--{flag}: {name} has no such option, {belongs}")

    def _run_figure3(self, config: Figure3Config) -> int:
        if not config.runs:
            raise WrongArgumentsError("--runs: name at least one run; `dmcore runs` lists them")
        from dmcore.experiments.figure3.files import as_json, verdict_text, verdicts, write_figure3
        from dmcore.experiments.figure3.projection import Figure3Progress, figure3
        from dmcore.files.cache_root import find_cache_root

        opened = [self.open_sets(run_name) for run_name in config.runs]
        names = {run.description.data.name for run, _ in opened}
        if len(names) > 1:
            raise WrongArgumentsError(
                f"--runs: these are of several data sets ({', '.join(sorted(names))}): one map shows one"
            )
        if names == {""}:
            raise WrongArgumentsError("--runs: the run does not say which real images it was learned from")
        dataset = self.load(names.pop())
        with tqdm(total=100, unit="%", file=sys.stderr, leave=False) as bar:
            for event in figure3(opened, dataset, config, find_cache_root(self.cache_root)):
                if isinstance(event, Figure3Progress):
                    bar.set_description(event.step)
                    bar.n = round(100 * event.done)
                    bar.refresh()
        files = write_figure3(event, self.out or Path("figure3"))  # type: ignore[arg-type]
        self.output.print_json({**as_json(event), "files": [str(file) for file in files]})  # type: ignore[arg-type]
        self.output.print(_measures_table(event))
        for each in verdicts(event):  # type: ignore[arg-type]
            self.output.print(f"{each.subject}: {verdict_text(each.verdict)}")
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


Experiment = with_flags(
    ExperimentOptions,
    TableConfig,
    *CONFIGS.values(),
    belongs_to={
        name: "Tables" if owners == tuple(TABLES) else ", ".join(owners) for name, owners in OWNERS.items()
    },
)
Experiment.__doc__ = " ".join(
    (
        str(ExperimentOptions.__doc__).rstrip(),
        *(
            f"{name}: {str(config.__doc__).splitlines()[0].partition(': ')[2]}"
            for name, config in CONFIGS.items()
        ),
    )
)
