"""Create a run from coresets: real images selected by a baseline method."""

from collections.abc import Sequence
from pathlib import Path

from dmcore.coresets import Coreset
from dmcore.data.images import DataSet
from dmcore.runs.complete import create_complete_run
from dmcore.runs.creation import describe_data
from dmcore.runs.description import MadeFor, SelectionDescription
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.condensed import CondensedSet


def create_selected_run(
    root: Path, dataset: DataSet, coresets: Sequence[Coreset], title: str = "", made_for: MadeFor = ""
) -> RunFolder:
    """Create a run from the coresets of one method: a set for each number of images per class.

    Args:
        root: the runs root.
        dataset: the data set they were selected from.
        coresets: coresets with different numbers of images per class.
        title: title of the run; left open, data set, method and numbers.
        made_for: what needed it, where no person did.

    Raises:
        StorageError: the runs root cannot be written to, or the disk is full.
    """
    method = coresets[0].method
    counts = ", ".join(str(coreset.images_per_class) for coreset in coresets)
    sets = [
        CondensedSet(
            images=coreset.images,
            label=coreset.label,
            class_names=dataset.class_names,
            statistics=dataset.train.statistics,
            name=f"{method}-{coreset.images_per_class}",
            dataset=dataset.name,
        )
        for coreset in coresets
    ]
    return create_complete_run(
        root,
        title=title.strip() or f"{dataset.title}, {method.replace('_', ' ')}, {counts} per class",
        origin="select",
        data=describe_data(dataset),
        sets=sets,
        notes=[*dict.fromkeys(coreset.sentence for coreset in coresets), *dataset.notes],
        selections=[
            SelectionDescription(
                method=method,
                seed=coreset.seed,
                source=coreset.source,
                training=None if coreset.network is None else coreset.network.config,
            )
            for coreset in coresets
        ],
        made_for=made_for,
    )
