"""`dmcore runs` and `dmcore datasets`: list the runs and the named data sets on this machine."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dmcore.cli.options import Command, Folder, WithRuns
from dmcore.cli.output import aligned, table
from dmcore.config.formatting import counted, file_size, grouped

if TYPE_CHECKING:
    from dmcore.runs.folder import RunFolder


@dataclass(frozen=True, kw_only=True)
class Runs(WithRuns):
    """List all runs under the runs root, newest first."""

    def run(self) -> int:
        """Print a table, or with --json {"runs_root", "runs": [...]}."""
        from dmcore.runs.runs_root import find_runs_root, read_runs

        root = find_runs_root(self.runs_root)
        readable, unreadable = read_runs(root)
        runs = [_facts_of(run) for run in readable]
        self.output.print_json({"runs_root": str(root), "runs": runs})
        for damaged in unreadable:
            self.output.print(f"not listed: {damaged.sentence}")
        if not runs:
            self.output.print(f"no runs in {root}: `dmcore condense` creates one")
            return 0
        rows = [
            (
                run["run"],
                run["status"],
                _progress(run["iteration"], run["iterations"]),
                ", ".join(run["sets"]),
                run["title"],
            )
            for run in runs
        ]
        head, *lines = aligned([("run", "status", "iterations", "sets", "title"), *rows])
        self.output.print(head)
        for run, line in zip(runs, lines, strict=True):
            self.output.print(line)
            for sentence in run["damage"]:
                self.output.print(f"  {sentence}")
        self.output.print(f"{counted(len(rows), 'run')} in {root}")
        return 0


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


def _facts_of(run: "RunFolder") -> dict[str, Any]:
    """Entry of a run in the list; its event log is not verified here, which would take long."""
    from dmcore.runs.problems import find_damage

    error = run.error()
    return {
        "run": run.id,
        "title": run.description.title,
        "status": str(run.status()),
        "iteration": run.iteration(),
        "iterations": run.config and run.config.iterations,
        "sets": list(run.set_names),
        "error": error and error.sentence,
        "damage": [damage.relative_to(run.path) for damage in find_damage(run, events=False)],
    }


def _progress(done: int, target: int | None) -> str:
    return grouped(done) if target is None else f"{grouped(done)} of {grouped(target)}"
