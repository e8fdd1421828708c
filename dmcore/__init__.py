"""Dataset condensation with distribution matching (Zhao & Bilen, WACV 2023): the library's public names.

Imports are lazy: torch is loaded when a name that needs it is first used.
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from dmcore.condensation import condense
    from dmcore.config import CondenseConfig, DcConfig, DsaConfig, EvaluateConfig
    from dmcore.data.images import DataSet, LabelledImages, Statistics
    from dmcore.data.load import load_dataset
    from dmcore.gradient_matching import OuterStep
    from dmcore.matching import Step
    from dmcore.runs.imports import load_condensed
    from dmcore.training.evaluate import NetworkTested, evaluate

__version__ = "0.1.0"
__all__ = [
    "CondenseConfig",
    "DataSet",
    "DcConfig",
    "DsaConfig",
    "EvaluateConfig",
    "LabelledImages",
    "NetworkTested",
    "OuterStep",
    "Statistics",
    "Step",
    "condense",
    "evaluate",
    "load_condensed",
    "load_dataset",
]
__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "condensation": ["condense"],
        "config": ["CondenseConfig", "DcConfig", "DsaConfig", "EvaluateConfig"],
        "data.images": ["DataSet", "LabelledImages", "Statistics"],
        "data.load": ["load_dataset"],
        "gradient_matching": ["OuterStep"],
        "matching": ["Step"],
        "runs.imports": ["load_condensed"],
        "training.evaluate": ["NetworkTested", "evaluate"],
    },
)
