"""Texts that figures share: wrapped and shortened names, a mean with its deviation."""

import textwrap

from dmcore.experiments.results import TableEntry


def wrapped_label(name: str, letters: int = 24) -> str:
    """Wrap a name into at most three lines of so many letters."""
    return "\n".join(textwrap.wrap(name, letters, max_lines=3, placeholder=" …"))


def mean_text(entry: TableEntry) -> str:
    """Format a mean and its deviation: '79.4 ± 0.4'; of one network there is no deviation."""
    return f"{entry.mean:.1f}" if entry.networks == 1 else f"{entry.mean:.1f} ± {entry.std:.1f}"


def shortened(name: str, letters: int) -> str:
    """Cut a name to at most so many letters, with an ellipsis."""
    return name if len(name) <= letters else f"{name[: letters - 1].rstrip()}…"
