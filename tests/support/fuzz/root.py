"""The folders that are fuzzed: seven small runs and their cache, made once and copied for each mutation.

Every kind of file that a run folder or the cache of tables can hold is there at least once.
"""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import SimpleNamespace

from dmcore.cli import main
from dmcore.config import CondenseConfig, EvaluateConfig, PoolConfig, SetChange
from dmcore.data.load import load_dataset
from dmcore.execution.plan import make_plan
from dmcore.runs import recorder
from dmcore.runs.creation import create_run
from dmcore.runs.folder import RunFolder
from dmcore.runs.recorder import record
from dmcore.runs.results.evaluation import evaluate_run
from dmcore.runs.results.online_evaluation_time import OnlineEvaluationTime, write_online_evaluation_time
from dmcore.runs.results.prediction import write_prediction
from dmcore.runs.runs_root import list_runs
from dmcore.training.network_pool import build_pool

RUNS, CACHE, LABELS = "runs", "cache", "labels.json"
HEALTHY = "healthy"
"""The run that no mutation touches: whatever happens to the others, it stays visible and unchanged."""
SMALL = CondenseConfig(dataset="digits", images_per_class=1, width=4, depth=2, real_batch=8, iterations=12)
TINY_POOL = PoolConfig(width=4, depth=2, pool_steps=10)
TABLE = ("experiment", "table1", "--dataset", "digits", "--images-per-class", "1", "--methods", "random,dm")
TABLE_SIZES = ("--seeds", "1", "--repeats", "1", "--epochs", "1", "--iterations", "2", "--width", "4")
TABLE_COMMAND = (*TABLE, *TABLE_SIZES, "--real-batch", "8", "--threads", "1")

KINDS = (
    ("", r"runs/tables/.*\.lock|cache/.*lock"),
    ("table", r"runs/tables/.*"),
    ("tested network", r"cache/cells/.*"),
    ("pool index", r"cache/.*index\.json"),
    ("pool network", r"cache/.*pool.*\.safetensors"),
    ("set.json", r"runs/[^/]+/sets/[^/]+/set\.json"),
    ("snapshot", r"runs/[^/]+/sets/[^/]+/snapshots/.*"),
    ("checkpoint", r"runs/[^/]+/checkpoints/.*"),
    ("evaluation", r"runs/[^/]+/results/.*"),
    ("lock", r"runs/[^/]+/(.*\.lock|lock)"),
    ("", r"cache/.*"),
)
"""Kind of a file by its path, empty: not damaged. Other files of a run are a kind of their own name."""


@dataclass(frozen=True)
class FuzzedFile:
    """A file that can be damaged."""

    kind: str
    run: str
    """Label of its run; empty for a file of the cache."""
    path: Path
    """Relative to the folder of the template."""


class FuzzedRoot:
    """A runs root with its cache, the template or a copy of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ids: dict[str, str] = json.loads((folder / LABELS).read_text(encoding="utf-8"))

    @property
    def runs(self) -> Path:
        """The runs root."""
        return self.folder / RUNS

    @property
    def cache(self) -> Path:
        """The cache folder."""
        return self.folder / CACHE

    def path_of(self, label: str) -> Path:
        """Folder of the run with this label."""
        return self.runs / self.ids[label]

    def files(self) -> list[FuzzedFile]:
        """All files that can be damaged, in a fixed order: ids differ from one template to another."""
        label_of = {run_id: label for label, run_id in self.ids.items()}
        found = []
        for path in self.folder.rglob("*"):
            relative = path.relative_to(self.folder)
            parts = relative.parts
            label = label_of.get(parts[1], "") if len(parts) > 1 else ""
            if path.is_dir() or relative.name == LABELS or label == HEALTHY:
                continue
            kind = next((kind for kind, form in KINDS if re.fullmatch(form, relative.as_posix())), path.name)
            if kind:
                found.append(FuzzedFile(kind, label, relative))
        return sorted(found, key=lambda file: (file.kind, file.run, _without_id(file.path)))

    def copy_to(self, folder: Path) -> "FuzzedRoot":
        """Copy everything, with the times of change."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return FuzzedRoot(folder)


def _without_id(path: Path) -> str:
    """Path without what is drawn by chance: the id of the run, and dates and endings of result files."""
    return re.sub(r"\d{8}-\d{6}-|-[0-9a-f]{6}\.json$|-[0-9a-z]{4}/", "", path.as_posix())


def make_root(folder: Path) -> FuzzedRoot:
    """Make the runs and their cache in an empty folder."""
    os.environ["DM_RUNS"], os.environ["DM_CACHE"] = str(folder / RUNS), str(folder / CACHE)
    runs = folder / RUNS
    ids = {
        "stopped": _condensed(
            runs, SMALL.model_copy(update={"sets": (SetChange(), SetChange(init="noise"))}), 8
        ),
        "finished": _condensed(runs, SMALL.model_copy(update={"images_per_class": 2, "iterations": 6})),
        "pooled": _pooled(folder),
        HEALTHY: _condensed(runs, SMALL.model_copy(update={"iterations": 4, "seed": 3})),
    }
    for label in ("stopped", "finished", HEALTHY):
        _evaluate(RunFolder(runs / ids[label]))
    for label in ("stopped", "finished"):
        _add_small_files(RunFolder(runs / ids[label]))
    exported = folder / "exported"
    command("export", ids["finished"], "--format", "npz", "--to", str(exported))
    (file,) = exported.glob("*.npz")
    ids["imported"] = _newest(runs, ids, "import", str(file))
    shutil.rmtree(exported)
    selecting = ("--method", "random", "--dataset", "digits", "--images-per-class", "1")
    ids["selected"] = _newest(runs, ids, "select", *selecting)
    before = set(ids.values())
    command(*TABLE_COMMAND)
    ids |= {f"table {run.description.origin}": run.id for run in list_runs(runs) if run.id not in before}
    (folder / LABELS).write_text(json.dumps(ids), encoding="utf-8")
    return FuzzedRoot(folder)


def command(*arguments: str) -> str:
    """Run one command line that must succeed; its output."""
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        code = main(arguments)
    assert code == 0, out.getvalue()
    return out.getvalue()


def _newest(runs: Path, known: dict[str, str], *arguments: str) -> str:
    command(*arguments)
    (new,) = {path.name for path in runs.iterdir()} - set(known.values())
    return new


def _condensed(runs: Path, config: CondenseConfig, steps: int | None = None) -> str:
    """Record a run, to its end or stopped after some steps, with two checkpoints; its id."""
    dataset = load_dataset(config.dataset)
    run = create_run(runs, config, dataset, make_plan(config, dataset.shape, 10, "cpu", 1), "A run")
    before = recorder.CHECKPOINT_SECONDS, recorder.CHECKPOINT_SHARE, recorder.time
    recorder.CHECKPOINT_SECONDS, recorder.CHECKPOINT_SHARE = 0.0, 1e6
    recorder.time = SimpleNamespace(perf_counter=count(step=0.125).__next__)  # the same events each time
    try:
        steps_of = record(run, dataset)
        for step in steps_of:
            if step.iteration == steps:
                break
        steps_of.close()
    finally:
        recorder.CHECKPOINT_SECONDS, recorder.CHECKPOINT_SHARE, recorder.time = before
    return run.id


def _pooled(folder: Path) -> str:
    """A killed run that draws from a pool, with an error, a dead owner and more than its checkpoint."""
    dataset = load_dataset("digits")
    for _ in build_pool(dataset, TINY_POOL, 2, folder / CACHE, make_plan(SMALL, dataset.shape, 10, "cpu", 1)):
        pass
    values = {**SMALL.model_dump(), **TINY_POOL.model_dump(), "pool_networks": 2, "source": "all"}
    run_id = _condensed(folder / RUNS, CondenseConfig.model_validate({**values, "iterations": 6}), 4)
    path = folder / RUNS / run_id
    (path / "checkpoints" / "0000004.safetensors").unlink()
    failed = {"sentence": "it failed", "remedy": "resume it", "iteration": 3, "kind": "memory"}
    (path / "error.json").write_text(json.dumps(failed), encoding="utf-8")
    with subprocess.Popen([sys.executable, "-c", ""]) as killed:
        pass
    owner = {"pid": killed.pid, "process_started": 1.0, "host": os.uname().nodename}
    owner |= {"state": "running", "since": "2026-01-01T00:00:00"}
    (path / "owner.json").write_text(json.dumps(owner), encoding="utf-8")
    return run_id


def _evaluate(run: RunFolder) -> None:
    dataset = load_dataset("digits")
    protocol = EvaluateConfig(epochs=1, repeats=2)
    for kind in ("condensed", "random_real"):
        for _ in evaluate_run(run, run.set_names[0], dataset, protocol, kind=kind):  # type: ignore[arg-type]
            pass


def _add_small_files(run: RunFolder) -> None:
    write_online_evaluation_time(run, OnlineEvaluationTime(share=0.2, seconds=1.0, of_seconds=10.0))
    write_prediction(run, 50.0)
    for name in ("lock", "run.json.lock"):
        (run.path / name).touch()
