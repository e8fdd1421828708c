"""Provenance of a recorded result in one line: when, on what, how many networks, how long, which code."""

import re
from datetime import date

from dmcore.config.formatting import NO_BREAK_SPACE, counted, duration
from dmcore.experiments.gallery.provenance import Provenance

COMMIT_LETTERS = 7
UNKNOWN = "unknown"
_MACHINE = re.compile(r"(?P<processor>.+) x(?P<cores>\d+), (?P<device>.+), (?P<threads>\d+) threads")
"""Name of a machine, as `dmcore.execution.machine.machine_name` writes it."""

_OLD_NOTES = (
    (
        r"Results of (\d+) networks of (\d+) were in the cache, .*? do not contain them\.",
        r"The time leaves out \1 of the \2 networks, whose results were known.",
    ),
    (r" ?Computed by the command itself and taken over into the gallery: .*? its log\.", ""),
    (
        r"Computed before commits were kept; (\d+) of its .*? commit (\w+), have the same accuracies\.",
        r"Commit \2 trained \1 of the networks again, with the same accuracies.",
    ),
    (
        r"Other (?:jobs|programs) ran on the machine (?:meanwhile|at the same time: [\w ]+)\.",
        "Other programs ran on the machine too: alone it is faster.",
    ),
)
"""Notes of stored entries, which are not written any more, and their plain words."""


def note_text(note: str) -> str:
    """Note of a provenance in plain words."""
    for old, plain in _OLD_NOTES:
        note = re.sub(old, plain, note)
    return note


def unrecorded_text(provenance: Provenance) -> str:
    """How numbers whose commit was not recorded can be checked; empty where it was."""
    commits = _commits(provenance.commit)
    if UNKNOWN not in commits:
        return ""
    of = "" if commits == [UNKNOWN] else " of a part"
    return (
        f"Though the commit{of} was not recorded, the numbers can be checked: dmcore gallery build "
        f"{provenance.name} --check computes them again and compares."
    )


def provenance_text(provenance: Provenance) -> str:
    """'Recorded 29 Nov 2026 on 2 cores of an AMD EPYC, 3 sets × 3 networks, 14 min, commit abc1234'."""
    sets, networks = counted(provenance.sets, "set"), counted(provenance.networks, "network")
    on = machine_text(provenance.machine)
    facts = [
        f"Recorded{_day_text(provenance.date)}" + (f" on {on}" if on else ""),
        f"{sets} × {networks}".replace(" ", NO_BREAK_SPACE),
    ]
    if provenance.seconds is not None:
        facts.append(duration(provenance.seconds))
    return ", ".join([*facts, *_code_texts(provenance.commit)])


def _day_text(day: str) -> str:
    """' 9 Nov 2026'; nothing if unknown."""
    if day == UNKNOWN:
        return ""
    parsed = date.fromisoformat(day)
    return f" {parsed.day} {parsed:%b %Y}".replace(" ", NO_BREAK_SPACE)


def _commits(commit: str) -> list[str]:
    return [part.strip() for part in commit.split(",")]


def machine_text(machine: str) -> str:
    """'2 cores of an AMD EPYC' or 'an NVIDIA H200'; a name of another form as it is, nothing if unknown."""
    return " and ".join(_machine_text(name) for name in machine.split("; ") if name != UNKNOWN)


def _machine_text(machine: str) -> str:
    name = _MACHINE.fullmatch(machine)
    if name is None:
        return machine
    if name["device"] != "cpu":
        return _with_article(name["device"])
    processor = " ".join(re.sub(r"\((R|TM)\)| CPU\b| Processor\b| @ .*", "", name["processor"]).split())
    return f"{counted(int(name['threads']), 'core')} of {_with_article(processor)}"


def _with_article(name: str) -> str:
    """'an AMD EPYC', 'a Xeon', 'an NVIDIA H200': letters that are spelled out count by their sound."""
    spelled = name[:2].isupper()
    vowel = name[:1] in ("AEFHILMNORSX" if spelled else "AEIOU")
    return f"{'an' if vowel else 'a'} {name}".replace(" ", NO_BREAK_SPACE)


def _code_texts(commit: str) -> list[str]:
    """Short names of the commits, or the version of an installed package as it is; or that none is known."""
    names = [each for each in _commits(commit) if each != UNKNOWN]
    if not names:
        return ["commit not recorded"]
    commits = [each[:COMMIT_LETTERS] for each in names]
    if not all(map(_is_hash, commits)):
        return names
    return [f"commit{NO_BREAK_SPACE}{', '.join(commits)}"]


def _is_hash(text: str) -> bool:
    return len(text) == COMMIT_LETTERS and set(text) <= set("0123456789abcdef")
