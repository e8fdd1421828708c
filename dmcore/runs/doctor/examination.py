"""Examination of runs: every finding on one run or a whole root, and their repair."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dmcore.files.atomic import DAMAGED, StorageError
from dmcore.files.checked_json import DamagedFileError
from dmcore.runs.checkpoint import checkpoint_file
from dmcore.runs.description import NewerFormatError
from dmcore.runs.doctor.finding import Finding, mended_by_lock
from dmcore.runs.doctor.images import (
    checkpoint_findings,
    missing_checkpoint_findings,
    missing_snapshot_findings,
    read_checkpoints,
    snapshot_findings,
)
from dmcore.runs.doctor.leftovers import YOUNG_SECONDS, hidden_folder_finding, is_younger, leftover_findings
from dmcore.runs.doctor.packed import packed_findings
from dmcore.runs.doctor.records import event_findings, record_findings
from dmcore.runs.doctor.restoration import description_finding, is_of_another_run
from dmcore.runs.folder import RunFolder
from dmcore.runs.lock import RunBusyError, active_owner, lock_run
from dmcore.runs.packing.packed import FILE as PACKED
from dmcore.runs.snapshots import stored_iterations

EXPERIMENTS = ("tables", "races")
"""Folders of a root for the results of tables and races (`dmcore.experiments`)."""
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


def examine_run(path: Path, *, is_locked: bool = False) -> list[Finding]:
    """Verify every file of a run's folder; takes no lock and changes nothing.

    Args:
        path: the folder; without it there are no findings.
        is_locked: whether the caller holds the lock of the run, so that nobody is writing.
    """
    findings: list[Finding] = []
    try:
        for finding in _findings(path, is_locked=is_locked) if path.is_dir() else ():
            if finding.is_damage or finding.file not in [other.file for other in findings]:
                findings.append(finding)
    except OSError as refusal:
        findings.append(_refusal_finding(path, refusal))
    return findings


def repair_run(path: Path) -> Examination:
    """Verify a run and mend what can be mended without losing anything, with its lock held.

    Files are verified again under the lock: what another process mended or wrote meanwhile stays.
    """
    findings = examine_run(path)
    if not any(finding.repair for finding in findings) or not path.is_dir():  # a lock would bring it back
        return Examination(path, tuple(findings))
    repaired, refusal = [finding for finding in findings if finding.repair is mended_by_lock], ""
    try:
        with lock_run(path):
            for _ in range(PASSES):
                mended, refusal = _repair(examine_run(path, is_locked=True))
                repaired += mended
                if not mended:
                    break
    except (RunBusyError, StorageError, OSError) as refused:
        return Examination(path, tuple(examine_run(path)), (), str(refused))
    return Examination(path, tuple(examine_run(path)), tuple(repaired), refusal)


def repair_root(findings: Iterable[Finding]) -> Examination:
    """Mend what can be mended of the findings on a root beside its runs, as from `run_folders`."""
    findings = list(findings)
    repaired, refusal = _repair(findings)
    return Examination(
        Path(), tuple(each for each in findings if each not in repaired), tuple(repaired), refusal
    )


def _repair(findings: Iterable[Finding]) -> tuple[list[Finding], str]:
    """Repair what can be; returns the findings that are mended now, and why the last of the others is not."""
    repaired, refusal = list[Finding](), ""
    for finding in findings:
        try:
            if finding.repair is not None:
                finding.repair()
                repaired.append(finding)
        except (RunBusyError, StorageError, OSError) as refused:
            refusal = str(refused)
    return repaired, refusal


def _refusal_finding(path: Path, refusal: OSError) -> Finding:
    reason = (refusal.strerror or str(refusal)).lower()
    remedy = "not everything in it could be examined: check the disk and its permissions"
    return Finding(Path(refusal.filename or path), reason, remedy)


def run_folders(root: Path) -> tuple[list[Path], list[Finding]]:
    """Folders of a root that are or were runs, and findings on what else is in it."""
    runs: list[Path] = []
    findings: list[Finding] = []
    try:
        paths = sorted(root.iterdir()) if root.is_dir() else []
    except OSError as refusal:
        return [], [_refusal_finding(root, refusal)]
    for path in paths:
        try:
            if path.name.startswith("."):
                hidden = hidden_folder_finding(path)
                findings += [hidden] if hidden is not None else []
            elif is_run_folder(path):
                runs.append(path)
            elif path.name not in EXPERIMENTS and not (path.is_dir() and is_younger(path, YOUNG_SECONDS)):
                remedy = "no command takes notice of it: move it away"
                findings.append(Finding(path, "it is no run", remedy, is_damage=False))
        except OSError as refusal:
            findings.append(_refusal_finding(path, refusal))
    return runs, findings


def is_run_folder(path: Path) -> bool:
    """Whether a folder is a run, or what is left of one."""
    return path.is_dir() and any(os.path.lexists(path / name) for name in ("run.json", "checkpoints", "sets"))


def count_files(path: Path) -> tuple[int, int]:
    """Number of files below a folder, and how many of them were set aside as damaged."""
    names = [name for _, _, files in os.walk(path) for name in files]
    return len(names), sum(name.endswith(DAMAGED) for name in names)


def _findings(path: Path, *, is_locked: bool) -> Iterator[Finding]:
    run = RunFolder(path)
    is_at_work = not is_locked and active_owner(path) is not None
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
        elif not is_younger(path, YOUNG_SECONDS):
            remedy = "no command takes notice of it: delete it, if it was a run"
            yield Finding(path, "it has no run.json and no images", remedy, is_damage=False)
        return
    intact, damaged = read_checkpoints(run.checkpoint_folder, run)
    if damaged and not intact and run.description.id != path.name:
        readable, _ = read_checkpoints(run.checkpoint_folder)
        if is_of_another_run(path, readable):
            reason, cost = f"it is of another run, {run.description.id}", "the run cannot be resumed"
            yield description_finding(path, reason, readable, cost)
            yield from leftover_findings(path)
            return
    snapshots = {
        name: list(snapshot_findings(run, name, run.shapes.get(name), intact)) for name in run.set_names
    }
    yield from record_findings(run)
    if run.config is not None:
        of_sets = (_newest_intact(run, name, snapshots.get(name, ())) for name in run.recorded_sets)
        newest, checkpoint = max([0, *intact, *of_sets]), intact.get(max(intact, default=0))
        yield from event_findings(run.events_file, newest, checkpoint, is_at_work=is_at_work)
    yield from checkpoint_findings(run, intact, damaged)
    is_packed = os.path.lexists(path / PACKED)
    if is_packed:  # it never had the other images, nor checkpoints
        yield from packed_findings(run)
    else:
        yield from missing_checkpoint_findings(run, intact)
    for name, findings in snapshots.items():
        yield from findings
        if name in run.recorded_sets and not is_packed:
            yield from missing_snapshot_findings(run, name, intact, is_at_work=is_at_work)
    yield from leftover_findings(path)


def _newest_intact(run: RunFolder, name: str, findings: Sequence[Finding]) -> int:
    """Iteration of the newest intact snapshot of a set; 0 without one."""
    damaged = {finding.file.name for finding in findings}
    folder = run.snapshot_folder(name)
    return max(
        (at for at in stored_iterations(folder) if checkpoint_file(folder, at).name not in damaged), default=0
    )
