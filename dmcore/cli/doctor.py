"""`dmcore doctor`: verify every file of the runs, say what is damaged, and mend what loses nothing."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from dmcore.cli.options import Switch, WithRuns
from dmcore.config.formatting import counted

if TYPE_CHECKING:
    from dmcore.runs.doctor.examination import Examination
    from dmcore.runs.doctor.finding import Finding


@dataclass(frozen=True, kw_only=True)
class Doctor(WithRuns):
    """Verify every file of the runs: what is damaged, what that costs and what mends it."""

    name: Annotated[
        str | None,
        tyro.conf.Positional,
        tyro.conf.arg(constructor=str, metavar="[RUN]", help_behavior_hint=""),
    ] = None
    """Id of a run under the runs root, or its path; left out, all runs."""
    repair: Switch = False
    """Mend what can be mended without losing anything: rewrite what other files say too, set damaged
    images aside, delete what a killed process left behind."""

    def run(self) -> int:
        """Print a line per finding and a summary; 1 if a damaged file is left.

        With --json {"runs", "files", "damaged", "repaired", "set_aside", "findings": [...]}.
        """
        from dmcore.runs.doctor.examination import (
            Examination,
            count_files,
            examine_run,
            repair_root,
            repair_run,
        )

        runs, others = self.paths()
        checked = [
            repair_run(path) if self.repair else Examination(path, tuple(examine_run(path))) for path in runs
        ]
        checked.append(repair_root(others) if self.repair else Examination(Path(), tuple(others)))
        counts = [count_files(path) for path in runs]
        left = sum(examination.damaged for examination in checked)
        summary = {
            "runs": len(runs),
            "files": sum(files for files, _ in counts),
            "damaged": left,
            "repaired": sum(len(examination.repaired) for examination in checked),
            "set_aside": sum(aside for _, aside in counts),
        }
        self.output.print_json(
            {**summary, "findings": [entry for each in checked for entry in _entries(each)]}
        )
        for examination in checked:
            for finding in examination.repaired:
                self.output.print(f"repaired: {finding.sentence}")
            for finding in examination.findings:
                self.output.print(f"{'' if finding.is_damage else 'note: '}{finding.sentence}")
            if examination.refusal:
                self.output.print(f"not repaired: {examination.refusal}")
        self.output.print(
            f"{counted(len(runs), 'run')}, {counted(summary['files'], 'file')} checked, {left} damaged, "
            f"{summary['repaired']} repaired, {summary['set_aside']} set aside"
        )
        return 1 if left else 0

    def paths(self) -> tuple[list[Path], "list[Finding]"]:
        """Folders of the runs to verify, and findings on other files of the root.

        Raises:
            ValueError: no such run or root.
        """
        from dmcore.runs.doctor.examination import is_run_folder, run_folders
        from dmcore.runs.runs_root import find_runs_root

        root = find_runs_root(self.runs_root)
        if self.name is None:
            if not root.is_dir():
                raise ValueError(f"there is no folder {root}: name the runs root with --runs-root")
            paths, findings = run_folders(root)
            return paths, [*findings, *_experiment_findings(root)]
        for path in (root / self.name, Path(self.name).expanduser()):  # a damaged run cannot be opened
            if is_run_folder(path):
                return [path], []
        return [self.open_run(self.name).path], []  # says which ids there are


def _experiment_findings(root: Path) -> "list[Finding]":
    """Results files of tables and races that cannot be read."""
    from dmcore.experiments.figure4 import results as race
    from dmcore.experiments.results import FOLDER, read_results_file
    from dmcore.files.checked_json import DamagedFileError
    from dmcore.runs.doctor.finding import Finding

    findings = []
    tables, races = (root / FOLDER).glob("*.json"), (root / race.FOLDER).glob(f"*/{race.FILE}")
    for file in (*sorted(tables), *sorted(races)):
        try:
            (read_results_file if file.parent.name == FOLDER else race.read_race_file)(file)
        except FileNotFoundError:  # a link to nothing
            continue
        except DamagedFileError as damage:
            findings.append(Finding.of(damage))
    return findings


def _entries(examination: "Examination") -> list[dict[str, Any]]:
    """Findings as JSON objects."""
    states = [*((finding, True) for finding in examination.repaired)]
    states += [(finding, False) for finding in examination.findings]
    return [
        {
            "file": str(finding.file),
            "damaged": finding.is_damage,
            "reason": finding.reason,
            "remedy": finding.remedy,
            "repairable": finding.repair is not None,
            "repaired": repaired,
        }
        for finding, repaired in states
    ]
