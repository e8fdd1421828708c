"""Numbers as people read them, for the library's own sentences: counts in groups of three, times with a unit.

Must not import torch.
"""

THIN_SPACE = "\u202f"


def grouped(number: int) -> str:
    """20000 -> 20 000, with thin spaces that do not break."""
    return f"{number:,}".replace(",", THIN_SPACE)


def duration(seconds: float) -> str:
    """A time to plan with, never rounded to nothing: 0.02 s, 40 s, 2.5 min, 3.5 h."""
    if seconds < 10:
        return f"{seconds:.2g} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.3g} min" if seconds < 90 * 60 else f"{seconds / 3600:.3g} h"
