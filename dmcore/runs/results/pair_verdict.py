"""Verdict on two runs beside each other: whose learned images teach networks more, by one test of each.

The test is that of a run's own verdict (`plain_verdict`): networks and test images are weighed. Both runs are
one set each, so nothing is said of other seeds.
"""

from collections.abc import Sequence

from dmcore.config.formatting import NO_BREAK_SPACE, capitalised, joined, signed
from dmcore.config.protocols import without_repeats
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.plain_verdict import sure_lead

SCOPE = "n = 1 set on each side: from another random start it may come out otherwise."
Pair = tuple[StoredResult, StoredResult]
"""Results of A and B, of as many images per class and one network."""


def pair_verdict(
    a: RunFolder, b: RunFolder, of_a: Sequence[StoredResult], of_b: Sequence[StoredResult]
) -> list[str]:
    """Sentences, at least one for each number of images per class that both have: a verdict, or why none.

    Args:
        a: run A.
        b: run B.
        of_a: results of A to show, one of each set, kind and network (`latest_results`).
        of_b: those of B.
    """
    ours, theirs = _condensed_by_size(a, of_a), _condensed_by_size(b, of_b)
    missing = [letter for letter, tested in (("A", ours), ("B", theirs)) if not tested]
    sizes = sorted(ours.keys() & theirs.keys())
    reason, tests = "", a.description.data.test_count
    if missing:
        reason = f"the newest images of {joined(missing)} were not tested"
    elif not _same_data(a, b):
        reason = "they are of different data"
    elif not sizes:
        reason = "they have different numbers of images per class"
    elif tests is None:
        reason = "on how many test images is not known"
    if reason or tests is None:
        return [f"No verdict: {reason}."]
    several = len(ours.keys() | theirs.keys()) > 1
    refused, verdicts = [], []
    for size in sizes:
        pairs = _tested_alike(ours[size], theirs[size])
        if reason := _several_sets(a, b, size) or ("" if pairs else "they were tested differently"):
            refused.append(f"No verdict{f' with {size} per class' if several else ''}: {reason}.")
            continue
        for pair in pairs:
            what = [f"{size} per class"] if several else []
            what += [f"tested with {pair[0].network}"] if len(pairs) > 1 else []
            start = f"{capitalised(', '.join(what))}: " if what else ""
            verdicts.append(start + _sentence(*pair, tests))
    if verdicts:
        verdicts[-1] += f" {SCOPE}"
    return [*refused, *verdicts]


def _condensed_by_size(run: RunFolder, results: Sequence[StoredResult]) -> dict[int, list[StoredResult]]:
    """Results of condensed images by their number per class."""
    by_size: dict[int, list[StoredResult]] = {}
    for result in results:
        if result.kind == "condensed" and result.set in run.set_names:
            by_size.setdefault(run.set_named(result.set).images_per_class, []).append(result)
    return by_size


def _same_data(a: RunFolder, b: RunFolder) -> bool:
    data, other = a.description.data, b.description.data
    known = None not in (data.digest, other.digest)
    return data.name == other.name and (not known or data.digest == other.digest)


def _tested_alike(ours: Sequence[StoredResult], theirs: Sequence[StoredResult]) -> list[Pair]:
    """Pairs of one network and one protocol."""
    return [
        (one, other)
        for one in ours
        for other in theirs
        if one.network == other.network and without_repeats(one.protocol) == without_repeats(other.protocol)
    ]


def _several_sets(a: RunFolder, b: RunFolder, size: int) -> str:
    """Who has more than one set of a size, so that none of them stands for the run; else empty."""
    having = [
        letter
        for letter, run in (("A", a), ("B", b))
        if [described.images_per_class for described in run.sets].count(size) > 1
    ]
    verb = "has" if len(having) == 1 else "have"
    return f"{joined(having)} {verb} several sets of that size" if having else ""


def _sentence(one: StoredResult, other: StoredResult, tested: int) -> str:
    """'A teaches more: A 71.5 ± 0.6 % (3 networks), B 56.0 ± 0.7 % (…), a difference of +15.5 points.'."""
    lead = sure_lead(one, other, tested)
    if lead:
        judgement = f"{'A' if lead > 0 else 'B'} teaches more"
    else:
        alone = min(one.n, other.n) < 2
        judgement = "Not resolved, too few networks" if alone else "Not resolved, too close to be sure"
    difference = f"{signed(one.mean - other.mean)} points"
    sides = f"A{NO_BREAK_SPACE}{one.text}, B{NO_BREAK_SPACE}{other.text}"
    return f"{judgement}: {sides}, a difference of {difference}."
