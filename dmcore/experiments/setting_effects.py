"""Effects of single settings, measured by two tables of the same data that differ in one setting."""

from collections.abc import Iterable
from dataclasses import dataclass

from dmcore.config.formatting import grouped
from dmcore.experiments.cell_settings import cell_settings
from dmcore.experiments.report.entries import TableEntry, entry_of
from dmcore.experiments.results import Results
from dmcore.experiments.table import Table
from dmcore.experiments.verdicts import Verdict, verdict


@dataclass(frozen=True)
class SettingEffect:
    """Accuracy of learned images with another value of one setting, all else the same."""

    setting: str
    """Named as in `published.deviations.Deviation`."""
    value: object
    other_value: object
    entry: TableEntry
    other: TableEntry

    @property
    def verdict(self) -> Verdict:
        """Test of the other value against this one, over the means of independent sets."""
        return verdict(self.other.set_means, self.entry.set_means, higher_is_better=True)

    @property
    def sentence(self) -> str:
        """Both numbers with their n, and whether the sets resolve the difference."""
        outcome = {"holds": "a gain that holds", "reversed": "a loss that holds"}
        return (
            f"{_text(self.other_value)} instead of {_text(self.value)}: {self.other.mean_text} % "
            f"({self.other.counts_text}) against {self.entry.mean_text} % ({self.entry.counts_text}), "
            f"{outcome.get(self.verdict.outcome, 'not resolved')}"
        )


def setting_effects(
    results: Results, row: str, column: str, others: Iterable[Results]
) -> dict[str, SettingEffect]:
    """Effects by setting, from all other tables that differ from a row and column in nothing else.

    Of several values of a setting the one with the most sets counts, the first of those.

    Args:
        results: of the table.
        row: of learned images.
        column: of a number of images per class.
        others: results of other tables; those of other data or sizes are passed over.
    """
    entry, settings = entry_of(results, row, column), settings_of(results.table, row, column)
    effects: dict[str, SettingEffect] = {}
    for candidate in others if entry is not None and settings is not None else ():
        if candidate.table.dataset != results.table.dataset:
            continue
        other, theirs = entry_of(candidate, row, column), settings_of(candidate.table, row, column)
        if entry is None or settings is None or other is None or theirs is None:
            continue
        differing = [name for name in settings if settings[name] != theirs.get(name)]
        if len(differing) == 1 and settings.keys() == theirs.keys():
            (name,) = differing
            if name not in effects or effects[name].other.sets < other.sets:
                effects[name] = SettingEffect(name, settings[name], theirs[name], entry, other)
    return effects


def settings_of(table: Table, row: str, column: str) -> dict[str, object] | None:
    """Settings of the learned images of a row and column, as `cell_settings`; None where cells differ."""
    found: list[dict[str, object]] = []
    for index in table.at(row, column):
        cell = table.cells[index]
        if cell.recipe.condense is None:
            return None
        settings = cell_settings(table, cell)
        if settings not in found:
            found.append(settings)
    return found[0] if len(found) == 1 else None


def _text(value: object) -> str:
    return grouped(value) if isinstance(value, int) and not isinstance(value, bool) else str(value)
