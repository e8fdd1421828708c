"""Verdict on two runs beside each other: whose learned images teach networks more, by one test of each.

The test is that of a run's own verdict (`plain_verdict`): networks and test images are weighed. Both runs are
one set each, so nothing is said of other seeds.
"""

from collections.abc import Sequence

from dmcore.config.formatting import NO_BREAK_SPACE, signed
from dmcore.config.protocols import without_repeats
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.plain_verdict import sure_lead

SCOPE = "n = 1 set on each side: this says nothing about other seeds."


def pair_verdict(
    a: RunFolder, b: RunFolder, of_a: Sequence[StoredResult], of_b: Sequence[StoredResult]
) -> list[str]:
    """Sentences, one for each number of images per class that both have; or one on why there is no verdict.

    Args:
        a: run A.
        b: run B.
        of_a: results of A to show, one of each set, kind and network (`latest_results`).
        of_b: those of B.
    """
    ours, theirs = _by_size(a, of_a), _by_size(b, of_b)
    missing = [letter for letter, tested in (("A", ours), ("B", theirs)) if not tested]
    sizes = sorted(ours.keys() & theirs.keys())
    data, other = a.description.data, b.description.data
    same_data = data.name == other.name and (
        None in (data.digest, other.digest) or data.digest == other.digest
    )
    reason = ""
    if missing:
        verb = "was" if len(missing) == 1 else "were"
        reason = f"{' and '.join(missing)} {verb} not tested yet"
    elif not same_data:
        reason = "they are of different data"
    elif not sizes:
        reason = "they have different numbers of images per class"
    elif any(not _tested_alike(ours[size], theirs[size]) for size in sizes):
        reason = "they were tested differently"
    elif data.test_count is None:
        reason = "on how many test images is not known"
    if reason or data.test_count is None:
        return [f"No verdict: {reason}."]
    several = len(ours) > 1 or len(theirs) > 1
    texts = [
        (f"{size} per class: " if several else "") + _sentence(ours[size], theirs[size], data.test_count)
        for size in sizes
    ]
    return [*texts[:-1], f"{texts[-1]} {SCOPE}"]


def _by_size(run: RunFolder, results: Sequence[StoredResult]) -> dict[int, StoredResult]:
    """Result of the first tested set of each number of images per class, with the first tested network."""
    tested = {result.set: result for result in reversed(results) if result.kind == "condensed"}
    sizes: dict[int, StoredResult] = {}
    for described in run.sets:
        if described.name in tested:
            sizes.setdefault(described.images_per_class, tested[described.name])
    return sizes


def _tested_alike(one: StoredResult, other: StoredResult) -> bool:
    protocols = [without_repeats(result.protocol) for result in (one, other)]
    return one.network == other.network and protocols[0] == protocols[1]


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
