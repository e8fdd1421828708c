"""How little an accuracy says that was measured on few test images: it is itself a sample."""

import math

FEW_TESTS = 100
"""Test images below which an accuracy is given as a number of them: a percent would seem exact."""
LUCKY_POINTS = 10.0
"""Percent points above guessing; where luck alone may give more, a set-up is warned of."""


def binomial_error(percent: float, count: int) -> float:
    """Standard error in percent points of an accuracy that was measured on `count` test images."""
    share = percent / 100
    return 100 * math.sqrt(share * (1 - share) / count)


def lucky_percent(classes: int, tested: int) -> float:
    """Accuracy that a network which guesses may reach by luck: two standard errors above its share."""
    guessing = 100 / classes
    return min(100.0, guessing + 2 * binomial_error(guessing, tested))


def needed_tests(classes: int) -> int:
    """Test images from which luck gives no more than `LUCKY_POINTS` above guessing, rounded up to tens."""
    share = 1 / classes
    return 10 * math.ceil(share * (1 - share) * (200 / LUCKY_POINTS) ** 2 / 10)


def luck_sentences(classes: int, tested: int) -> str:
    """Warning before a run whose result may be luck; empty where the test images are enough."""
    luck, guessing = lucky_percent(classes, tested), 100 / classes
    if luck - guessing <= LUCKY_POINTS:
        return ""
    return (
        f"Only {tested} test image{'' if tested == 1 else 's'}: a network that guesses may get "
        f"{math.floor(luck * tested / 100 + 1e-9)} of {tested} right by luck ({guessing:.0f} % on average). "
        f"For a result that says more, give about {needed_tests(classes)} test images, "
        f"{5 * needed_tests(classes)} photographs in all where one in five is kept for testing."
    )


def right_text(low: float, high: float, tested: int | None) -> str:
    """Accuracies in percent as '70 to 72 % right', or as '13 of 24 right' of few test images."""
    if tested is None or not 0 < tested < FEW_TESTS:
        ends, of = (f"{low:.0f}", f"{high:.0f}"), " %"
    else:
        ends, of = (f"{low * tested / 100:.0f}", f"{high * tested / 100:.0f}"), f" of {tested}"
    return f"{ends[0] if ends[0] == ends[1] else ' to '.join(ends)}{of} right"
