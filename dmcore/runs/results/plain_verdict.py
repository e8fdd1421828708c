"""Verdict on the images of a run in plain words: how much networks learn from them, and what to try next.

Two uncertainties are weighed. Networks that are trained anew on the same images differ: the error of their
mean is estimated from n of them, so a difference has to pass Student's t at 95 % (Welch), and a single
network decides nothing. And an accuracy p that is measured on N test images is itself a sample: its binomial
standard error is sqrt(p (1 - p) / N). What does not pass is "too close to be sure". Both accuracies are of
the same test images, which as a rule makes their difference more certain than is reckoned here; results of
different protocols are not held against each other. Of random real images each network has a draw of its
own, so that their deviation is over draws; of a single draw, as older runs have it, the sentence says so. A
run that started from real images is held against these too: what did learning add? Neither uncertainty is
that of other seeds: a run has one set of each kind, and the verdict says so wherever it stands.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dmcore.config.formatting import NO_BREAK_SPACE, capitalised, counted
from dmcore.config.protocols import without_repeats
from dmcore.runs.description import DataDescription, StoredResult
from dmcore.runs.display.titles import set_title
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.few_tests import binomial_error
from dmcore.runs.results.summary import latest_results, random_real_text, start_results

CONFIDENCE = 0.95
"""Two-sided, of a difference that is called certain."""
COARSE_POINTS = 3.0
"""Standard error in percent points from which the number of test images is worth a sentence."""
RANDOM = "random real ones"
UNKNOWN_TESTS = "on how many test images is not known, so nothing is sure"
"""Judgement of a run whose description has no number of test images."""
MOST_NAMED = 3
"""Sets whose accuracies are given one by one; of more their range is."""
_MOST_FREEDOM = 1e6
"""Degrees of freedom from which Student's t is the normal distribution."""
LARGE_SIDE = 48
"""Side in pixels from which images are called large: they take many iterations to change throughout."""


@dataclass(frozen=True)
class PlainVerdict:
    """What the test of a run's images says."""

    accuracies: str
    """Of the learned images, of what they are held against and of guessing."""
    judgement: str
    """How surely one of them is ahead, or why that is not known."""
    scope: str
    """How many sets it is about, and what it therefore leaves open: a sentence."""
    advice: str = ""
    """What explains it, or what to try next; empty where there is nothing to say."""
    more_iterations: bool = False
    """Whether the advice is to try more iterations."""

    @property
    def sentence(self) -> str:
        """Accuracies and judgement."""
        return f"{self.accuracies}: {self.judgement}."


def run_verdict(run: RunFolder, evaluations: Sequence[StoredResult]) -> PlainVerdict | None:
    """Verdict on the smallest sets of a run after its last iteration; None until all of them were tested.

    Args:
        run: the run.
        evaluations: its results by any protocol but the quick one.
    """
    tested, classes = run.description.data.test_count, len(run.description.data.class_names)
    smallest = min((described.images_per_class for described in run.sets), default=0)
    names = [described.name for described in run.sets if described.images_per_class == smallest]
    results = latest_results(evaluations, run.iteration())
    network = next((result.network for result in results if result.kind == "condensed"), "")
    of_network = [result for result in results if result.network == network and result.set in names]
    learned = [result for result in of_network if result.kind == "condensed"]
    if not names or len(learned) < len(names) or tested == 0:
        return None
    alike = {without_repeats(result.protocol) for result in learned}
    comparable = [result for result in evaluations if {without_repeats(result.protocol)} == alike]
    real = [result for result in latest_results(comparable, run.iteration()) if result.kind == "random_real"]
    real = [result for result in real if result.network == network and result.set in names]
    began = {result.set: result for result in start_results(run, comparable) if result.network == network}
    rivals = [_Rival.of_random(real[-1])] if real else []
    starts = [began[name] for name in names if name in began]
    if len(starts) == len(names):
        rivals.append(_Rival.of_starts(starts))
    guessing = 100 / classes
    against = "".join(f"{rival.text}, " for rival in rivals)
    chance = f"{guessing:.{0 if guessing >= 2 else 1}f} %"
    accuracies = f"{_learned_text(run, learned, tested)}; {against}guessing {chance}"
    if tested is None:
        return PlainVerdict(accuracies, UNKNOWN_TESTS, _scope(len(learned)))
    judgement = _judgement(learned, rivals, guessing, tested)
    more_iterations = _start_advice(run.description.data, starts, learned, tested)
    advice = (
        more_iterations,
        _few_tests_advice(learned[0], tested),
        _whole_advice(learned, latest_results(evaluations, run.iteration()), network, tested),
        _looks_advice(run),
    )
    said = " ".join([text for text in advice if text][:2])
    return PlainVerdict(accuracies, judgement, _scope(len(learned)), said, bool(more_iterations))


def _scope(sets: int) -> str:
    number = "n = 1 set".replace(" ", NO_BREAK_SPACE)
    each = ", learned once" if sets == 1 else " of each kind"
    return f"{number}{each}: from another random start it may come out otherwise."


@dataclass(frozen=True)
class _Rival:
    """Images that the learned ones are held against."""

    name: str
    """In the judgement."""
    text: str
    """With their accuracy."""
    results: Sequence[StoredResult]
    """One for all learned sets, or one for each."""

    @classmethod
    def of_random(cls, result: StoredResult) -> "_Rival":
        name = "this draw" if result.draws == 1 else RANDOM
        return cls(name, f"{random_real_text(result)} {_percent(result)}", [result])

    @classmethod
    def of_starts(cls, results: Sequence[StoredResult]) -> "_Rival":
        accuracy = _percent(results[0]) if len(results) == 1 else f"{_range(results)} %"
        return cls("their own start", f"the real images they started from {accuracy}", results)

    def lead(self, learned: Sequence[StoredResult], tested: int) -> int:
        """1 or -1 where all learned sets lead or trail for certain, else 0."""
        others = self.results if len(self.results) == len(learned) else [self.results[0]] * len(learned)
        leads = {sure_lead(one, other, tested) for one, other in zip(learned, others, strict=True)}
        return leads.pop() if len(leads) == 1 else 0


def sure_lead(one: StoredResult, other: StoredResult, tested: int) -> int:
    """1 or -1 where one teaches more or less than the other for certain, else 0: Welch's t-test."""
    from scipy.special import stdtrit  # `scipy.stats` takes a second to import

    if min(one.n, other.n) < 2:
        return 0
    networks = [result.std / math.sqrt(result.n - 1) for result in (one, other)]
    error = math.hypot(*networks, binomial_error(one.mean, tested), binomial_error(other.mean, tested))
    shares = sum(of**4 / (result.n - 1) for of, result in zip(networks, (one, other), strict=True))
    freedom = min(error**4 / shares, _MOST_FREEDOM) if shares else _MOST_FREEDOM
    return _sign(one.mean - other.mean, float(stdtrit(freedom, (1 + CONFIDENCE) / 2)) * error)


def _sign(difference: float, least: float) -> int:
    """1 or -1 by the sign of a difference above the least, else 0."""
    return 0 if abs(difference) <= least else int(math.copysign(1, difference))


def _learned_text(run: RunFolder, learned: Sequence[StoredResult], tested: int | None) -> str:
    counts = [counted(min(result.n for result in learned), "network")]
    counts += [] if tested is None else [counted(tested, "test image")]
    titles = {described.name: set_title(run, described) for described in run.sets}
    if len(learned) == 1:
        which = f"{capitalised(titles[learned[0].set])}: " if len(run.sets) > 1 else ""
        over = "± over " if learned[0].n > 1 else ""
        return f"{which}{_percent(learned[0])} right ({over}{', '.join(counts)})"
    counts[0] += " each"
    if len(learned) > MOST_NAMED:
        return f"{_range(learned)} % right ({len(learned)} sets, {', '.join(counts)})"
    each = ", ".join(f"{titles[result.set]} {_percent(result)}" for result in learned)
    return f"{capitalised(each)} right ({', '.join(counts)})"


def _range(results: Sequence[StoredResult]) -> str:
    """'70 to 72', or '70' where all are the same."""
    low, high = (f"{extreme(result.mean for result in results):.0f}" for extreme in (min, max))
    return low if low == high else f"{low} to {high}"


def _percent(result: StoredResult) -> str:
    """'48 ± 5 %'; a deviation below one has a decimal, and that of a single network is none."""
    if result.n == 1:
        return f"{result.mean:.0f} %"
    digits = 0 if result.std >= 0.95 else 1
    return f"{result.mean:.{digits}f} ± {result.std:.{digits}f} %"


def _judgement(
    learned: Sequence[StoredResult], rivals: Sequence[_Rival], guessing: float, tested: int
) -> str:
    by_chance = binomial_error(guessing, tested)  # of a network that guesses, on these test images
    if all(_sign(result.mean - guessing, 2 * by_chance) < 1 for result in learned):
        return "no better than guessing, as far as this test can tell"
    if not rivals:
        return "they teach something"
    by_lead: dict[int, list[str]] = {1: [], 0: [], -1: []}
    for rival in rivals:
        by_lead[rival.lead(learned, tested)].append(rival.name)
    more, close, less = (" and ".join(by_lead[lead]) for lead in (1, 0, -1))
    if len(rivals) == len(by_lead[0]):
        alone = any(result.n < 2 for rival in rivals for result in (*learned, *rival.results))
        return "too few networks to be sure" if alone else "too close to be sure"
    clauses = [f"the learned ones teach more than {more}"] if more else []
    several = len(by_lead[-1]) > 1 or less == RANDOM
    clauses += [f"{less} teach{'' if several else 'es'} more"] if less else []
    clauses += [f"{close}: too close to be sure"] if close else []
    return "; ".join(clauses)


def _start_advice(
    data: DataDescription, starts: Sequence[StoredResult], learned: Sequence[StoredResult], tested: int
) -> str:
    """Whether every set taught more as the real images that it started from."""
    ends = {result.set: result for result in learned}
    pairs = [(start, ends[start.set]) for start in starts]
    if len(pairs) < len(ends) or not all(_fell(start, end, tested) for start, end in pairs):
        return ""
    start, end = max(pairs, key=lambda pair: pair[0].mean - pair[1].mean)
    smaller = " or smaller images" if _is_large(data) else ""
    taught = "taught more" if sure_lead(start, end, tested) > 0 else "may have taught more"
    return (
        f"Their own start {taught}: {start.mean:.0f} % ({counted(start.n, 'network')}) against "
        f"{end.mean:.0f} % ({counted(end.n, 'network')}). Try more iterations{smaller}."
    )


def _fell(start: StoredResult, end: StoredResult, tested: int) -> bool:
    """Whether an accuracy fell by more than one standard error of the test images."""
    return start.mean - end.mean > math.hypot(*(binomial_error(each.mean, tested) for each in (start, end)))


def _few_tests_advice(result: StoredResult, tested: int) -> str:
    error = binomial_error(result.mean, tested)
    if error < COARSE_POINTS:
        return ""
    return (
        f"Only {counted(tested, 'test image')}: one image is {100 / tested:.1f} points, so the choice of "
        f"test images alone gives every accuracy a standard error of {error:.0f} points. More test images "
        "make it certain."
    )


def _whole_advice(
    learned: Sequence[StoredResult], results: Sequence[StoredResult], network: str, tested: int
) -> str:
    """Whether all real images are not surely ahead, by their own epochs: then more is missing than learning.

    A single network says nothing of it.
    """
    whole = [result for result in results if result.kind == "all_real" and result.network == network]
    if not whole or min(whole[-1].n, *(result.n for result in learned)) < 2:
        return ""
    if any(sure_lead(whole[-1], result, tested) > 0 for result in learned):
        return ""
    return f"All real images together reach {_percent(whole[-1])}, not surely more."


def _is_large(data: DataDescription) -> bool:
    return min(data.height, data.width) >= LARGE_SIDE


def _looks_advice(run: RunFolder) -> str:
    """What large images that began as photographs look like."""
    data = run.description.data
    specs = [described.spec for described in run.sets if described.spec is not None]
    alone = specs and all(spec.images_per_class == 1 and spec.init != "noise" for spec in specs)
    if not (_is_large(data) and alone):
        return ""
    return "Learned images need not look like anything: they are made for networks, not for eyes."
