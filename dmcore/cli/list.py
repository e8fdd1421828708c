"""`dmcore runs` and `dmcore datasets`: what is on this machine. Neither loads torch."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dmcore.cli.options import Command, Folder, WithRuns
from dmcore.cli.output import counted, megabytes, table
from dmcore.config.formatting import grouped

if TYPE_CHECKING:
    from dmcore.runs.folder import RunFolder


@dataclass(frozen=True, kw_only=True)
class Runs(WithRuns):
    """List the runs under the runs root, newest first, whoever wrote them."""

    def run(self) -> int:
        """Print a table, or with --json {"runs_root", "runs": [...]}."""
        from dmcore.runs.runs_root import find_runs_root, list_runs, unreadable_runs

        root = find_runs_root(self.runs_root)
        found: list[dict[str, Any]] = []
        left_out = [damaged.sentence for damaged in unreadable_runs(root)]
        for run in list_runs(root):
            try:
                found.append(_facts_of(run))
            except (ValueError, OSError) as damage:  # of one small file, or the run was deleted just now
                left_out.append(str(damage))
        self.output.result({"runs_root": str(root), "runs": found})
        for sentence in left_out:
            self.output.say(f"not listed: {sentence}")
        if not found:
            self.output.say(f"no runs in {root}: `dmcore condense` makes one")
            return 0
        rows = [
            (
                one["run"],
                one["status"],
                _progress(one["iteration"], one["iterations"]),
                ", ".join(one["sets"]),
                one["title"],
            )
            for one in found
        ]
        self.output.say(table(("run", "status", "iterations", "sets", "title"), rows))
        self.output.say(f"{counted(len(rows), 'run')} in {root}")
        return 0


@dataclass(frozen=True, kw_only=True)
class Datasets(Command):
    """List the named data sets, and which of them are on disk."""

    data_root: Folder = None
    """Where named data sets are; left open: DM_DATA, else your cache folder."""

    def run(self) -> int:
        """Print a table, or with --json {"data_root", "datasets": [...]}."""
        from dmcore.data.catalogue import describe_datasets, find_data_root

        root = find_data_root(self.data_root)
        entries = describe_datasets(self.data_root)
        self.output.result(
            {
                "data_root": str(root),
                "datasets": [
                    {
                        "name": one.name,
                        "title": one.title,
                        "shape": list(one.shape),
                        "classes": one.classes,
                        "train_count": one.train_count,
                        "test_count": one.test_count,
                        "on_disk": one.on_disk,
                        "download_bytes": one.download_bytes,
                    }
                    for one in entries
                ],
            }
        )
        rows = [
            (
                one.name,
                "×".join(map(str, one.shape)),
                str(one.classes),
                grouped(one.train_count),
                grouped(one.test_count),
                "on disk" if one.on_disk else f"{megabytes(one.download_bytes)} to download",
            )
            for one in entries
        ]
        self.output.say(table(("name", "image", "classes", "train", "test", "here"), rows))
        self.output.say(f"data root {root}; an image folder or a zip of one goes by its path")
        return 0


def _facts_of(run: "RunFolder") -> dict[str, Any]:
    """A run's entry of the list.

    Raises:
        ValueError: one of its files is damaged.
    """
    error = run.error()
    return {
        "run": run.id,
        "title": run.description.title,
        "status": str(run.status()),
        "iteration": run.iteration(),
        "iterations": run.config and run.config.iterations,
        "sets": list(run.set_names),
        "error": error and error.sentence,
    }


def _progress(done: int, asked: int | None) -> str:
    return grouped(done) if asked is None else f"{grouped(done)} of {grouped(asked)}"
