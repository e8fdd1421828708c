"""Formatting of numbers, counts, durations, sizes and sentences for people: pages, figures and command line.

Groups of three digits, a decimal point, a unit. Machine formats (CSV, JSON, the URL, option values) do not
come through here.
"""

from collections.abc import Iterable

THIN_SPACE = "\u202f"
"""Between groups of three digits; no line breaks at it."""
NO_BREAK_SPACE = "\u00a0"
"""Between a number and its unit on a page; no line breaks at it."""
SECONDS_IN_MINUTE, SECONDS_IN_HOUR = 60, 3600


def grouped(number: int, separator: str = THIN_SPACE) -> str:
    """Integer in groups of three digits: 20000 -> '20 000', with spaces that do not break."""
    return f"{number:,}".replace(",", separator)


def counted(number: int, noun: str) -> str:
    """Number with its noun, plural where it is not 1: '1 set', '3 sets', '1 200 sets'."""
    return f"{grouped(number)} {noun}{'' if number == 1 else 's'}"


def rate(number: float) -> str:
    """Rate with about three digits: 0.31, 3.1, 31, 3 100."""
    if number >= 10:
        return grouped(round(number))
    return f"{number:.1f}" if number >= 1 else f"{number:.2f}"


def duration(seconds: float, step: int = 1) -> str:
    """Rounded duration for pages, at least a second: '40 s', '2 min', '3.5 h', '4 days'.

    Seconds are rounded to `step`, up to 90 of them.
    """
    if seconds < 90:
        return f"{max(1, step * round(seconds / step))}{NO_BREAK_SPACE}s"
    if seconds < 90 * SECONDS_IN_MINUTE:
        return f"{round(seconds / SECONDS_IN_MINUTE)}{NO_BREAK_SPACE}min"
    hours = seconds / SECONDS_IN_HOUR
    return f"{hours:.1f}{NO_BREAK_SPACE}h" if hours < 48 else f"{round(hours / 24)} days"


def precise_duration(seconds: float) -> str:
    """Duration for the command line, never rounded to nothing: '0.02 s', '40 s', '2.5 min', '3.5 h'."""
    if seconds < 10:
        return f"{seconds:.2g} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * SECONDS_IN_MINUTE:
        return f"{seconds / SECONDS_IN_MINUTE:.3g} min"
    return f"{seconds / SECONDS_IN_HOUR:.3g} h"


def milliseconds(seconds: float) -> str:
    """Measured time of a step: '12.3 ms', from a second on '1.25 s'."""
    return f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def megabytes(size: int) -> str:
    """Bytes as whole megabytes for pages, at least one: '31 MB'."""
    return f"{max(1, round(size / 1e6))}{NO_BREAK_SPACE}MB"


def memory_size(size: int) -> str:
    """Bytes of memory for people: '1.2 GB', below a gigabyte '350 MB'."""
    return f"{size / 1e9:.1f}{NO_BREAK_SPACE}GB" if size >= 0.95e9 else megabytes(size)


def file_size(size: int) -> str:
    """Bytes for the command line, in kilobytes below a megabyte: '31 MB', '8 kB'."""
    return f"{size / 1e6:.0f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


def mean_text(mean: float, std: float | None, digits: int = 1) -> str:
    """Mean ± standard deviation: '79.4 ± 0.4'; the mean alone where there is no deviation."""
    return f"{mean:.{digits}f}" if std is None else f"{mean:.{digits}f} ± {std:.{digits}f}"


def signed(number: float) -> str:
    """Difference with its sign: '+1.2' or '−3.4'; what rounds to nothing has none."""
    text = f"{abs(number):.1f}"
    return text if text == "0.0" else f"{'+' if number > 0 else '−'}{text}"


def accuracy_text(mean: float, std: float, count: int, draws: int = 1) -> str:
    """Accuracy in percent: '88.6 ± 1.7 % (5 networks)', or '(5 draws, 5 networks)'; never broken."""
    text = mean_text(mean, std if count > 1 else None)
    of_draws = f"{counted(draws, 'draw')}, " if draws > 1 else ""
    return f"{text} % ({of_draws}{counted(count, 'network')})".replace(" ", NO_BREAK_SPACE)


def probability_text(probability: float) -> str:
    """Probability as whole percent; certainty is never claimed: '< 1 %', '93 %', '> 99 %'."""
    if probability < 0.005:
        return f"<{NO_BREAK_SPACE}1{NO_BREAK_SPACE}%"
    if probability > 0.995:
        return f">{NO_BREAK_SPACE}99{NO_BREAK_SPACE}%"
    return f"{100 * probability:.0f}{NO_BREAK_SPACE}%"


def joined(texts: Iterable[str]) -> str:
    """Texts as a list in a sentence: 'a', 'a and b', 'a, b and c'."""
    *others, last = texts
    return f"{', '.join(others)} and {last}" if others else last


def capitalised(text: str) -> str:
    """The text with a capital at its start, the rest untouched."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """The text with a capital at its start and a full stop at its end."""
    return capitalised(text) if text.rstrip().endswith((".", "!", "?")) else f"{capitalised(text)}."
