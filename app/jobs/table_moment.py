"""What is being done for a table at this moment. A value; must not import torch."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TableMoment:
    """One published moment of a table that is being filled."""

    place: int | None
    """Number of the place that networks are trained for; None while a set is made."""
    doing: str
    """In words."""
    curve: tuple[tuple[int, float], ...] = ()
    """(epoch, percent of a part of the test images) of the network in hand, where it is watched."""
    made_for: tuple[int, ...] = ()
    """Numbers of the places that the set in hand is made for."""
    step: str = ""
    """What is being done in two or three words, to stand in a cell."""
