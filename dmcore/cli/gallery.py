"""`dmcore gallery build|list`: recorded runs, tables and races that come with the package; their check."""

import sys
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from dmcore.cli.flags import WrongArgumentsError, check_number, one_of
from dmcore.cli.interrupt import stop_requests
from dmcore.cli.options import Folder, Switch, WholeNumber, WithData, WithDevice
from dmcore.cli.output import progress_bar, table
from dmcore.config.formatting import counted, duration, file_size
from dmcore.experiments.gallery.entries import chosen_entries
from dmcore.experiments.gallery.fitting import difference, untested
from dmcore.experiments.gallery.packing import folder_bytes
from dmcore.experiments.gallery.recorded import RecordedEntry, gallery_folder, read_gallery

if TYPE_CHECKING:
    from dmcore.experiments.gallery.build import EntryProgress
    from dmcore.experiments.gallery.check import CheckProgress
    from dmcore.experiments.gallery.comparison import Comparison

ACTIONS = ("build", "list")
MOST_SAMPLE = 100
STOPPED = 130
"""Exit code after Ctrl-C, where not everything was done."""
Names = Annotated[
    tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="NAME...", help_behavior_hint="")
]


@dataclass(frozen=True, kw_only=True)
class Gallery(WithData, WithDevice):
    """Build the gallery of recorded runs, tables and races, check it by recomputing, or list it."""

    action: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="{" + ",".join(ACTIONS) + "}")]
    """build: compute and pack the missing entries; list: entries with their provenance."""
    names: Names = ()
    """Entries; left out, all."""
    work: Folder = None
    """Folder to compute in, from which a stopped build goes on; left open: gallery in the cache folder."""
    out: Folder = None
    """Folder of the gallery; left open: DM_GALLERY, else the one in the package."""
    note: str = ""
    """build: what a reader should know about the computing, such as other jobs on the machine."""
    check: Switch = False
    """build: pack nothing, but recompute the cheapest recorded entries, or those named, and compare."""
    sample: WholeNumber = 3
    """--check: how many entries, where none is named."""

    @property
    def folder(self) -> Path:
        """Folder of the gallery."""
        return self.out or gallery_folder()

    def run(self) -> int:
        """Build, check or list; 1 where an entry failed or was not reproduced."""
        action = one_of("ACTION", self.action, ACTIONS)
        check_number("sample", self.sample, MOST_SAMPLE)
        if self.check and action != "build":
            raise WrongArgumentsError("--check: only build has this option")
        chosen_entries(self.names)  # an unknown name is refused before anything is done
        if action == "list":
            return self._list()
        return self._check() if self.check else self._build()

    def _list(self) -> int:
        recorded, problems = read_gallery(self.folder)
        by_name = {entry.name: entry for entry in recorded}
        rows, listed = [], []
        for entry in chosen_entries(self.names):
            found = by_name.get(entry.name)
            state = _state(entry, found)
            problems += (found.problem,) if found is not None and found.problem else ()
            listed.append(
                {"name": entry.name, "title": entry.title, "command": entry.command, "state": state}
                | ({} if found is None else {"provenance": found.provenance.model_dump()})
            )
            rows.append((entry.name, *_facts(found), state))
        size = folder_bytes(self.folder)
        self.output.print_json(
            {"folder": str(self.folder), "bytes": size, "entries": listed, "problems": list(problems)}
        )
        self.output.print(table(("entry", "sets × networks", "computed", "date", "commit", "state"), rows))
        self.output.print(f"{_entries(len(recorded))} in {self.folder}, {file_size(size)}")
        _print_problems(problems)
        return 1 if problems else 0

    def _build(self) -> int:
        from dmcore.experiments.gallery.build import EntryFailed, EntryPacked, build_gallery
        from dmcore.experiments.gallery.work import WorkFolder
        from dmcore.files.cache_root import find_cache_root

        threads, entries = self.chosen_threads(), chosen_entries(self.names)
        work = WorkFolder(self.work or find_cache_root() / "gallery")
        events = build_gallery(entries, work, self.folder, self.load, self.device, threads, self.note)
        packed: list[dict[str, Any]] = []
        failed: dict[str, str] = {}
        with (
            stop_requests("step") as stop,
            closing(events),
            progress_bar(len(entries), "entry", "gallery") as bar,
        ):
            bar.miniters = 0
            for event in events:
                if isinstance(event, EntryPacked):
                    packed.append(
                        {"name": event.name, "is_new": event.is_new} | event.provenance.model_dump()
                    )
                    bar.update()
                elif isinstance(event, EntryFailed):
                    failed[event.name] = event.sentence
                    bar.update()
                else:
                    bar.set_postfix_str(_progress_text(event), refresh=False)
                    bar.update(0)
                if stop.is_set() and bar.n < len(entries):
                    break
        size = folder_bytes(self.folder)
        self.output.print_json(
            {"folder": str(self.folder), "bytes": size, "packed": packed, "failed": failed}
        )
        for entry in packed:
            state = "packed" if entry["is_new"] else "in the gallery already"
            self.output.print(f"{entry['name']}: {state}")
        _print_problems(f"failed: {name}: {sentence}" for name, sentence in failed.items())
        self.output.print(f"{self.folder} has {file_size(size)}")
        if len(packed) + len(failed) < len(entries):
            self.output.print(
                f"stopped with {len(packed)} of {_entries(len(entries))}, nothing is lost: "
                "the same command continues"
            )
            return STOPPED
        return 1 if failed else 0

    def _check(self) -> int:
        from dmcore.experiments.gallery.check import EntryCompared, cheapest, check_gallery

        threads, entries = self.chosen_threads(), {entry.name: entry for entry in chosen_entries(self.names)}
        readable, unreadable = read_gallery(self.folder)
        recorded = [entry for entry in readable if entry.name in entries]
        differences = {entry.name: difference(entries[entry.name], entry) for entry in recorded}
        fitting = [entry for entry in recorded if not differences[entry.name]]
        sample = fitting if self.names else cheapest(fitting, self.sample)
        problems = [*unreadable, *(f"{name}: {lack}" for name, lack in differences.items() if lack)]
        missing = [name for name in self.names if name not in {entry.name for entry in recorded}]
        if missing or not sample:
            what = f"entry {missing[0]}" if missing else "entry that fits its configuration"
            reasons = "; ".join(problems)
            raise ValueError(
                f"{self.folder} has no {what}{f' ({reasons})' if reasons else ''}: "
                "`dmcore gallery build` computes it"
            )
        pairs = [(entries[entry.name], entry) for entry in sample]
        names = ", ".join(f"{entry.name} ({_time(entry)})" for entry in sample)
        which = "named" if self.names else "the cheapest by their recorded time"
        self.output.print(f"recomputing {_entries(len(sample))}, {which}: {names}")
        comparisons: list[Comparison] = []
        with (
            stop_requests("step") as stop,
            closing(check_gallery(pairs, self.load, self.device, threads)) as events,
            progress_bar(len(pairs), "entry", "check") as bar,
        ):
            bar.miniters = 0
            for event in events:
                if isinstance(event, EntryCompared):
                    comparisons += event.comparisons
                    bar.update()
                else:
                    bar.set_postfix_str(_progress_text(event), refresh=False)
                    bar.update(0)
                if stop.is_set() and bar.n < len(pairs):
                    break
            done = int(bar.n)
        return self._print_comparisons(comparisons, problems, done, len(pairs))

    def _print_comparisons(
        self, comparisons: "list[Comparison]", problems: list[str], done: int, requested: int
    ) -> int:
        verdicts = [each.verdict for each in comparisons]
        failing, silent = verdicts.count("differs"), verdicts.count("says nothing")
        holding = len(verdicts) - failing - silent
        self.output.print_json(
            {
                "entries": done,
                "comparisons": [
                    vars(each) | {"holds": each.holds, "verdict": each.verdict} for each in comparisons
                ],
                "failing": failing,
                "says_nothing": silent,
                "problems": problems,
            }
        )
        rows = [
            (each.entry, each.what, each.recorded, each.recomputed, _tolerance(each), _verdict(each))
            for each in comparisons
        ]
        head = ("entry", "result", "recorded", "recomputed", "difference allowed", "verdict")
        self.output.print(table(head, rows))
        self.output.print(
            "Accuracies in percent: mean ± deviation of the networks of a set (sets × networks on each). On "
            "the same machine under the same plan they must be equal; else a difference is allowed that the "
            "deviation of the entry's networks explains: Student's t, so that a sound gallery fails one "
            "check in a hundred. Where that is more than 5 points the comparison says nothing."
        )
        _print_problems(problems)
        self.output.print(
            f"{holding} of {counted(len(comparisons), 'comparison')} hold"
            + (f", {silent} say{'s' * (silent == 1)} nothing" if silent else "")
        )
        if failing or problems or (comparisons and not holding):
            return 1
        return 0 if done == requested else STOPPED


def _print_problems(problems: Iterable[str]) -> None:
    for problem in problems:
        print(f"dmcore: {problem}", file=sys.stderr)


def _entries(count: int) -> str:
    return f"{count} entr{'y' if count == 1 else 'ies'}"


def _state(entry: Any, found: RecordedEntry | None) -> str:
    if found is None:
        return "not built"
    moments = untested(entry, found)
    later = f", not yet tested at {counted(len(moments), 'iteration')}: build adds it" if moments else ""
    return difference(entry, found) or f"recorded{later}"


def _facts(found: RecordedEntry | None) -> tuple[str, str, str, str]:
    if found is None:
        return "", "", "", ""
    facts = found.provenance
    return f"{facts.sets} × {facts.networks}", _time(found), facts.date, facts.commit


def _time(entry: RecordedEntry) -> str:
    seconds = entry.provenance.seconds
    return "time unknown" if seconds is None else duration(seconds)


def _progress_text(event: "EntryProgress | CheckProgress") -> str:
    share = f" {event.progress.fraction:.0%}" if event.progress.fraction else ""
    return f"{event.name}: {event.progress.text}{share}"


def _tolerance(each: "Comparison") -> str:
    if each.tolerance is None:
        return "" if each.difference is None else "unknown: another machine or plan"
    return "none" if each.tolerance == 0 else f"{each.tolerance:.1f}"


def _verdict(each: "Comparison") -> str:
    if each.verdict != "differs":
        return each.verdict
    return "missing" if each.difference is None else f"differs by {each.difference:.2g}"
