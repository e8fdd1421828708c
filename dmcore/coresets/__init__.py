"""Selection baselines of table 1: real images (or their means) that stand for a data set, one file each.

Names are those of the command line. `select` chooses; the network that a method looks through, `prepare`
trains. Must not know about run folders.
"""

from dmcore.coresets.coreset import Coreset
from dmcore.coresets.registry import REGISTRY, SelectionMethod, prepare, select
from dmcore.coresets.source import CoresetSource, laptop_source

__all__ = ["REGISTRY", "Coreset", "SelectionMethod", "CoresetSource", "laptop_source", "prepare", "select"]
