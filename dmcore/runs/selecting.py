"""A selection of real images becomes an ordinary run: to look at, to evaluate, to export."""

from pathlib import Path

from dmcore.coresets import Coreset
from dmcore.data import DataSet
from dmcore.runs.condensed import CondensedSet
from dmcore.runs.creation import describe_data
from dmcore.runs.description import SelectionDescription
from dmcore.runs.folder import RunFolder
from dmcore.runs.whole import make_whole_run


def create_selected_run(root: Path, dataset: DataSet, coreset: Coreset, title: str = "") -> RunFolder:
    """Make a run whose one set are the chosen images, named after the method and their number.

    Args:
        root: the runs root.
        dataset: what was chosen from.
        coreset: what was chosen.
        title: what to call the run; left open, data set, method and number.

    Raises:
        StorageError: the runs root cannot be written to, or the disk is full.
    """
    method, count = coreset.method, coreset.images_per_class
    chosen = CondensedSet(
        images=coreset.images,
        label=coreset.label,
        class_names=dataset.class_names,
        statistics=dataset.train.statistics,
        name=f"{method}-{count}",
        dataset=dataset.name,
    )
    return make_whole_run(
        root,
        title=title.strip() or f"{dataset.title}, {method.replace('_', ' ')}, {count} per class",
        origin="select",
        data=describe_data(dataset),
        sets=[chosen],
        notes=[coreset.sentence, *dataset.notes],
        selection=SelectionDescription(method=method, seed=coreset.seed, source=coreset.source),
    )
