"""Test accuracy by how the training images were made: condensed, their start, random real, and others.

For what compares a run with its simple alternatives: its own evaluations, and beside them the recorded ones
of table 1 where the run has none and its configuration is the recorded one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from app.data.stored_results import evaluation_results, results_at
from dmcore.config import CondenseConfig, EvaluateConfig, MethodConfig
from dmcore.config.formatting import NO_BREAK_SPACE, counted, mean_text
from dmcore.config.protocols import without_repeats
from dmcore.experiments.gallery.recorded import RecordedEntry, is_recorded, recorded_entries
from dmcore.experiments.presets import per_class
from dmcore.experiments.report.entries import TableEntry, entry_of
from dmcore.experiments.table1 import NAMES, MethodName
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.evaluation_tasks import representative_set
from dmcore.runs.results.summary import start_results

Method = Literal["condensed", "start", "random_real", "mean_image", "herding", "all_real"]
METHODS: tuple[Method, ...] = get_args(Method)
"""Order in which they are shown."""
ROWS: Mapping[Method, MethodName] = {
    "condensed": "dm",
    "random_real": "random",
    "mean_image": "mean_image",
    "herding": "herding",
    "all_real": "whole",
}
"""Method of table 1."""
OF_THE_SET = {"seed", "sets", "images_per_class", "init", "image_lr", "momentum"}
"""Fields of a configuration that a set has of its own, or in which the sets of a table's row may differ."""


@dataclass(frozen=True)
class MethodAccuracy:
    """Test accuracy in percent of networks trained on the images of one method alone."""

    method: Method
    mean: float
    std: float | None
    """Over networks, ddof 0; None of one network."""
    sets: int
    """Number of independent sets; of all real images there is one."""
    networks: int
    """Number of networks, all sets together."""
    recorded: bool
    """Whether it came with the program, and was not measured here."""
    over_draws: "MethodAccuracy | None" = None
    """Of one draw of random images: the recorded accuracy over several, where the settings are the same."""

    @property
    def text(self) -> str:
        """Mean and deviation: '71.5 ± 0.6 %'."""
        return f"{mean_text(self.mean, self.std)} %".replace(" ", NO_BREAK_SPACE)

    @property
    def counts_text(self) -> str:
        """Both numbers n: '3 sets, 9 networks', 'one draw, 3 networks'; of all real images networks only."""
        networks = counted(self.networks, "network")
        if self.method == "all_real":
            return networks
        if self.method == "random_real":
            return f"{'one draw' if self.sets == 1 else counted(self.sets, 'draw')}, {networks}"
        return f"{counted(self.sets, 'set')}, {networks}"

    @classmethod
    def of_entry(cls, method: Method, entry: TableEntry) -> "MethodAccuracy":
        """Recorded accuracy of an entry of table 1."""
        std = entry.std if entry.networks > 1 else None
        return cls(method, entry.mean, std, entry.sets, entry.networks, recorded=True)

    @classmethod
    def of_result(cls, method: Method, result: StoredResult, *, recorded: bool) -> "MethodAccuracy":
        """Accuracy of an evaluation of a run: one set, or several draws of random images."""
        std = result.std if result.n > 1 else None
        return cls(method, result.mean, std, result.draws, result.n, recorded)


def recorded_table1(dataset: str) -> RecordedEntry | None:
    """Recorded results of table 1 of a data set; None where there are none."""
    of_table = (entry for entry in recorded_entries() if entry.results is not None)
    return next(
        (
            entry
            for entry in of_table
            if entry.results
            and (entry.results.table.name, entry.results.table.dataset) == ("table1", dataset)
        ),
        None,
    )


def recorded_accuracies(dataset: str, images_per_class: int) -> dict[Method, MethodAccuracy]:
    """Recorded accuracies of table 1 for a data set and a number of images, as far as there are any."""
    recorded = recorded_table1(dataset)
    if recorded is None or recorded.results is None:
        return {}
    entries = {
        method: entry_of(recorded.results, NAMES[row], per_class(images_per_class))
        for method, row in ROWS.items()
    }
    return {method: MethodAccuracy.of_entry(method, entry) for method, entry in entries.items() if entry}


def compared_accuracies(run: RunFolder, set_name: str, iteration: int) -> list[MethodAccuracy]:
    """Accuracies of a set of a run and of its alternatives, in the order of `METHODS`; unknown ones left out.

    Its own evaluations first; a recorded one where there is none, the data set is the same and images were
    made and tested in the same way. A draw of random images has the recorded accuracy over several beside it.

    Args:
        run: the run.
        set_name: one of its sets.
        iteration: of the condensed images.
    """
    own: dict[Method, StoredResult] = {}
    network = run.config.network if run.config is not None else None
    for result in results_at(run, iteration):
        same = representative_set(run, result.set, result.kind) == representative_set(
            run, set_name, result.kind
        )
        if same and network in (None, result.network):
            own[result.kind] = result
    protocol = own["condensed"].protocol if "condensed" in own else None
    for start in start_results(run, evaluation_results(run)) if iteration else ():
        alike = protocol is None or without_repeats(start.protocol) == without_repeats(protocol)
        if alike and start.set == set_name and network in (None, start.network):
            own["start"] = start
    known = {
        method: MethodAccuracy.of_result(method, result, recorded=is_recorded(run))
        for method, result in own.items()
    }
    if run.config is not None:
        fitting = _fitting(run, run.config, set_name, protocol)
        if iteration != run.config.iterations:
            fitting.pop("condensed", None)  # recorded after the last iteration
        drawn, several = known.get("random_real"), fitting.get("random_real")
        if drawn is not None and several is not None and several.sets > drawn.sets:
            known["random_real"] = replace(drawn, over_draws=several)
        known = {**fitting, **known}
    return [known[method] for method in METHODS if method in known]


def fitting_accuracies(run: RunFolder, set_name: str, protocol: EvaluateConfig) -> list[MethodAccuracy]:
    """Recorded accuracies of the alternatives of a set, and of sets made alike, tested by this protocol."""
    return [] if run.config is None else [*_fitting(run, run.config, set_name, protocol).values()]


def _fitting(
    run: RunFolder, config: MethodConfig, set_name: str, protocol: EvaluateConfig | None
) -> dict[Method, MethodAccuracy]:
    """Recorded accuracies that a run with this configuration, tested by this protocol, may stand beside."""
    recorded = recorded_table1(config.dataset)
    if recorded is None or recorded.results is None:
        return {}
    table = recorded.results.table
    if protocol is not None and without_repeats(protocol) != without_repeats(table.protocol):
        return {}
    size = run.set_named(set_name).images_per_class
    fitting = {}
    for method, accuracy in recorded_accuracies(config.dataset, size).items():
        cell = table.cells[table.at(NAMES[ROWS[method]], per_class(size))[0]]
        same_images = method != "condensed" or (
            cell.recipe.dm_config is not None and learned_alike(run, set_name, cell.recipe.dm_config)
        )
        if same_images and cell.network == config.network_spec():
            fitting[method] = accuracy
    return fitting


def learned_alike(
    run: RunFolder, set_name: str, condense: CondenseConfig, ignoring: Collection[str] = ()
) -> bool:
    """Whether a set of a run was learned as one of a configuration, whatever its seed and name.

    Args:
        run: the run.
        set_name: one of its sets.
        condense: the configuration.
        ignoring: further fields in which they may differ.
    """
    spec = run.set_named(set_name).spec
    if not isinstance(run.config, CondenseConfig) or spec is None:
        return False
    left_out = OF_THE_SET.union(ignoring)
    same_run = run.config.model_dump(exclude=left_out) == condense.model_dump(exclude=left_out)
    return same_run and spec in [each.model_copy(update={"name": spec.name}) for each in condense.all_sets()]
