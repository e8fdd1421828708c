"""Fuzz run: damage every kind of file of a runs root, and look at it with every command and page.

    python tests/faults/fuzz_run_folders.py --mutations 600 --seed 0 --processes 2

prints a table of kinds of file and targets, and each failure with its mutation; `--only N` repeats one.
A failure is a traceback, a change without a sentence, a file lost by a command that failed, or a healthy run
that is not shown because of another's damage. Exit code 1 if there is any.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
if str(TESTS) not in sys.path:
    sys.path.insert(0, str(TESTS))
os.environ.setdefault("OMP_NUM_THREADS", "1")

from support.fuzz.commands import COMMAND_TARGETS  # noqa: E402
from support.fuzz.outcome import Outcome  # noqa: E402
from support.fuzz.pages import PAGE_TARGETS, quiet  # noqa: E402
from support.fuzz.plan import PlannedMutation, plan  # noqa: E402
from support.fuzz.root import FuzzedRoot, make_root  # noqa: E402
from support.fuzz.verdict import FAILURES, Verdict, judge, names_damage  # noqa: E402

TARGETS = COMMAND_TARGETS | PAGE_TARGETS
VARIANTS = {"evaluate": 3, "export": 14, "doctor": 2, "Watch": 6, "Compare": 3, "Feature space": 4}
"""Number of variants of a target: formats, iterations, addresses."""
LOOKS = 4
"""Targets that look at each mutation."""
PATIENCE_SECONDS = 100
"""What takes longer hangs."""
DOCTOR = "doctor"
"""Looks at every mutation, and must notice what any other command notices."""
NOTICED = (Verdict.NAMED, Verdict.REFUSED, Verdict.SILENT)


@dataclass(frozen=True)
class Look:
    """One target's look at one mutation."""

    number: int
    kind: str
    run: str
    how: str
    target: str
    verdict: str
    detail: str
    seconds: float


class Fuzzer:
    """Applies planned mutations to copies of a template, and compares with what the whole template gives."""

    def __init__(self, template: FuzzedRoot, scratch: Path) -> None:
        self._template, self._scratch = template, scratch
        self._whole: dict[tuple[str, str, int], Outcome] = {}

    def looks(self, planned: PlannedMutation, targets: tuple[str, ...]) -> Iterator[Look]:
        """Look at one mutation with each target, each on a copy of its own."""
        label = planned.target.run or ("table condense" if "cells" in str(planned.target.path) else "pooled")
        noticed_by_others = False
        for name in sorted(targets, key=DOCTOR.__eq__):  # last
            variant = planned.number % VARIANTS.get(name, 1)
            before = self._of_whole(name, label, variant)
            began = time.monotonic()
            copy = self._template.copy_to(self._scratch / f"{planned.number}-{name.replace(' ', '-')}")
            how = planned.apply(copy).replace(str(copy.folder), "ROOT")
            after = _patiently(name, copy, label, variant)
            verdict = judge(planned.target.kind, how, name, before, after)
            noticed_by_others |= verdict in NOTICED and before.code == 0 and name in COMMAND_TARGETS
            silent = name == DOCTOR and after.code == 0 and not names_damage(before, after)
            if silent and noticed_by_others and planned.target.run:
                verdict = Verdict.UNNOTICED
            detail = _detail(before, after) if verdict in FAILURES else ""
            shutil.rmtree(copy.folder, ignore_errors=True)
            seconds = time.monotonic() - began
            yield Look(planned.number, planned.target.kind, label, how, name, verdict, detail, seconds)

    def _of_whole(self, name: str, label: str, variant: int) -> Outcome:
        """Outcome of a target on the whole template."""
        key = name, label, variant
        if key not in self._whole:
            copy = self._template.copy_to(self._scratch / f"whole-{len(self._whole)}")
            self._whole[key] = outcome = _patiently(name, copy, label, variant)
            shutil.rmtree(copy.folder, ignore_errors=True)
            assert not outcome.traceback, f"{name} fails on the whole runs: {outcome.traceback}"
            assert not outcome.hidden, f"{name} does not show the healthy run: {outcome.text}"
        return self._whole[key]


class Hang(BaseException):  # nothing that the program may handle
    """A target does not come to its end."""


def _patiently(name: str, root: FuzzedRoot, label: str, variant: int) -> Outcome:
    def hang(_number: int, _frame: object) -> None:
        raise Hang(f"{name} takes longer than {PATIENCE_SECONDS} seconds")

    signal.signal(signal.SIGALRM, hang)
    signal.alarm(PATIENCE_SECONDS)
    try:
        return TARGETS[name](root, label, variant)
    except (Exception, Hang):  # noqa: BLE001 - a reader that raises is what is looked for
        return Outcome(traceback=traceback.format_exc())
    finally:
        signal.alarm(0)


def _detail(before: Outcome, after: Outcome) -> str:
    if after.traceback:
        return after.traceback
    known = set(before.text.splitlines())
    new = [line for line in after.text.splitlines() if line not in known and line.strip()]
    facts = {
        key: f"{before.facts.get(key)!r} -> {after.facts.get(key)!r}"
        for key in {*before.facts, *after.facts}
        if before.facts.get(key) != after.facts.get(key)
    }
    return f"code {after.code}, lost {after.lost}\n  facts {facts}\n  new lines {new[:12]}"[:3000]


def fuzz(folder: Path, seed: int, numbers: range, targets: tuple[str, ...], looks: int) -> Iterator[Look]:
    """Make the template and look at the planned mutations of these numbers."""
    import torch

    torch.set_num_threads(1)
    quiet()
    fuzzer = Fuzzer(make_root(folder / "template"), folder)
    planned = plan(fuzzer._template, seed, targets, looks)
    for mutation in islice(planned, numbers.start, numbers.stop, numbers.step):
        also = (DOCTOR,) if DOCTOR in targets else ()
        yield from fuzzer.looks(mutation, tuple(dict.fromkeys((*mutation.looked_at_by, *also))))


def print_table(looks: list[Look]) -> None:
    """Counts of looks, and of failures where there are any, by kind of file and target."""
    counts = Counter((look.kind, look.target) for look in looks)
    failed = Counter((look.kind, look.target) for look in looks if look.verdict in FAILURES)
    targets = [name for name in TARGETS if any(look.target == name for look in looks)]
    print(f"{'kind of file':16}" + "".join(f"{name:>15}" for name in targets))
    for kind in sorted({look.kind for look in looks}):
        cells = [
            f"{counts[kind, name]}" + (f" ({failed[kind, name]} !)" if failed[kind, name] else "")
            for name in targets
        ]
        print(f"{kind:16}" + "".join(f"{cell:>15}" for cell in cells))
    verdicts = Counter(look.verdict for look in looks)
    mutations = len({look.number for look in looks})
    print(f"\n{mutations} mutations, {len(looks)} looks:", dict(verdicts))
    seconds: Counter[str] = Counter()
    for look in looks:
        seconds[look.target] += look.seconds
    print("seconds:", {name: round(total) for name, total in seconds.most_common()})
    print(
        f"{verdicts[Verdict.TRACEBACK]} tracebacks and pages with an error, "
        f"{verdicts[Verdict.SILENT] + verdicts[Verdict.LOST]} silent changes or losses, "
        f"{verdicts[Verdict.HIDDEN]} healthy runs hidden, {verdicts[Verdict.SPEECHLESS]} without a sentence, "
        f"{verdicts[Verdict.UNNOTICED]} unnoticed by the doctor"
    )


def main() -> int:
    """Command line of the fuzz run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mutations", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--looks", type=int, default=LOOKS, help="targets that look at each mutation")
    parser.add_argument("--only", type=int, help="number of one mutation, looked at by every target")
    parser.add_argument("--targets", default=",".join(TARGETS), help="a comma list")
    parser.add_argument("--share", default="0/1", help="of the numbers, for a process of its own: 1/2")
    parser.add_argument("--lines", action="store_true", help="print each look as a line of JSON")
    options = parser.parse_args()
    targets = tuple(options.targets.split(","))
    if options.processes > 1:
        looks = _in_processes(options.processes)
    else:
        share, shares = map(int, options.share.split("/"))
        numbers = range(share, options.mutations, shares)
        count = options.looks
        if options.only is not None:
            numbers, count = range(options.only, options.only + 1), len(targets)
        looks = []
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            for look in fuzz(Path(folder), options.seed, numbers, targets, count):
                looks.append(look)
                if options.lines:
                    print(json.dumps(asdict(look)), flush=True)
                elif look.verdict in FAILURES or options.only is not None:
                    _print(look)
        if options.lines:
            return 0
    print_table(looks)
    return int(any(look.verdict in FAILURES for look in looks))


def _print(look: Look) -> None:
    print(
        f"--only {look.number}  {look.verdict}: {look.kind} of {look.run}, {look.how[:300]} -> {look.target}"
    )
    print("".join(f"    {line}\n" for line in look.detail.splitlines()[-25:]), flush=True)


def _in_processes(count: int) -> list[Look]:
    """The same command in several processes, each with its share of the numbers."""
    command = [sys.executable, *sys.argv, "--processes", "1", "--lines"]
    children = [
        subprocess.Popen([*command, "--share", f"{share}/{count}"], stdout=subprocess.PIPE, text=True)
        for share in range(count)
    ]
    looks: list[Look] = []

    def collect(child: subprocess.Popen[str]) -> int:
        assert child.stdout is not None
        for line in child.stdout:
            looks.append(Look(**json.loads(line)))
            if looks[-1].verdict in FAILURES:
                _print(looks[-1])
        return child.wait()

    with ThreadPoolExecutor(count) as executor:
        codes = list(executor.map(collect, children))
    if any(codes):
        raise SystemExit(f"processes of the fuzz run ended with {codes}")
    return looks


if __name__ == "__main__":
    sys.exit(main())
