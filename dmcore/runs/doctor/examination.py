"""Examination of runs: every finding on one run or a whole root, and their repair."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dmcore.files.atomic import DAMAGED, StorageError
from dmcore.files.checked_json import DamagedFileError
from dmcore.runs.checkpoint import checkpoint_file
from dmcore.runs.description import NewerFormatError
from dmcore.runs.doctor.finding import Finding
from dmcore.runs.doctor.images import checkpoint_findings, read_checkpoints, snapshot_findings
from dmcore.runs.doctor.leftovers import leftover_findings, unfinished_finding
from dmcore.runs.doctor.records import description_finding, event_findings, record_findings
from dmcore.runs.folder import RunFolder
from dmcore.runs.lock import RunBusyError, active_owner, lock_run
from dmcore.runs.snapshots import stored_iterations

TABLES = "tables"
"""Folder of a root for the results of tables (`dmcore.experiments.results`)."""
PASSES = 4
"""A repair can bring more to light: behind a damaged `run.json` nothing is compared with it."""


@dataclass(frozen=True)
class Examination:
    """Findings on a run, after repair where it was wanted."""

    path: Path
    findings: tuple[Finding, ...]
    """What is still so."""
    repaired: tuple[Finding, ...] = ()
    """What was so before."""
    refusal: str = ""
    """Why nothing was repaired, or not all."""

    @property
    def damaged(self) -> int:
        """Number of damaged files that are left."""
        return sum(finding.is_damage for finding in self.findings)


def examine_run(path: Path) -> list[Finding]:
    """Verify every file of a run's folder; takes no lock and changes nothing."""
    findings: list[Finding] = []
    try:
        for finding in _findings(path):
            if finding.is_damage or finding.file not in [other.file for other in findings]:
                findings.append(finding)
    except OSError as refusal:
        reason = (refusal.strerror or str(refusal)).lower()
        remedy = "not all of the run could be examined: check the disk and its permissions"
        findings.append(Finding(Path(refusal.filename or path), reason, remedy))
    return findings


def repair_run(path: Path) -> Examination:
    """Verify a run and mend what can be mended without losing anything, with its lock held."""
    findings, repaired = examine_run(path), list[Finding]()
    for _ in range(PASSES):
        if not any(finding.repair for finding in findings):
            break
        try:
            with lock_run(path):
                for finding in findings:
                    if finding.repair is not None:
                        finding.repair()
                        repaired.append(finding)
        except (RunBusyError, StorageError, OSError) as refusal:
            return Examination(path, tuple(examine_run(path)), tuple(repaired), str(refusal))
        findings = examine_run(path)
    return Examination(path, tuple(findings), tuple(repaired))


def run_folders(root: Path) -> tuple[list[Path], list[Finding]]:
    """Folders of a root that are or were runs, and findings on what else is in it."""
    runs: list[Path] = []
    findings: list[Finding] = []
    for path in sorted(root.iterdir()) if root.is_dir() else ():
        if path.name.startswith("."):
            unfinished = unfinished_finding(path)
            findings += [unfinished] if unfinished is not None else []
        elif is_run_folder(path):
            runs.append(path)
        elif path.name != TABLES:
            remedy = "no command takes notice of it: move it away"
            findings.append(Finding(path, "it is no run", remedy, is_damage=False))
    return runs, findings


def is_run_folder(path: Path) -> bool:
    """Whether a folder is a run, or what is left of one."""
    return path.is_dir() and any(os.path.lexists(path / name) for name in ("run.json", "checkpoints", "sets"))


def count_files(path: Path) -> tuple[int, int]:
    """Number of files below a folder, and how many of them were set aside as damaged."""
    names = [name for _, _, files in os.walk(path) for name in files]
    return len(names), sum(name.endswith(DAMAGED) for name in names)


def _findings(path: Path) -> Iterator[Finding]:
    run = RunFolder(path)
    is_at_work = active_owner(path) is not None
    try:
        run.description  # noqa: B018 - reading is the test
    except NewerFormatError as newer:
        yield Finding(path / "run.json", "not examined", str(newer), is_damage=False)
        return
    except DamagedFileError as damage:
        intact, _ = read_checkpoints(run.checkpoint_folder)
        yield description_finding(path, damage.reason, intact)
        yield from leftover_findings(path)
        return
    except ValueError:
        intact, _ = read_checkpoints(run.checkpoint_folder)
        if intact or any(path.glob("sets/*/snapshots/*")):
            yield description_finding(path, "it is missing", intact)
        else:
            remedy = "no command takes notice of it: delete it, if it was a run"
            yield Finding(path, "it has no run.json and no images", remedy, is_damage=False)
        return
    intact, damaged = read_checkpoints(run.checkpoint_folder, run.description.id, run.shapes)
    snapshots = {
        name: list(snapshot_findings(run, name, run.shapes.get(name), intact)) for name in run.set_names
    }
    yield from record_findings(run)
    if run.config is not None:
        of_sets = (_newest_intact(run, name, found) for name, found in snapshots.items())
        newest, checkpoint = max([0, *intact, *of_sets]), intact.get(max(intact, default=0))
        yield from event_findings(run.events_file, newest, checkpoint, is_at_work=is_at_work)
    yield from checkpoint_findings(run, intact, damaged)
    for findings in snapshots.values():
        yield from findings
    yield from leftover_findings(path)


def _newest_intact(run: RunFolder, name: str, findings: Sequence[Finding]) -> int:
    """Iteration of the newest intact snapshot of a set; 0 without one."""
    damaged = {finding.file.name for finding in findings}
    folder = run.snapshot_folder(name)
    return max(
        (at for at in stored_iterations(folder) if checkpoint_file(folder, at).name not in damaged), default=0
    )
