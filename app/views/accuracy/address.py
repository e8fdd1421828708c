"""The way to the Accuracy page with a run chosen, for the pages that lead there."""

from typing import NoReturn

from app.components.page_links import ACCURACY_PAGE, open_page
from app.data.available import available_datasets
from app.data.folders import runs_root
from app.views.accuracy.own_choices import ADDRESS
from dmcore.experiments.own_sets import BEFORE_SET, sets_query
from dmcore.experiments.own_table import OwnTableConfig
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import list_runs


def open_comparison(run: RunFolder) -> NoReturn:
    """Open the comparison of all sets of a run on its own data, whatever was chosen there before."""
    open_page(ACCURACY_PAGE, comparison_query(run), anew=("compare", "data"))


def comparison_query(run: RunFolder) -> dict[str, str]:
    """Query of the comparison of all sets of a run, each at its newest stored images, on the run's data."""
    newest = {
        f"{run.id}{BEFORE_SET}{described.name}": iterations[-1]
        for described in run.sets
        if (iterations := run.snapshots(described.name))
    }
    offered = available_datasets(list_runs(runs_root()))
    labels = [label for label, data in offered.items() if data.facts.name == run.description.data.name]
    return {
        "compare": OwnTableConfig.label,
        ADDRESS: sets_query(newest),
        **({"data": labels[0]} if labels else {}),
    }
