"""Verdict on the images of a run in plain words: how much networks learn from them, and what to try next.

Two uncertainties are weighed. Networks that are trained anew on the same images differ: their standard
deviation over the root of their number. And an accuracy p that is measured on N test images is itself a
sample: its binomial standard error is sqrt(p (1 - p) / N). A difference below two standard errors is "too
close to be sure". Both accuracies are of the same test images, which as a rule makes their difference more
certain than is reckoned here. The random real images are one draw; another would give another accuracy.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dmcore.config.formatting import counted
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.accuracy_curves import accuracy_curves
from dmcore.runs.results.summary import latest_results

SURE = 2.0
"""Standard errors that a difference has to be for it to be certain."""
COARSE_POINTS = 3.0
"""Standard error in percent points from which the number of test images is worth a sentence."""
LARGE_SIDE = 48
"""Side in pixels from which images are called large: they take many iterations to change throughout."""


@dataclass(frozen=True)
class PlainVerdict:
    """What the test of a run's images says."""

    sentence: str
    """Accuracies of the learned images, of as many random real ones and of guessing, and the verdict."""
    advice: str = ""
    """What explains it, or what to try next; empty where there is nothing to say."""


def run_verdict(
    run: RunFolder, evaluations: Sequence[StoredResult], quick: Sequence[StoredResult]
) -> PlainVerdict | None:
    """Verdict on the smallest sets of a run after its last iteration; None until all of them were tested.

    Args:
        run: the run.
        evaluations: its results by any protocol but the quick one.
        quick: those of the online evaluation, which also has the accuracy of the start.
    """
    tested, classes = run.description.data.test_count, len(run.description.data.class_names)
    smallest = min((described.images_per_class for described in run.sets), default=0)
    names = [described.name for described in run.sets if described.images_per_class == smallest]
    results = latest_results(evaluations, run.iteration())
    network = next((result.network for result in results if result.kind == "condensed"), "")
    of_network = [result for result in results if result.network == network and result.set in names]
    learned = [result for result in of_network if result.kind == "condensed"]
    if not names or len(learned) < len(names) or not tested:
        return None
    real = [result for result in of_network if result.kind == "random_real"]
    guessing = 100 / classes
    sentence = f"{_learned_text(learned, tested)}; "
    if real:
        of_real = (
            "one draw of as many random real images" if smallest * classes > 1 else "one random real image"
        )
        sentence += f"{of_real} {_percent(real[-1])}, "
    sentence += f"guessing {guessing:.0f} %: {_judgement(learned, real[-1:], guessing, tested)}."
    advice = (
        _start_advice(run, names, quick, tested),
        _few_tests_advice(learned[0], tested),
        _looks_advice(run),
    )
    return PlainVerdict(sentence, " ".join([text for text in advice if text][:2]))


def binomial_error(percent: float, count: int) -> float:
    """Standard error in percent points of an accuracy that was measured on `count` test images."""
    share = percent / 100
    return 100 * math.sqrt(share * (1 - share) / count)


def standard_error(result: StoredResult, tested: int) -> float:
    """Standard error of a mean accuracy in percent points: of its networks and of the test images."""
    return math.hypot(result.std / math.sqrt(result.n), binomial_error(result.mean, tested))


def _learned_text(learned: Sequence[StoredResult], tested: int) -> str:
    networks = counted(min(result.n for result in learned), "network")
    images = counted(tested, "test image")
    if len(learned) == 1:
        return (
            f"{_percent(learned[0])} right (± over {networks}, {images})"
            if learned[0].n > 1
            else (f"{_percent(learned[0])} right ({networks}, {images})")
        )
    low, high = (f"{extreme(result.mean for result in learned):.0f}" for extreme in (min, max))
    reached = low if low == high else f"{low} to {high}"
    return f"{reached} % right ({len(learned)} sets, {networks} each, {images})"


def _percent(result: StoredResult) -> str:
    """'48 ± 5 %'; a deviation below one has a decimal, and that of a single network is none."""
    if result.n == 1:
        return f"{result.mean:.0f} %"
    digits = 0 if result.std >= 0.95 else 1
    return f"{result.mean:.{digits}f} ± {result.std:.{digits}f} %"


def _judgement(
    learned: Sequence[StoredResult], real: Sequence[StoredResult], guessing: float, tested: int
) -> str:
    by_chance = binomial_error(guessing, tested)  # of a network that guesses, on these test images
    if all(_leads(result.mean - guessing, by_chance) < 1 for result in learned):
        return "no better than guessing, as far as this test can tell"
    if not real:
        return "they teach something"
    spread = standard_error(real[0], tested)
    leads = {_leads(result.mean - real[0].mean, standard_error(result, tested), spread) for result in learned}
    if leads == {1}:
        return "the learned ones teach more than this draw"
    return "this draw teaches more" if leads == {-1} else "too close to be sure"


def _leads(difference: float, *errors: float) -> int:
    """1 or -1 for a difference that is certain, by its sign; 0 for one that is not."""
    if abs(difference) <= SURE * math.hypot(*errors):
        return 0
    return 1 if difference > 0 else -1


def _start_advice(run: RunFolder, names: Sequence[str], quick: Sequence[StoredResult], tested: int) -> str:
    """Whether the images taught more at their start, by the quick test of both ends."""
    curves = accuracy_curves(run, quick).by_set
    ends = [(curve[0], curve[-1]) for name in names if len(curve := curves.get(name, ())) > 1]
    fell = [
        (start, end) for start, end in ends if not start.iteration and start.mean > end.mean + 100 / tested
    ]
    if not ends or len(fell) < len(ends):
        return ""
    start, end = max(fell, key=lambda pair: pair[0].mean - pair[1].mean)
    data = run.description.data
    smaller = " or smaller images" if max(data.height, data.width) >= LARGE_SIDE else ""
    sure = _leads(start.mean - end.mean, standard_error(start, tested), standard_error(end, tested))
    taught = "taught more" if sure else "may have taught more"
    return (
        f"Their own start {taught}: {start.mean:.0f} % against {end.mean:.0f} % in the quick test of both. "
        f"Try more iterations{smaller}."
    )


def _few_tests_advice(result: StoredResult, tested: int) -> str:
    error = binomial_error(result.mean, tested)
    if error < COARSE_POINTS:
        return ""
    return (
        f"Only {counted(tested, 'test image')}: one image is {100 / tested:.1f} points, so every accuracy is "
        f"± {error:.0f} points."
    )


def _looks_advice(run: RunFolder) -> str:
    """What large images that began as photographs look like."""
    data = run.description.data
    specs = [described.spec for described in run.sets if described.spec is not None]
    large = min(data.height, data.width) >= LARGE_SIDE
    alone = specs and all(spec.images_per_class == 1 and spec.init != "noise" for spec in specs)
    if not (large and alone):
        return ""
    return "Learned images need not look like anything: they are made for networks, not for eyes."
