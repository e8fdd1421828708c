"""How the networks of a recorded table 1 were trained, for the sentences of the chapters."""

from dataclasses import dataclass

from dmcore.config import ALL_OPERATIONS, NetworkSpec
from dmcore.experiments.table import Table


@dataclass(frozen=True)
class RecordedProtocol:
    """Training of the networks of a table 1."""

    network: NetworkSpec
    epochs: int
    """On a small set."""
    whole_epochs: int
    """On all real images."""
    operations: tuple[str, ...]
    """Of the augmentation, by name; empty without one."""


def recorded_protocol(table: Table) -> RecordedProtocol:
    """Protocol of a table 1, as its cells say it."""
    whole = next(cell for cell in table.cells if cell.recipe.method == "whole")
    assert whole.recipe.training is not None
    augment = table.protocol.augment
    operations = ALL_OPERATIONS if augment is None else augment
    return RecordedProtocol(whole.network, table.protocol.epochs, whole.recipe.training.epochs, operations)
