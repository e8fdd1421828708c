"""Dataset condensation with distribution matching (Zhao & Bilen, WACV 2023), as a library.

Importing this package is cheap: torch is loaded when a name that needs it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dmcore.config import CondenseConfig, EvaluateConfig
    from dmcore.data import DataSet, LabelledImages, Statistics, load_dataset
    from dmcore.matching import Step, condense
    from dmcore.runs import load_condensed
    from dmcore.training.evaluate import NetworkTested, evaluate

_HOME = {
    "load_dataset": "dmcore.data",
    "DataSet": "dmcore.data",
    "LabelledImages": "dmcore.data",
    "Statistics": "dmcore.data",
    "CondenseConfig": "dmcore.config",
    "EvaluateConfig": "dmcore.config",
    "condense": "dmcore.matching",
    "Step": "dmcore.matching",
    "evaluate": "dmcore.training.evaluate",
    "NetworkTested": "dmcore.training.evaluate",
    "load_condensed": "dmcore.runs",
}

__version__ = "0.1.0"
__all__ = [
    "CondenseConfig",
    "DataSet",
    "EvaluateConfig",
    "LabelledImages",
    "NetworkTested",
    "Statistics",
    "Step",
    "condense",
    "evaluate",
    "load_condensed",
    "load_dataset",
]


def __getattr__(name: str) -> Any:
    """Import the module a public name lives in when it is first asked for (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module 'dmcore' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
