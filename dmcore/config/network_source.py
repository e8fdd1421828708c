"""Network source: the distribution that embedding networks are drawn from (table 4, and ours beyond it).

It is written the same in run.json, on the command line and in the URL: `random`, `fixed:8`, `band:40-60`,
`all`, `interpolated:0.5`, `pixels`.
"""

import re
from dataclasses import dataclass
from typing import Literal

SourceKind = Literal["random", "fixed", "band", "all", "interpolated", "pixels"]
FORMS = "random, fixed:K, band:FROM-TO (percent), all, interpolated:T (0 to 1) or pixels"
MOST_FIXED = 10**6
LONGEST_NUMBER = 20
_NUMBER = r"(\d+(?:\.\d+)?)"
_PATTERN = re.compile(
    rf"(?P<plain>random|all|pixels)|fixed:(?P<count>\d+)|band:{_NUMBER}-{_NUMBER}|interpolated:(?P<share>{_NUMBER})"
)


@dataclass(frozen=True)
class NetworkSource:
    """Distribution of embedding networks, with its parameters."""

    kind: SourceKind
    count: int = 0
    """`fixed`: number of random networks, drawn with replacement."""
    low: float = 0.0
    """`band`: lower bound of the validation accuracy in percent, inclusive."""
    high: float = 100.0
    """`band`: upper bound, exclusive; 100 itself is in a band up to 100."""
    share: float = 0.0
    """`interpolated`: weights are (1 − share) · random + share · trained."""

    @property
    def pooled(self) -> bool:
        """Whether networks are drawn from a pool of trained ones."""
        return self.kind in ("band", "all", "interpolated")

    def contains(self, accuracy: float) -> bool:
        """Whether a network of this validation accuracy in percent is in the band; all are in `all`."""
        return self.low <= accuracy and (accuracy < self.high or self.high == 100)

    @property
    def name(self) -> str:
        """Short label, for a row of a table."""
        return {
            "random": "Random",
            "fixed": f"{self.count} fixed" if self.count > 1 else "1 fixed",
            "band": f"{self.low:g}–{self.high:g} %" if self.high < 100 else f"≥ {self.low:g} %",
            "all": "All trained",
            "interpolated": f"{self.share:g} of the way",
            "pixels": "Pixels",
        }[self.kind]

    @property
    def sentence(self) -> str:
        """Description in a sentence fragment."""
        networks = "random network" if self.count == 1 else "random networks"
        return {
            "random": "a fresh random network in every iteration",
            "fixed": f"{self.count} {networks}, drawn again and again",
            "band": f"networks with {self.low:g} to {self.high:g} % validation accuracy, drawn from the pool",
            "all": "every stored state of every trained network, drawn from the pool",
            "interpolated": f"weights {self.share:g} of the way from random ones to trained ones",
            "pixels": "no network at all: means of raw pixels",
        }[self.kind]

    def __str__(self) -> str:
        return {
            "fixed": f"fixed:{self.count}",
            "band": f"band:{self.low:g}-{self.high:g}",
            "interpolated": f"interpolated:{self.share:g}",
        }.get(self.kind, self.kind)


RANDOM = NetworkSource("random")


def parse_source(text: str) -> NetworkSource:
    """Parse the text of a network source, such as `band:40-60`.

    Raises:
        ValueError: no such source, or a number out of range; names the allowed forms.
    """
    match = _PATTERN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"choose {FORMS}")
    if match["plain"]:
        return NetworkSource(match["plain"])  # type: ignore[arg-type]
    if match["count"]:
        count = int(match["count"][:LONGEST_NUMBER])
        if count < 1:
            raise ValueError("fixed:K needs at least one network, such as fixed:8")
        if count > MOST_FIXED:
            raise ValueError(f"fixed:K takes at most {MOST_FIXED} networks, such as fixed:8")
        return NetworkSource("fixed", count=count)
    if match["share"]:
        if float(match["share"]) > 1:
            raise ValueError("interpolated:T needs T from 0 (random) to 1 (trained), as interpolated:0.5")
        return NetworkSource("interpolated", share=float(match["share"]))
    low, high = float(match[3]), float(match[4])
    if not low < high <= 100:
        raise ValueError("band:FROM-TO needs percent with FROM below TO, at most 100, such as band:40-60")
    return NetworkSource("band", low=low, high=high)
