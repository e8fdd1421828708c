"""Coreset selection baselines of table 1, one file each: random, herding and others.

Names are those of the command line. `select` chooses the images; `prepare` trains the network that it needs.
"""

from dmcore.coresets.coreset import Coreset
from dmcore.coresets.registry import REGISTRY, SelectionMethod, prepare, select
from dmcore.coresets.source import CoresetSource, laptop_source

__all__ = ["REGISTRY", "Coreset", "CoresetSource", "SelectionMethod", "laptop_source", "prepare", "select"]
