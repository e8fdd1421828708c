"""Verdict on an outcome: a traceback, a change without a sentence, a lost file, or none of them."""

import re
from dataclasses import dataclass
from enum import StrEnum

from support.fuzz.outcome import Outcome

DAMAGE = re.compile(
    r"damage|checksum|missing|cannot|unreadable|not listed|differ|dropped|left out|no longer|is no |has no |"
    r"are not|is not|lost|resumed from|float16|16 bit|note:|unknown|no such|not stored|could not|"
    r"later version|last one stored",
    re.IGNORECASE,
)
"""Words of a sentence that names damage."""


LONGEST_SENTENCE = 2000


class Verdict(StrEnum):
    """What came of a mutation under one target; all but the first four are failures."""

    SAME = "same"
    """Nothing changed."""
    REFUSED = "refused"
    """Refused in a sentence."""
    NAMED = "named"
    """Something changed, and a sentence says so."""
    UNKNOWABLE = "unknowable"
    """Something changed that no reader can know of, see `UNKNOWABLE`."""
    TRACEBACK = "traceback"
    SILENT = "silent change"
    LOST = "lost"
    HIDDEN = "healthy run hidden"
    SPEECHLESS = "no sentence"
    UNNOTICED = "unnoticed by the doctor"


FAILURES = (Verdict.TRACEBACK, Verdict.SILENT, Verdict.LOST, Verdict.HIDDEN, Verdict.SPEECHLESS)
FAILURES += (Verdict.UNNOTICED,)


@dataclass(frozen=True)
class Exemption:
    """A change that no reader can know of, with the reason."""

    kind: str
    """Kind of the damaged file, a regular expression."""
    how: str
    """Description of the mutation, a regular expression."""
    target: str
    """What looked at it, a regular expression."""
    reason: str


UNKNOWABLE: tuple[Exemption, ...] = (
    Exemption(
        "evaluation",
        r"^(delete|rename|dangling_link)",
        "runs|export|experiment|Watch|Runs|Compare",
        "a folder without a result says that nobody evaluated: results are independent of each other",
    ),
)


def judge(kind: str, how: str, target: str, before: Outcome, after: Outcome) -> Verdict:
    """Compare what a target made of the damaged root with what it makes of the whole one."""
    if after.traceback:
        return Verdict.TRACEBACK
    if after.hidden:
        return Verdict.HIDDEN
    if after.lost:
        return Verdict.LOST
    if after.code:
        lines = [line for line in after.text.splitlines() if len(line) < LONGEST_SENTENCE]
        said = any(
            line.startswith("dmcore: ") or (target == "doctor" and DAMAGE.search(line)) for line in lines
        )
        return Verdict.REFUSED if said else Verdict.SPEECHLESS
    if (before.code, before.facts) == (after.code, after.facts):
        return Verdict.SAME
    if names_damage(before, after):
        return Verdict.NAMED
    for exemption in UNKNOWABLE:
        patterns = ((exemption.kind, kind), (exemption.how, how), (exemption.target, target))
        if all(re.search(pattern, text) for pattern, text in patterns):
            return Verdict.UNKNOWABLE
    return Verdict.SILENT


def names_damage(before: Outcome, after: Outcome) -> bool:
    """Whether a sentence that was not there before names the damage."""
    known = set(before.text.splitlines())
    if any(DAMAGE.search(line) for line in after.text.splitlines() if line not in known):
        return True
    if "damage named by a reader" in after.facts:
        return True
    return bool(set(after.facts.get("notes", ())) - set(before.facts.get("notes", ())))
