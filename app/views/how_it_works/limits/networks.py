"""Images that were learned with other networks than the one that learns from them: numbers and sentences."""

from dataclasses import dataclass

from app.data.method_accuracies import recorded_table1
from app.run.accuracy_rows import PERCENT
from app.views.how_it_works.limits.numbers import (
    ALIKE,
    CURVE_DATA,
    DATA,
    LearnedTest,
    Value,
    dataset_of,
    learned_test,
    recorded_of,
)
from app.views.how_it_works.limits.texts import MISSING
from dmcore.config.formatting import counted, grouped
from dmcore.experiments.gallery.recorded import RecordedEntry
from dmcore.experiments.presets import per_class
from dmcore.experiments.published.numbers import DATA_TITLES, TABLE3
from dmcore.experiments.report.entries import entry_of, known_entries
from dmcore.experiments.table1 import NAMES as METHODS
from dmcore.experiments.table3 import NAMES

EXPLANATION = (
    "On each line images are learned with another kind of network. Then fresh networks of one and the same "
    "kind are trained on them alone, and tested on real images."
)


@dataclass(frozen=True)
class OtherNetworks:
    """Recorded table 3: images learned with several architectures, all tested on the first of them."""

    entry: RecordedEntry
    data: str
    """Name for people."""
    size: int
    """Images per class."""
    tested: str
    learned: list[Value]
    """By the architecture that they were learned with, that of the test first."""
    elsewhere: tuple[str, float, float] | None
    """Another architecture, with its accuracy after its own images and after those of `tested`."""

    @property
    def worst(self) -> Value:
        """The images that suit it least, of those that others learned."""
        return min(self.learned[1:], key=lambda value: value.number)


def other_networks() -> OtherNetworks | None:
    """Recorded accuracies of the first column of table 3; None where it is not there."""
    entry = recorded_of("table3")
    if entry is None or entry.results is None:
        return None
    results, tested = entry.results, entry.results.table.rows[0]
    learned = [Value(each.row, each.mean) for each in known_entries(results, columns=[tested])]
    if len(learned) < 2 or learned[0].label != tested:
        return None
    pairs = ((row, entry_of(results, row, row), entry_of(results, tested, row)) for row in results.table.rows)
    elsewhere = next(
        ((row, own.mean, other.mean) for row, own, other in pairs if own and other and row != tested), None
    )
    size = results.table.cells[0].recipe.images_per_class
    return OtherNetworks(entry, DATA[results.table.dataset], size, tested, learned, elsewhere)


def published_pair(networks: OtherNetworks) -> tuple[float, float] | None:
    """Published accuracies of the tested network after its own images, and after the worst; None without."""
    of = {title: str(network) for network, title in NAMES.items()}
    tested = of[networks.tested]
    own, other = (TABLE3.get(of[name], {}).get(tested) for name in (networks.tested, networks.worst.label))
    return None if own is None or other is None else (own, other)


def network_tests(networks: OtherNetworks) -> tuple[LearnedTest, LearnedTest] | None:
    """Recorded table 3 and table 1 of its data, for its images per class; None where one has no number."""
    table1 = recorded_table1(dataset_of(networks.entry))
    here = learned_test(networks.entry, networks.tested, networks.tested)
    there = None if table1 is None else learned_test(table1, METHODS["dm"], per_class(networks.size))
    return None if here is None or there is None else (here, there)


def question() -> str:
    """What is predicted: what a network reaches after the images that suit it least."""
    networks = other_networks()
    if networks is None:
        return "Images are learned with one kind of network. How well does another kind learn from them?"
    tested, own = networks.tested, networks.learned[0].number
    return (
        f"From {networks.size} images per class of {networks.data} that were learned with a {tested}, a new "
        f"{tested} learns to get {own:.1f} of 100 test images right. How many does it get right if the "
        f"images were learned with another kind of network, {networks.worst.label}?"
    )


def right() -> str:
    """That accuracy; empty where nothing is recorded."""
    networks = other_networks()
    return "" if networks is None else f"{networks.worst.number:.1f}"


def reveal() -> str:
    """What the images of other networks are worth; the remedy where nothing is recorded."""
    networks = other_networks()
    return MISSING if networks is None else told(networks)


def told(networks: OtherNetworks) -> str:
    """How much the learning network matters, here and in the paper, and that one's own need not be best."""
    sentences = ["The network that is tested is the same: only the images differ."]
    published = published_pair(networks)
    if published is not None and published[0] > published[1] + ALIKE:
        own, other = (f"{each:.1f}{PERCENT}" for each in published)
        sentences.append(f"Published for the same two on {DATA_TITLES[CURVE_DATA]}: {own} and {other}.")
    if networks.elsewhere is not None and networks.elsewhere[1] <= networks.elsewhere[2] + ALIKE:
        name, after_own, after_others = networks.elsewhere
        sentences.append(
            f"Nor are a network's own images always best: {name} gets {after_own:.1f} right after its "
            f"own, {after_others:.1f} after those of the {networks.tested}."
        )
    return " ".join(sentences)


def note() -> str:
    """On how many sets the numbers rest, and why another part has another one."""
    networks = other_networks()
    tests = None if networks is None else network_tests(networks)
    if networks is None:
        return ""
    one = networks.entry.provenance.sets == 1
    of_one = "Each number is of one learned set: another set may differ." if one else ""
    if tests is None or f"{tests[0].mean:.1f}" == f"{tests[1].mean:.1f}":
        return of_one
    here, there = tests
    return (
        f"{of_one} The part on easy images has {there.mean:.1f}{PERCENT} after {networks.size} learned "
        f"images per class: there they are learned for {counted(there.iterations, 'iteration')}, here for "
        f"{grouped(here.iterations)}."
    ).lstrip()
