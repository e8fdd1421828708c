"""`dmcore rename` and `dmcore tag`: change the title of a run, and its tags."""

from dataclasses import dataclass
from typing import Annotated

import tyro

from dmcore.cli.flags import WrongArgumentsError, comma_list
from dmcore.cli.options import RunName, Text, WithRuns


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


@dataclass(frozen=True, kw_only=True)
class Tag(WithRuns):
    """Give a run tags, or take tags from it, to find it again by."""

    name: RunName
    """Id of a run under the runs root, its path, or latest."""
    tags: Annotated[
        tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="[TAG …]", help_behavior_hint="")
    ] = ()
    """Tags to add, one word each; left out, the run's tags are printed."""
    remove: Text = None
    """Tags to take away, a comma list."""

    def run(self) -> int:
        """Change the tags and print them; with --json {"run", "tag"}."""
        from dmcore.runs.collection.tags import change_tags, sound_tags

        removed = comma_list(self.remove or "")
        if self.remove is not None and not removed:
            raise WrongArgumentsError("--remove: name at least one tag, or leave the option out")
        run = self.open_run(self.name)
        added = [tag.removeprefix("+") for tag in self.tags]
        tags = change_tags(run, added, removed) if added or removed else sound_tags(run)
        self.output.print_json({"run": run.id, "tag": list(tags)})
        self.output.print(f"run {run.id} has {'the tags ' + ', '.join(tags) if tags else 'no tags'}")
        return 0
