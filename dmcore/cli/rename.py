"""`dmcore rename`: another title for a run. Torch is not loaded."""

from dataclasses import dataclass
from typing import Annotated

import tyro

from dmcore.cli.options import RunName, WithRuns


@dataclass(frozen=True, kw_only=True)
class Rename(WithRuns):
    """Give a run another title; its id and folder stay."""

    name: RunName
    """Id of a run under the runs root, or its path."""
    title: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="TITLE")]
    """What to call it; "" calls it by its data set."""

    def run(self) -> int:
        """Write the title; with --json {"run", "title"}."""
        from dmcore.runs.rename import rename_run

        run = rename_run(self.open_run(self.name), self.title)
        self.output.result({"run": run.id, "title": run.description.title})
        self.output.say(f"run {run.id} is called {run.description.title}")
        return 0
