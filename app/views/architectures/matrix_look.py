"""How the matrix is looked at: a value that stands in the address. Must not import torch."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class MatrixLook:
    """The two switches."""

    published: bool = False
    """Whether the paper's values stand in the cells too."""
    drop: bool = False
    """Whether cells show how far they lie from their row's diagonal."""

    def as_query(self) -> dict[str, int]:
        """What the address says: only what is on."""
        return {name: 1 for name, on in (("published", self.published), ("drop", self.drop)) if on}

    @classmethod
    def of_query(cls, asked: Mapping[str, str]) -> "MatrixLook":
        """The inverse."""
        return cls("published" in asked, "drop" in asked)
