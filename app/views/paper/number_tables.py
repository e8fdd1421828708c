"""Tables of numbers: all that was published for an item, and what was recorded and run here beside it."""

import html
from collections.abc import Mapping
from dataclasses import dataclass

from app.views.paper.evidence import Evidence
from app.views.paper.strip import data_title, sizes_text
from dmcore.config.formatting import capitalised, grouped
from dmcore.config.network_source import parse_source
from dmcore.experiments.published.numbers import (
    CIFAR10_RERUN,
    CONTINUAL_STEPS,
    DATA_TITLES,
    FASHION_MNIST,
    FASHION_SOURCES,
    FIGURE4_MINUTES,
    FIGURE5,
    FIGURES6_7,
    METHODS,
    RERUN,
    SIZES,
    TABLE1,
    TABLE2,
    TABLE2_SIZE,
    TABLE3,
    TABLE3_DSA,
    TABLE3_SIZE,
    TABLE4,
    TABLE5,
    numbers_of,
)
from dmcore.experiments.registry import experiment_of
from dmcore.experiments.report.entries import NO_NUMBER, entry_of, known_entries
from dmcore.experiments.report.notes import whole_set_epochs
from dmcore.experiments.table3 import NAMES

PER_CLASS = tuple(f"{size} per class" for size in SIZES)
PAPER = "the paper"
NO_STD = "means only, their ± is not kept here"
SELECTION_NOTE = (
    "Random, herding and forgetting in the paper's table come from an earlier paper's protocol, 300 epochs "
    "without augmentation. By DM's own protocol they are higher, except forgetting. Random here is a mean "
    "over several draws: a page on one run may show a single draw, whose number is another."
)


@dataclass(frozen=True)
class NumberTable:
    """Captioned table of texts, its first column the row headings."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: str = "published"
    """published, recorded or yours: how it is framed."""

    @property
    def markup(self) -> str:
        """As HTML; everything in it is escaped."""
        head = "".join(f'<th scope="col">{html.escape(text)}</th>' for text in self.headings)
        body = "".join(
            f'<tr><th scope="row">{html.escape(row[0])}</th>'
            + "".join(f"<td>{html.escape(text)}</td>" for text in row[1:])
            + "</tr>"
            for row in self.rows
        )
        return (
            f'<table class="paper-numbers {self.kind}"><caption>{html.escape(self.caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


def published_tables(item: str) -> list[NumberTable]:
    """All numbers that were published for an item, by its name in the address."""
    if item == "table1":
        tables = [_by_method(f"{DATA_TITLES[data]}: {PAPER}", lines) for data, lines in TABLE1.items()]
        tables.append(_by_method(f"CIFAR-10: {RERUN}", CIFAR10_RERUN))
        tables.append(
            _by_method("Fashion-MNIST, not in the paper: printed by others", FASHION_MNIST, FASHION_SOURCES)
        )
        return tables
    return [_PUBLISHED[item]]


def evidence_table(evidence: Evidence) -> NumberTable:
    """Numbers of a table that was recorded or ran here; a dash where nothing ran yet."""
    table = evidence.table
    rows = []
    for row in table.rows:
        entries = [entry_of(evidence.results, row, column) for column in table.columns]
        rows.append((row, *(NO_NUMBER if entry is None else entry.mean_text for entry in entries)))
    tested = known_entries(evidence.results, table.compared_rows)
    counts = " or ".join(dict.fromkeys(entry.sizes_text for entry in tested))
    whole = f"all real images: {epochs}" if (epochs := whole_set_epochs(table)) else ""
    of = data_title(table.dataset)
    if experiment_of(table).figure == "matrix":  # no column says it
        of += f", {sizes_text(table)}"
    caption = f"{of}: {evidence.name}, mean ± standard deviation over all networks"
    caption += "".join(f"; {each}" for each in (counts, whole) if each)
    return NumberTable(caption, (table.row_title, *table.columns), tuple(rows), evidence.name)


def _by_method(
    caption: str, lines: Mapping[str, str], sources: Mapping[str, str] | None = None
) -> NumberTable:
    """Lines of numbers by method; with `sources`, a last column says where each line is printed."""
    rows = []
    for method, name in METHODS.items():
        if method in lines:
            texts = lines[method].replace("±", " ± ").split(" / ")
            source = () if sources is None else (capitalised(sources[method]),)
            rows.append((name, *texts, *[""] * (len(SIZES) - len(texts)), *source))
    headings = ("Method", *PER_CLASS, *(() if sources is None else ("Printed by",)))
    return NumberTable(caption, headings, tuple(rows))


def _plain(value: float | None) -> str:
    return NO_NUMBER if value is None else f"{value:.1f}"


def _table3() -> NumberTable:
    names = {str(network): title for network, title in NAMES.items()}
    rows = [(f"DM, {names[learner]}", *map(_plain, line.values())) for learner, line in TABLE3.items()]
    rows.append(("DSA, ConvNet", *map(_plain, TABLE3_DSA.values())))
    caption = f"CIFAR-10, {TABLE3_SIZE} per class, batch norm: {PAPER}; {NO_STD}"
    return NumberTable(caption, ("Learned on", *(names[tester] for tester in TABLE3)), tuple(rows))


def _table4() -> NumberTable:
    rows = []
    for source, line in TABLE4.items():
        numbers = numbers_of(line)
        rows.append((parse_source(source).name, *(_plain(number and number.value) for number in numbers)))
    return NumberTable(f"CIFAR-10, DM: {PAPER}; {NO_STD}", ("Networks", *PER_CLASS), tuple(rows))


def _table2() -> NumberTable:
    data = tuple(TABLE2["dm"])
    rows = [(METHODS[method], *(_plain(line.get(name)) for name in data)) for method, line in TABLE2.items()]
    headings = ("Method", *(DATA_TITLES[name] for name in data))
    return NumberTable(f"{TABLE2_SIZE} per class, batch norm: {PAPER}; {NO_STD}", headings, tuple(rows))


_PUBLISHED = {
    "table2": _table2(),
    "table3": _table3(),
    "table4": _table4(),
    "figure4": NumberTable(
        f"CIFAR-10, 50 per class, one GTX 1080: {PAPER}",
        ("Method", "Minutes of condensing"),
        tuple(
            (METHODS[name], f"under {minutes:.0f}" if name == "dm" else grouped(int(minutes)))
            for name, minutes in FIGURE4_MINUTES.items()
        ),
    ),
    "figure5": NumberTable(
        f"CIFAR-10, DM: {PAPER}",
        ("Images per class", *map(grouped, FIGURE5)),
        (("DM", *map(_plain, FIGURE5.values())),),
    ),
    "figures6-7": NumberTable(
        f"CIFAR-100, 20 per class, after the last step: {PAPER}",
        ("Method", *(f"{steps} steps" for steps in CONTINUAL_STEPS)),
        tuple((METHODS[name], *map(_plain, values)) for name, values in FIGURES6_7.items()),
    ),
    "table5": NumberTable(
        f"CIFAR-10, 50 per class, 720 networks: {PAPER}",
        ("Searched on", "Rank correlation", "Accuracy of the chosen"),
        tuple(
            (
                METHODS[name],
                NO_NUMBER if search.correlation is None else f"{search.correlation:.2f}".replace("-", "−"),
                _plain(search.accuracy),
            )
            for name, search in TABLE5.items()
        ),
    ),
}
