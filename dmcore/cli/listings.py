"""`dmcore runs` and `dmcore datasets`: list the runs and the named data sets on this machine."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dmcore.cli.flags import config_of, with_flags
from dmcore.cli.options import Command, Folder, WithRuns
from dmcore.cli.output import aligned, table
from dmcore.config.formatting import counted, file_size, grouped
from dmcore.runs.collection import facts
from dmcore.runs.collection.filter import RunFilter, RunOrder
from dmcore.runs.collection.tags import read_tags

if TYPE_CHECKING:
    from dmcore.runs.folder import RunFolder


@dataclass(frozen=True, kw_only=True)
class RunsOptions(WithRuns):
    """List the runs under the runs root, newest first: all, or those that a filter finds."""

    def run(self) -> int:
        """Print a table, or with --json {"runs_root", "filter", "runs": [...]}, keys named as flags."""
        from dmcore.runs.runs_root import find_runs_root, read_runs

        run_filter, order = config_of(self, RunFilter), config_of(self, RunOrder)
        root = find_runs_root(self.runs_root)
        readable, unreadable = read_runs(root)
        found = order.arrange(run_filter.select(readable))
        runs = [_facts_of(run, is_complete=self.json) for run in found]
        wanted = {**run_filter.model_dump(mode="json", exclude_unset=True), **order.model_dump()}
        self.output.print_json({"runs_root": str(root), "filter": wanted, "runs": runs})
        for damaged in unreadable:
            self.output.print(f"not listed: {damaged.sentence}")
        if not readable:
            self.output.print(f"no runs in {root}: `dmcore condense` creates one")
            return 0
        if not runs:
            self.output.print(f"none of the {counted(len(readable), 'run')} in {root} is like that")
            return 0
        self._print_table(runs)
        listed = counted(len(runs), "run")
        of_all = (
            f"{listed} in {root}" if len(runs) == len(readable) else f"{listed} of {len(readable)} in {root}"
        )
        self.output.print(of_all)
        return 0

    def _print_table(self, runs: list[dict[str, Any]]) -> None:
        """Print a line for each run, and below it a line for each damaged file."""
        rows = [
            (
                run["run"],
                run["status"],
                _progress(run["iteration"], run["iterations"]),
                ", ".join(run["sets"]),
                f"{run['title']}{''.join(f' #{tag}' for tag in run['tag'])}",
            )
            for run in runs
        ]
        head, *lines = aligned([("run", "status", "iterations", "sets", "title"), *rows])
        self.output.print(head)
        for run, line in zip(runs, lines, strict=True):
            self.output.print(line)
            for sentence in run["damage"]:
                self.output.print(f"  {sentence}")


Runs = with_flags(
    *(RunsOptions, RunFilter, RunOrder),
    hints=dict.fromkeys((*RunFilter.model_fields, "limit"), ""),
)


@dataclass(frozen=True, kw_only=True)
class Datasets(Command):
    """List the named data sets and which of them are on disk."""

    data_root: Folder = None
    """Folder of named data sets; left open: DM_DATA, else your cache folder."""

    def run(self) -> int:
        """Print a table, or with --json {"data_root", "datasets": [...]}."""
        from dmcore.data.catalogue import describe_datasets, find_data_root

        root = find_data_root(self.data_root)
        entries = describe_datasets(self.data_root)
        self.output.print_json(
            {
                "data_root": str(root),
                "datasets": [
                    {
                        "name": entry.name,
                        "title": entry.title,
                        "shape": list(entry.shape),
                        "classes": entry.classes,
                        "train_count": entry.train_count,
                        "test_count": entry.test_count,
                        "on_disk": entry.on_disk,
                        "download_bytes": entry.download_bytes,
                    }
                    for entry in entries
                ],
            }
        )
        rows = [
            (
                entry.name,
                "×".join(map(str, entry.shape)),
                str(entry.classes),
                grouped(entry.train_count),
                grouped(entry.test_count),
                "on disk" if entry.on_disk else f"{file_size(entry.download_bytes)} to download",
            )
            for entry in entries
        ]
        self.output.print(table(("name", "image", "classes", "train", "test", "here"), rows))
        self.output.print(f"data root {root}; an image folder or a zip of one goes by its path")
        return 0


def _facts_of(run: "RunFolder", *, is_complete: bool) -> dict[str, Any]:
    """Entry of a run in the list; its event log is not verified here, which would take long.

    Args:
        run: the run.
        is_complete: whether with the facts that are read from many files, which the table does not show.
    """
    from dmcore.runs.problems import find_damage

    error = run.error()
    described = {
        "run": run.id,
        "title": run.description.title,
        "status": str(run.status()),
        "iteration": run.iteration(),
        "iterations": run.config and run.config.iterations,
        "sets": list(run.set_names),
        "error": error and error.sentence,
        "damage": [damage.relative_to(run.path) for damage in find_damage(run, events=False)],
        "tag": list(read_tags(run)),
    }
    if not is_complete:
        return described
    return described | {
        "dataset": run.description.data.name,
        "method": list(facts.methods(run)),
        "images_per_class": list(facts.images_per_class(run)),
        "made_by": facts.made_by(run),
        "created": run.description.created,
        "accuracy": facts.best_accuracy(run),
        "loss": facts.last_loss(run),
        "bytes": facts.size_on_disk(run.path),
    }


def _progress(done: int, target: int | None) -> str:
    return grouped(done) if target is None else f"{grouped(done)} of {grouped(target)}"
