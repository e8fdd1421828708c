"""`dmcore delete`: delete runs by their names, or all that a filter finds."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from dmcore.cli.flags import WrongArgumentsError, config_of, with_flags
from dmcore.cli.options import Switch, WithRuns
from dmcore.config.command_line import LATEST
from dmcore.config.formatting import counted, file_size
from dmcore.runs.collection.filter import RunFilter

if TYPE_CHECKING:
    from dmcore.runs.collection.deletion import Deletion
    from dmcore.runs.folder import RunFolder

FLAGS = ", ".join(f"--{name.replace('_', '-')}" for name in RunFilter.model_fields)


@dataclass(frozen=True, kw_only=True)
class DeleteOptions(WithRuns):
    """Delete runs, by name or all that a filter finds, with everything in them; asks first."""

    names: Annotated[
        tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="[RUN …]", help_behavior_hint="")
    ] = ()
    """Ids of runs under the runs root, their paths, or latest; left out, the filter says which."""
    dry_run: Switch = False
    """Say what would be deleted and what that would free, and change nothing."""
    yes: Switch = False
    """Delete without asking; needed where there is no terminal to ask on."""

    def run(self) -> int:
        """Delete the runs; 1 if one of them stays, or if the answer is no; 0 for a dry run.

        With --json {"runs_root", "deleted", "runs": [{"run", "title", "bytes"}],
        "kept": [{"run", "reason"}], "bytes"}; `deleted` is false where nothing was to be changed.
        """
        from dmcore.runs.collection.deletion import delete_runs, plan_deletion
        from dmcore.runs.runs_root import find_runs_root

        root = find_runs_root(self.runs_root)
        planned = plan_deletion(self._chosen(root))
        if self.names and planned.kept:
            raise ValueError(f"nothing was deleted: {planned.kept[0].reason}")
        for sized in planned.runs:
            self.output.print(f"{sized.run.id}  {file_size(sized.bytes)}  {sized.title}".rstrip())
        is_to_delete = bool(planned.runs) and not self.dry_run and self._is_confirmed(planned)
        done = delete_runs(planned) if is_to_delete else planned
        for kept in done.kept:
            self.output.print(f"not deleted: {kept.reason}")
        self._print(root, done, is_deleted=is_to_delete)
        is_refused = bool(planned.runs) and not is_to_delete
        return int(not self.dry_run and (is_refused or bool(done.kept)))

    def _chosen(self, root: Path) -> "list[RunFolder]":
        """Runs that are named, each once, or that the filter finds.

        Raises:
            WrongArgumentsError: neither, or both.
            ValueError: no such run, or a recorded one.
        """
        from dmcore.runs.runs_root import list_runs

        run_filter = config_of(self, RunFilter)
        if bool(self.names) == run_filter.is_set:
            choice = "not both" if self.names else "one of them is needed"
            raise WrongArgumentsError(f"name runs, or choose them by {FLAGS}: {choice}")
        if not self.names:
            return run_filter.select(list_runs(root))
        named = [self._find(name, root) for name in self.names]
        # A link and the run it leads to are two things to delete, a run by way of a linked folder is one.
        return list({(os.path.realpath(run.path.parent), run.id): run for run in named}.values())

    def _find(self, name: str, root: Path) -> "RunFolder":
        from dmcore.experiments.gallery.recorded import recorded_root
        from dmcore.runs.collection.deletion import find_deletable
        from dmcore.runs.lock import refuse_packed
        from dmcore.runs.runs_root import own_runs

        if name == LATEST and (runs := own_runs(root)):
            return runs[0]
        try:
            return find_deletable(name, root)
        except ValueError:
            if Path(name).name == name:
                refuse_packed(recorded_root() / name)
            raise

    def _is_confirmed(self, planned: "Deletion") -> bool:
        """Ask on the terminal, unless that was answered before.

        Raises:
            WrongArgumentsError: there is no terminal.
        """
        if self.yes:
            return True
        if not sys.stdin.isatty():
            raise WrongArgumentsError(
                "there is no terminal to ask on: add --yes, or --dry-run to see what would be deleted"
            )
        runs = counted(len(planned.runs), "run")
        question = f"Delete {runs}, {file_size(planned.bytes)}? This cannot be undone. [y/N] "
        print(question, end="", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip().casefold() in ("y", "yes")

    def _print(self, root: Path, deletion: "Deletion", *, is_deleted: bool) -> None:
        self.output.print_json(
            {
                "runs_root": str(root),
                "deleted": is_deleted,
                "runs": [
                    {"run": sized.run.id, "title": sized.title, "bytes": sized.bytes}
                    for sized in deletion.runs
                ],
                "kept": [{"run": kept.run.id, "reason": kept.reason} for kept in deletion.kept],
                "bytes": deletion.bytes,
            }
        )
        runs, size = counted(len(deletion.runs), "run"), file_size(deletion.bytes)
        if is_deleted:
            self.output.print(f"deleted {runs}, {size} are free again")
        elif self.dry_run and deletion.runs:
            self.output.print(f"would delete {runs} and free {size}; nothing was changed")
        else:
            why = "" if deletion.runs or deletion.kept else f": no run in {root} is like that"
            self.output.print(f"nothing was deleted{why}")


Delete = with_flags(DeleteOptions, RunFilter, hints=dict.fromkeys(RunFilter.model_fields, ""))
