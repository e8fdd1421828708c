"""Registry of the experiments, by the name of their command and their files.

A new experiment is a module with its configuration, and an entry here.
"""

from collections.abc import Mapping

from dmcore.experiments.figure5 import Figure5Config
from dmcore.experiments.own_table import OwnTableConfig
from dmcore.experiments.table import Table
from dmcore.experiments.table1 import Table1Config
from dmcore.experiments.table2 import Table2Config
from dmcore.experiments.table3 import Table3Config
from dmcore.experiments.table4 import Table4Config
from dmcore.experiments.table_config import TableConfig

EXPERIMENTS: Mapping[str, type[TableConfig]] = {
    config.name: config
    for config in (
        Table1Config,
        Table2Config,
        Table3Config,
        Table4Config,
        Figure5Config,
        OwnTableConfig,
    )
}


def experiment_of(table: Table) -> type[TableConfig]:
    """Experiment that a table is of, also one that is read from a file.

    Raises:
        ValueError: there is no such experiment.
    """
    if table.name not in EXPERIMENTS:
        raise ValueError(f"there is no experiment {table.name}: choose from {', '.join(EXPERIMENTS)}")
    return EXPERIMENTS[table.name]
