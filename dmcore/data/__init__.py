"""Named data sets, image folders and zips of them -> uint8 images with labels.

Importing this package is cheap: what is known about the named ones (`describe_datasets`) needs no torch;
torch is loaded when images are.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dmcore.data.catalogue import DataSetEntry, describe_datasets, find_data_root

if TYPE_CHECKING:
    from dmcore.data.images import DataSet, LabelledImages, Statistics
    from dmcore.data.load import load_dataset

_HOME = {
    "DataSet": "dmcore.data.images",
    "LabelledImages": "dmcore.data.images",
    "Statistics": "dmcore.data.images",
    "load_dataset": "dmcore.data.load",
}

__all__ = [
    "DataSet",
    "DataSetEntry",
    "LabelledImages",
    "Statistics",
    "describe_datasets",
    "find_data_root",
    "load_dataset",
]


def __getattr__(name: str) -> Any:
    """Import the module a public name lives in when it is first asked for (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module 'dmcore.data' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
