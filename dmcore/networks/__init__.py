"""Network architectures of the paper (section 4.1), one file each; names are those of the command line.

Every network is `embed` (the feature map that equation 3 compares) and a linear `classifier` on top. Nothing
here initialises weights from a seed: `embedding/networks.py` does.
"""

from dmcore.networks.base import Network
from dmcore.networks.registry import (
    REGISTRY,
    build_network,
    feature_width,
    resolved_norm,
    uses_batch_statistics,
)

__all__ = [
    "REGISTRY",
    "Network",
    "build_network",
    "feature_width",
    "resolved_norm",
    "uses_batch_statistics",
]
