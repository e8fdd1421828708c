"""Which data sets a table can be of, and what it must know of them before they are opened.

The named ones that are on this machine, whatever runs on disk were made from, and any path that is typed.
Torch is imported only for a path that no run knows yet.
"""

from pathlib import Path

from app.data.facts import dataset_entry
from app.data.folders import data_root, datasets
from app.data.images import open_dataset
from dmcore.experiments.presets import DataFacts
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import read_runs


def known_data(runs_root: Path) -> list[str]:
    """Names and paths to choose from, named ones first."""
    named = [entry.name for entry in datasets() if entry.on_disk]
    of_runs = [run.description.data.name for run in _runs(runs_root)]
    return list(dict.fromkeys([*named, *(one for one in of_runs if _usable(one))]))


def facts_of(name: str, runs_root: Path) -> DataFacts | None:
    """What is known of a data set without opening it; None where it has to be read first.

    Raises:
        ValueError: a named one that is not on this machine, with the remedy.
    """
    entry = dataset_entry(name)
    if entry is not None:
        if not entry.on_disk:
            raise ValueError(
                f"{entry.title} is not on this machine: `dmcore prepare {name}` in a terminal fetches it, "
                "or choose another data set"
            )
        return DataFacts(name, entry.title, entry.shape, entry.train_count)
    lasting = lasting_name(name)
    for run in _runs(runs_root):
        data = run.description.data
        if data.name in (name, lasting):
            shape = (data.channels, data.height, data.width)
            return DataFacts(lasting, data.title, shape, data.train_count or 1)
    return None


def read_facts(name: str) -> DataFacts:
    """The same from the images themselves, which may take a while the first time.

    Raises:
        ValueError: nothing there, or no problem to learn; with the remedy.
    """
    lasting = lasting_name(name)
    dataset = open_dataset(lasting, data_root())
    return DataFacts(lasting, dataset.title, dataset.shape, len(dataset.train))


def lasting_name(name: str) -> str:
    """A path as it reads from every folder, so that a terminal fills the same table."""
    path = Path(name).expanduser()
    return str(path.absolute()) if dataset_entry(name) is None and path.exists() else name


def _runs(root: Path) -> list[RunFolder]:
    """Runs that know how many real images they had, newest first."""
    return [run for run in read_runs(root)[0] if run.description.data.train_count]


def _usable(name: str) -> bool:
    """Whether it can be opened here: a name that is on this machine, or a path that is there."""
    entry = dataset_entry(name)
    return entry.on_disk if entry is not None else bool(name) and Path(name).expanduser().exists()
