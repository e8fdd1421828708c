"""Own comparison table: sets of runs on disk against selections of real images, tested by the same networks.

Rows are the compared sets, columns the networks that are trained on them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar

from dmcore.config import Method, NetworkName, NetworkSpec, Selection, TrainingConfig
from dmcore.config.command_line import evaluate_command
from dmcore.experiments.presets import DataFacts, Preset, PresetName, per_class, protocol_of
from dmcore.experiments.table import Cell, Recipe
from dmcore.experiments.table1 import NAMES
from dmcore.experiments.table3 import NAMES as NETWORK_NAMES
from dmcore.experiments.table_config import TableConfig, Unique


@dataclass(frozen=True)
class ComparedSet:
    """Set of a run at one stored iteration, as a row of the table; later iterations do not change it."""

    run: str
    """Id of the run."""
    set: str
    """Name of the set in the run."""
    iteration: int
    images_per_class: int
    row: str
    """Sets with the same row are independent sets of it."""
    method: Method = "dm"
    """Of the run; its command depends on it."""


class OwnTableConfig(TableConfig):
    """Own comparison: sets of runs on disk against selections of real images and all of them."""

    name = "own"
    label = "my runs"
    meaning = (
        "Any sets of images on disk, against as many real images, evaluated with the networks you choose."
    )
    row_title = "Images"
    column_title = "Tested with"
    compared_row = None
    has_command = False
    usual: ClassVar[Mapping[PresetName, Mapping[str, Any]]] = {"laptop": {}, "paper": {}}

    sets: tuple[ComparedSet, ...] = ()
    """The compared sets, the first against all others."""
    baselines: Annotated[tuple[Selection, ...], Unique] = ()
    """Selections of as many real images per class as the sets have, for each number that occurs."""
    networks: Annotated[tuple[NetworkName, ...], Unique] = ()
    """Columns: networks trained on the images."""
    whole: bool = False
    """Adds a network on all real images as upper reference, in the columns of its architecture."""
    learned_with: NetworkSpec | None = None
    """Network that the first set was learned with: it is the one of its architecture that is tested."""

    def title(self, data: DataFacts) -> str:
        """Title with the name of the data set."""
        return f"{data.title}: sets of images compared"

    def settings(self, data: DataFacts) -> Preset:
        """Settings of the preset, with the tested ConvNet in the trainings on real images."""
        chosen = super().settings(data)
        convnet = self._tested("convnet", chosen)
        changes = {**chosen.training.model_dump(), **convnet.model_dump()}
        return replace(chosen, training=TrainingConfig.model_validate(changes))

    def _tested(self, network: NetworkName, chosen: Preset) -> NetworkSpec:
        """Test network: the first set's own where it is of this architecture, else of the preset's size."""
        if self.learned_with is not None and self.learned_with.network == network:
            return self.learned_with
        return chosen.network if network == "convnet" else NetworkSpec(network=network)

    def cells(self, chosen: Preset) -> Iterator[Cell]:
        """Yield the cells of the sets, of the selections, and of all real images.

        Raises:
            ValueError: no sets, or no networks.
        """
        if not self.sets:
            raise ValueError("there is nothing to compare yet: choose at least one set of images of a run")
        if not self.networks:
            raise ValueError("no network is chosen: choose at least one to train on the images")
        networks = [self._tested(name, chosen) for name in self.networks]
        for row, recipe in (*self._learned(), *self._selected(chosen)):
            for network in networks:
                yield Cell(
                    row=row,
                    column=NETWORK_NAMES[network.network],
                    recipe=recipe,
                    network=network,
                    repeats=chosen.repeats,
                )
        ceiling = chosen.whole(chosen.seeds[0])
        for network in networks:
            if self.whole and network == chosen.training.network_spec():
                column = NETWORK_NAMES[network.network]
                yield Cell(row=NAMES["whole"], column=column, recipe=ceiling, network=network, repeats=1)

    def _learned(self) -> Iterator[tuple[str, Recipe]]:
        """Recipes of the sets, by row: every row gets its first set before any gets its second."""
        sets_of_row: dict[str, int] = {}
        for compared in self.sets:
            number = sets_of_row.get(compared.row, 0)
            sets_of_row[compared.row] = number + 1
            yield compared.row, _recipe(compared, number)

    def _selected(self, chosen: Preset) -> Iterator[tuple[str, Recipe]]:
        """Recipes of the selections, by row."""
        learned_rows = {compared.row for compared in self.sets}
        sizes = tuple(sorted({compared.images_per_class for compared in self.sets}))
        for seed in chosen.seeds:
            for method in self.baselines:
                for size, recipe in chosen.selected(method, sizes, seed).items():
                    name = NAMES[method] if len(sizes) == 1 else f"{NAMES[method]}, {per_class(size)}"
                    yield f"{name} (real images)" if name in learned_rows else name, recipe

    @property
    def command_line(self) -> str:
        """Equivalent shell commands, one for each set; the real images have no command."""
        protocol = protocol_of(self.preset, self.protocol)
        tested = protocol.model_copy(
            update={
                "networks": self.networks,
                "repeats": self.repeats or protocol.repeats,
                "epochs": self.epochs or protocol.epochs,
            }
        )
        return "\n".join(
            evaluate_command(
                f"{compared.run}:{compared.set}",
                tested,
                iteration=compared.iteration,
                dataset=self.dataset,
                method=compared.method,
            )
            for compared in self.sets
        )


def _recipe(chosen_set: ComparedSet, number: int) -> Recipe:
    """`number` counts the sets of a row: every row gets its first before any gets its second."""
    return Recipe(
        method="run",
        seed=number,
        images_per_class=chosen_set.images_per_class,
        sizes=(chosen_set.images_per_class,),
        run=chosen_set.run,
        set=chosen_set.set,
        iteration=chosen_set.iteration,
    )
