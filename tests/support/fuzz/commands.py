"""Targets of the command line: each runs one `dmcore` command in this process and gathers its outcome."""

import io
import json
import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from dmcore.cli import main
from dmcore.cli.commands import COMMANDS
from dmcore.runs.results import evaluation
from support.fuzz.outcome import Outcome, digest, facts_of_resumed, files_in, plain, snapshots_of
from support.fuzz.root import HEALTHY, TABLE_COMMAND, FuzzedRoot

EXPORTS = ("npz", "safetensors", "pt", "png", "imagefolder", "gif", "before-after")
EXTENDED = 8
"""Iterations that a finished run is extended to."""
Target = Callable[[FuzzedRoot, str, int], Outcome]
"""Root, label of the damaged run, number of the variant of the command or the address."""


@contextmanager
def environment(root: FuzzedRoot) -> Iterator[None]:
    """The runs root and the cache of this root as those of the process."""
    os.environ["DM_RUNS"], os.environ["DM_CACHE"] = str(root.runs), str(root.cache)
    yield


def run_command(root: FuzzedRoot, *arguments: str) -> tuple[int, str, str, str]:
    """Exit code, output, errors, and the traceback of what escapes `main`."""
    out, err, raised = io.StringIO(), io.StringIO(), ""
    code: int
    with environment(root), redirect_stdout(out), redirect_stderr(err):
        try:
            code = main(arguments)
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        except Exception:  # noqa: BLE001 - what escapes is what is looked for
            code, raised = 1, traceback.format_exc()
    text = out.getvalue() + err.getvalue()
    if not raised and "Traceback (most recent call last)" in text:
        raised = text
    return code, out.getvalue(), err.getvalue(), raised


def _outcome(
    root: FuzzedRoot, done: tuple[int, str, str, str], facts: dict[str, Any], **more: Any
) -> Outcome:
    code, out, err, raised = done
    sentences = err if out.startswith("{") else out + err  # JSON is no sentence
    return Outcome(code, plain(sentences, root.folder), facts if code == 0 else {}, raised, **more)


def list_runs(root: FuzzedRoot, label: str, variant: int) -> Outcome:
    """`dmcore runs`: what it says of every run but its size; titles may be changed by hand."""
    done = run_command(root, "runs", "--json")
    listed = {}
    if done[0] == 0:
        for entry in json.loads(done[1])["runs"]:
            listed[entry["run"]] = {
                key: value for key, value in entry.items() if key not in ("title", "bytes")
            }
    healthy = listed.get(root.ids[HEALTHY])
    known = {label: listed.get(run_id) for label, run_id in root.ids.items()}
    intact = healthy is not None and (healthy["status"], healthy["iteration"]) == ("finished", 4)
    return _outcome(root, done, known, hidden=not intact)


def resume(root: FuzzedRoot, label: str, variant: int) -> Outcome:
    """`dmcore resume` to the end; a finished run is extended."""
    path = root.path_of(label)
    before, stored = _names(path), snapshots_of(path)
    longer = ("--iterations", str(EXTENDED)) if label in ("finished", "table condense") else ()
    done = run_command(root, "resume", root.ids[label], *longer)
    if done[0]:
        return _outcome(root, done, {}, lost=tuple(sorted(before - _names(path))))
    facts, after = facts_of_resumed(path), snapshots_of(path)
    facts["snapshots"] = {key: value for key, value in after.items() if stored.get(key, value) != value}
    return _outcome(root, done, facts)


def _names(path: Path) -> set[str]:
    """Names of what holds images, losses and results; checkpoints replace each other."""
    kinds = ("snapshots/*.safetensors*", "events.jsonl", "results/*.json", "run.json", "set.json")
    return {file.relative_to(path).as_posix() for kind in kinds for file in path.rglob(kind)}


def evaluate(root: FuzzedRoot, label: str, variant: int) -> Outcome:
    """`dmcore evaluate` with one network: what it is trained on, how, and what is stored."""
    inputs: list[Any] = []
    original = evaluation.evaluate

    def recorded(images: Any, target: Any, test: Any, specs: Any, protocol: Any, plan: Any, _: Any) -> Any:
        held = [spec.model_dump(mode="json") for spec in specs], protocol.model_dump(mode="json")
        inputs.append((digest(images.numpy()), target.tolist(), str(test.statistics), held))
        return original(images, target, test, specs, protocol, plan)

    results = root.path_of(label) / "results"
    before = {file.name for file in results.glob("*.json")}
    iteration = ("--iteration", "2") if variant % 3 == 2 and label in ("stopped", "finished") else ()
    options = ("--networks", "convnet", "--epochs", "1", "--repeats", "1", "--threads", "1", "--json")
    evaluation.evaluate = recorded
    try:
        done = run_command(root, "evaluate", root.ids[label], *options, *iteration)
    finally:
        evaluation.evaluate = original
    stored = [json.loads(file.read_bytes()) for file in results.glob("*.json") if file.name not in before]
    facts = {
        "inputs": inputs,
        "printed": json.loads(done[1])["results"] if done[0] == 0 else None,
        "stored": sorted(
            (one["set"], one["iteration"], one["network"], one["kind"], one["accuracies"]) for one in stored
        ),
    }
    return _outcome(root, done, facts)


def export(root: FuzzedRoot, label: str, variant: int) -> Outcome:
    """`dmcore export` in one of the formats: every byte of every file."""
    format = EXPORTS[variant % len(EXPORTS)]
    earlier = ("--iteration", "2") if variant % 2 and format not in ("gif", "before-after") else ()
    if label not in ("stopped", "finished", "pooled"):
        earlier = ()
    to = root.folder / "exported"
    done = run_command(root, "export", root.ids[label], "--format", format, "--to", str(to), *earlier)
    return _outcome(root, done, files_in(to) if done[0] == 0 else {})


def doctor(root: FuzzedRoot, label: str, variant: int) -> Outcome:
    """`dmcore doctor` on the whole root, or on the run."""
    return _outcome(root, run_command(root, "doctor", *((root.ids[label],) if variant % 2 else ())), {})


def experiment(root: FuzzedRoot, label: str, variant: int) -> Outcome:
    """`dmcore experiment table1` from what is stored: its cells."""
    done = run_command(root, *TABLE_COMMAND, "--json")
    facts = json.loads(done[1]) if done[0] == 0 else {}
    kept = ("places", "places_complete", "failures", "verdicts")
    cells = [(cell["row"], cell["column"], cell["mean"], cell["networks"]) for cell in facts.get("cells", ())]
    return _outcome(root, done, {name: facts.get(name) for name in kept} | {"cells": cells})


COMMAND_TARGETS: dict[str, Target] = {
    "runs": list_runs,
    "resume": resume,
    "evaluate": evaluate,
    "export": export,
    **({"doctor": doctor} if "doctor" in COMMANDS else {}),
    "experiment": experiment,
}
