"""`dmcore rename`: change the title of a run."""

from dataclasses import dataclass
from typing import Annotated

import tyro

from dmcore.cli.options import RunName, WithRuns


@dataclass(frozen=True, kw_only=True)
class Rename(WithRuns):
    """Change the title of a run; its id and folder stay."""

    name: RunName
    """Id of a run under the runs root, its path, or latest."""
    title: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="TITLE")]
    """New title; "" stands for the title of its data set."""

    def run(self) -> int:
        """Write the title; with --json {"run", "title"}."""
        from dmcore.runs.rename import rename_run

        run = rename_run(self.open_run(self.name), self.title)
        self.output.print_json({"run": run.id, "title": run.description.title})
        self.output.print(f"run {run.id} is now titled {run.description.title}")
        return 0
