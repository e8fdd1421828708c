"""Provenance of a recorded result in one line: when, on what, how many networks, how long, which code."""

from datetime import date

from dmcore.config.formatting import NO_BREAK_SPACE, counted, duration
from dmcore.experiments.gallery.provenance import Provenance

COMMIT_LETTERS = 7


def provenance_text(provenance: Provenance) -> str:
    """'Recorded 29 Nov 2026 on 2 CPU cores, 3 sets × 3 networks, 14 min, commit abc1234'."""
    day = date.fromisoformat(provenance.date)
    sets, networks = counted(provenance.sets, "set"), counted(provenance.networks, "network")
    facts = [f"Recorded {day.day} {day:%b %Y}".replace(" ", NO_BREAK_SPACE) + f" on {provenance.machine}"]
    facts.append(f"{sets} × {networks}".replace(" ", NO_BREAK_SPACE))
    if provenance.seconds is not None:
        facts.append(duration(provenance.seconds))
    return f"{', '.join(facts)}, {_commit_text(provenance.commit)}"


def _commit_text(commit: str) -> str:
    """Short names of the commits; the version of an installed package as it is."""
    commits = [each.strip()[:COMMIT_LETTERS] for each in commit.split(",")]
    is_commit = commit == "unknown" or all(map(_is_hash, commits))
    return f"commit{NO_BREAK_SPACE}{', '.join(commits)}" if is_commit else commit


def _is_hash(text: str) -> bool:
    return len(text) == COMMIT_LETTERS and set(text) <= set("0123456789abcdef")
