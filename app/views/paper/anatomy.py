"""Anatomy of a difference: why a result here is another number than the published one, setting by setting."""

from dataclasses import dataclass

from app.views.paper.evidence import Evidence, all_results
from app.views.paper.strip import data_title, sizes_text
from dmcore.config.formatting import capitalised, counted, grouped, mean_text, signed
from dmcore.config.protocols import PAPER, PAPER_SETS
from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.published.cells import (
    Published,
    published_beside,
    published_data,
    published_experiment,
)
from dmcore.experiments.published.deviations import Deviation, deviations_from
from dmcore.experiments.published.effects import HERDING_KNOWN, effect_of
from dmcore.experiments.published.numbers import DATA_TITLES, METHODS
from dmcore.experiments.registry import experiment_of
from dmcore.experiments.report.entries import TableEntry, cell_text, entry_of, known_entries
from dmcore.experiments.setting_effects import SettingEffect, setting_effects
from dmcore.experiments.table import Table

NONE_MEASURED = "What each of them does alone was not measured here."
OTHERS_NOT_MEASURED = "What the others do alone was not measured here."
NO_EFFECT = ("data", "test_size")
"""Settings that have no effect on the accuracy to be measured."""
SAME = "The same experiment as the published one: only the sets, the networks and the machine differ."


@dataclass(frozen=True)
class Part:
    """One setting that differs."""

    difference: str
    """Ours and theirs, in a sentence."""
    direction: str
    """What it does; may be empty."""
    size: str
    """What was measured or published of it; empty where nothing was."""


@dataclass(frozen=True)
class Anatomy:
    """A result here beside the published one, and in what they differ."""

    gap: str
    """Both numbers and their difference, in a sentence or two."""
    others: tuple[str, ...]
    """The same of herding and of all real images, where there are such."""
    parts: tuple[Part, ...]
    unmeasured: str = ""
    """Sentence on the settings of which nothing was measured; empty where there are none."""


def anatomy_of(evidence: Evidence) -> Anatomy | None:
    """Compare the learned images of a table with the published ones; None while there is no number."""
    entry = evidence.learned
    if entry is None:
        return None
    others = all_results(evidence.table.name)
    here = setting_effects(evidence.results, entry.row, entry.column, others)
    deviations = deviations_of(evidence, entry)
    parts = tuple(_part(deviation, here.get(deviation.setting)) for deviation in deviations)
    unmeasured = [each for each in deviations if each.setting not in (*NO_EFFECT, *here)]
    text = "" if not unmeasured else OTHERS_NOT_MEASURED if here else NONE_MEASURED
    return Anatomy(_gap(evidence, entry), _others(evidence, entry), parts, text)


def deviations_of(evidence: Evidence, entry: TableEntry) -> list[Deviation]:
    """Settings in which a row and column differs from the published experiment, the data first."""
    table, target = evidence.table, published_data(evidence.table.dataset) or "cifar10"
    found = dict.fromkeys(_data_deviations(table, target))
    for index in table.at(entry.row, entry.column):
        cell = table.cells[index]
        theirs = published_experiment(table, cell, target)
        found |= dict.fromkeys(deviations_from(theirs, cell, table.protocol))
    return [*found, *_test_size(entry)]


def _part(deviation: Deviation, here: SettingEffect | None) -> Part:
    effect, sizes = effect_of(deviation.setting), []
    if here is not None:
        sizes.append(f"Measured in this program: {here.sentence}.")
    if effect.published:
        sizes.append(f"Published: {effect.published}.")
    return Part(f"{capitalised(deviation.text)}.", effect.direction, " ".join(sizes))


def _data_deviations(table: Table, target: str) -> list[Deviation]:
    if table.dataset == target:
        return []
    ours, theirs = CATALOGUE.get(table.dataset), CATALOGUE.get(target)
    if published_data(table.dataset) != target or ours is None or theirs is None:
        text = f"{data_title(table.dataset)}, which the paper does not have, not {DATA_TITLES[target]}"
        return [Deviation("data", text)]
    text = (
        f"{grouped(ours.train_count)} training images, not {grouped(theirs.train_count)}, and tested on "
        f"{grouped(ours.test_count)}, not {grouped(theirs.test_count)}"
    )
    return [Deviation("part_of_data", text)]


def _test_size(entry: TableEntry) -> list[Deviation]:
    """How many sets and networks a mean is over, where the paper has others."""
    each = entry.networks_per_set
    if (entry.sets, each) == (PAPER_SETS, PAPER.repeats):
        return []
    ours = counted(entry.networks, "network") + f" of {counted(entry.sets, 'set')}"
    if each is not None:
        ours = f"{counted(entry.sets, 'set')} × {counted(each, 'network')}"
    return [Deviation("test_size", f"{ours}, not {PAPER_SETS} sets × {PAPER.repeats} networks")]


def _gap(evidence: Evidence, entry: TableEntry) -> str:
    table = evidence.table
    figure = experiment_of(table).figure
    what = {
        "sources": f"{entry.row} networks, {entry.column}",
        "matrix": f"Learned on {entry.row}, tested on {entry.column}, {sizes_text(table)}",
    }.get(figure, f"{entry.row}, {entry.column}")
    ours = f"{what}, {data_title(table.dataset)}: {evidence.name} {cell_text(entry)}"
    published = published_beside(table, entry.row, entry.column)
    if published is None:
        return f"{ours}. Nothing was published for these data: the settings differ as follows."
    theirs = f"{mean_text(published.value, published.std)} % in {published.source}"
    text = f"{ours}, against {theirs}: {signed(entry.mean - published.value)} points."
    for each in known_entries(evidence.results, [entry.row]):
        other = published_beside(table, each.row, each.column)
        if other is None or each.column == entry.column:
            continue
        text += (
            f" {capitalised(each.column)}: {cell_text(each)}, against "
            f"{mean_text(other.value, other.std)} %: {signed(each.mean - other.value)} points."
        )
        if each.mean > other.value:
            text += f" That is no better method, but another measurement: {_measured(table, each)}."
    return text


def _others(evidence: Evidence, entry: TableEntry) -> tuple[str, ...]:
    published = published_beside(evidence.table, entry.row, entry.column)
    if published is None:
        return ()
    texts = _herding(evidence, entry, published), _whole_set(evidence, entry.column)
    return tuple(filter(None, texts))


def _herding(evidence: Evidence, learned: TableEntry, published: Published) -> str:
    """Herding beside its published number, and what is known of their difference."""
    name = METHODS["herding"]
    ours = entry_of(evidence.results, name, learned.column)
    theirs = published_beside(evidence.table, name, learned.column)
    if ours is None or theirs is None:
        return ""
    lead = round(learned.mean, 1) - round(ours.mean, 1)  # of the numbers that are printed
    text = (
        f"{name}: {ours.mean_text} %, against {mean_text(theirs.value, theirs.std)} %: "
        f"{signed(ours.mean - theirs.value)} points. From it to DM it is {signed(lead)} points here and "
        f"{signed(published.value - theirs.value)} there."
    )
    table = evidence.table
    cell = table.cells[table.at(ours.row, ours.column)[0]]
    data = published_data(table.dataset)
    if data is None or ours.mean <= theirs.value:
        return text
    unknown = published_experiment(table, cell, data).unknown_training
    return f"{text} {HERDING_KNOWN}" if unknown else text


def _measured(table: Table, entry: TableEntry) -> str:
    """What an accuracy here was measured by, beside the published one."""
    facts = [deviation.text for deviation in _data_deviations(table, published_data(table.dataset) or "")]
    facts += [deviation.text for deviation in _test_size(entry)]
    if table.protocol.epochs != PAPER.epochs:
        facts.append(f"{counted(table.protocol.epochs, 'epoch')}, not {grouped(PAPER.epochs)}")
    return "; ".join(facts)


def _whole_set(evidence: Evidence, column: str) -> str:
    """Networks on all real images beside the published ones, with the epochs that they were trained here."""
    table = evidence.table
    for row in table.rows:
        entry, other = entry_of(evidence.results, row, column), published_beside(table, row, column)
        if entry is None or not entry.whole or other is None:
            continue
        training = table.cells[table.at(row, column)[0]].recipe.training
        epochs = "" if training is None else f", after {counted(training.epochs, 'epoch')}"
        return (
            f"All real images: {entry.mean_text} %{epochs}, against {mean_text(other.value, other.std)} %, "
            f"{other.source}."
        )
    return ""
