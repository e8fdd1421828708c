"""The real side of every number: made once, then any synthetic set can be measured against it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int

from dmcore.feature_space.coverage.class_coverage import (
    ClassReference,
    Features,
    FeaturesByClass,
    Label,
    Parts,
    check_labels,
    sorted_by_hash,
    split_by_class,
)
from dmcore.feature_space.coverage.means import (
    join_sentences,
    mean_of_rows,
    metric_rows,
    none_for_nan,
    resampled_interval,
)
from dmcore.feature_space.coverage.metrics import METRICS, MetricValue

Pool = Float[np.ndarray, "_ feature"]


@dataclass(frozen=True, eq=False)
class Reference:
    """The real side of every number, computed once: any set of features of the same network can be measured.

    The order of images, real or synthetic, changes nothing.
    """

    of_class: tuple[ClassReference | None, ...]
    """None for a class with fewer than two real images: it is left out."""
    width: int
    """Features of an image."""
    k: int
    """Neighbours that decide how large a real image's ball is."""

    @classmethod
    def of(
        cls,
        real: Float[np.ndarray, "real feature"],
        label: Int[np.ndarray, " real"],
        classes: int,
        k: int = 5,
    ) -> "Reference":
        """Measure the real images.

        Args:
            real: features of a fixed sample; how many there are decides how large the balls are.
            label: class of each image.
            classes: how many classes there are.
            k: neighbours that a ball holds; all the others in a class of fewer than k + 1.

        Raises:
            ValueError: a feature is not finite, a label is no class, or k is less than one.
        """
        if k < 1:
            raise ValueError(f"balls of {k} neighbours hold nothing: give k of 1 or more")
        each = split_by_class(real, label, classes, "real")
        return cls(
            tuple(ClassReference.of(one, k) if len(one) > 1 else None for one in each), real.shape[1], k
        )

    def measure(
        self,
        synthetic: Float[np.ndarray, "star feature"],
        label: Int[np.ndarray, " star"],
        distances: Float64[np.ndarray, "network class"] | None = None,
        seed: int = 0,
    ) -> tuple[MetricValue, ...]:
        """Every number of `METRICS`, in their order, for one synthetic set.

        Args:
            synthetic: features of its images, by the network that embedded the real ones.
            label: class of each image.
            distances: `mean_distances` on several networks; left out, on this one network alone.
            seed: decides the resamples behind the intervals.

        Raises:
            ValueError: a feature is not finite, an image has more or fewer of them than the real ones, a
                label is no class, or the distances are of another number of classes.
        """
        parts = self._parts(self._split(synthetic, label, "synthetic"))
        if distances is None:
            distances = metric_rows([parts], "mean_distance")
        elif distances.shape[1] != len(parts):
            raise ValueError(
                f"the distances are of {distances.shape[1]} classes, the real images of {len(parts)}: "
                "give one per class, NaN where it has no images"
            )
        counts = np.bincount(label, minlength=len(parts)).tolist()
        distances = np.where([one is None for one in parts], np.nan, distances)
        measures = [
            mean_of_rows("mean_distance", distances, "network", self._note("mean_distance", counts), seed)
        ]
        for number in METRICS[1:]:
            row = metric_rows([parts], number.name)[0]
            values = row[~np.isnan(row)]
            resampled = [one[number.name] for one in parts if one and number.name in one]
            if number.parts == "classes" and resampled:
                resampled = [values]
            low, high = resampled_interval(resampled, seed, number.name)
            few = "there is one class only" if number.parts == "classes" else "a class has one image only"
            note = join_sentences(
                self._note(number.name, counts), f"No interval: {few}." if resampled and low is None else ""
            )
            value = float(values.mean()) if len(values) else None
            measures.append(
                MetricValue(number.name, value, low, high, none_for_nan(row), sum(map(len, resampled)), note)
            )
        return tuple(measures)

    def ceiling(
        self,
        fresh: Float[np.ndarray, "fresh feature"],
        fresh_label: Int[np.ndarray, " fresh"],
        label: Int[np.ndarray, " star"],
        draws: int = 10,
        seed: int = 0,
    ) -> tuple[MetricValue, ...]:
        """What as many real images as a set has synthetic ones reach: few images cannot cover everything.

        Args:
            fresh: features of real images that are not among those this reference was made of.
            fresh_label: class of each.
            label: classes of the synthetic images: what counts is how many each class has.
            draws: each number is a mean over so many draws without replacement, which its interval resamples.
            seed: decides the draws.

        Raises:
            ValueError: features or labels that `measure` would refuse, or less than one draw.
        """

        def drawn(pool: Pool, count: int, random: np.random.Generator) -> Pool:
            order = random.permutation(len(pool))
            return pool[order[:count] if len(pool) >= count else order[:0]]

        return self._over_draws(fresh, fresh_label, label, drawn, draws, seed)

    def floor(
        self,
        fresh: Float[np.ndarray, "fresh feature"],
        fresh_label: Int[np.ndarray, " fresh"],
        label: Int[np.ndarray, " star"],
        draws: int = 10,
        seed: int = 0,
    ) -> tuple[MetricValue, ...]:
        """What one fresh real image reaches, repeated as often as its class has synthetic ones.

        Arguments and errors are those of `ceiling`.
        """

        def repeated(pool: Pool, count: int, random: np.random.Generator) -> Pool:
            return pool[random.permutation(len(pool))[:1].repeat(count)]

        return self._over_draws(fresh, fresh_label, label, repeated, draws, seed)

    def _over_draws(
        self,
        fresh: Features,
        fresh_label: Label,
        label: Int[np.ndarray, " star"],
        draw: Callable[[Pool, int, np.random.Generator], Pool],
        draws: int,
        seed: int,
    ) -> tuple[MetricValue, ...]:
        from dmcore.randomness import numpy_generator  # torch comes with it: not for whoever reads names

        if draws < 1:
            raise ValueError(f"{draws} draws give no mean: ask for 1 or more")
        check_labels(label, len(self.of_class), "synthetic")
        counts = np.bincount(label, minlength=len(self.of_class)).tolist()
        pools = [sorted_by_hash(one) for one in self._split(fresh, fresh_label, "fresh")]
        each = []
        for index in range(draws):
            random = numpy_generator(seed, index, "fresh real images")
            each.append(
                self._parts([draw(pool, count, random) for pool, count in zip(pools, counts, strict=True)])
            )
        short = [
            index
            for index, (one, count) in enumerate(zip(each[0], counts, strict=True))
            if one is None and count and self.of_class[index]
        ]
        few = self._said("Too few fresh real images", short, " left out")
        return tuple(
            mean_of_rows(
                one.name,
                metric_rows(each, one.name),
                "draw",
                join_sentences(self._note(one.name, counts), few),
                seed,
            )
            for one in METRICS
        )

    def _split(self, features: Features, label: Label, kind: str) -> FeaturesByClass:
        if features.shape[1] != self.width:
            raise ValueError(
                f"the {kind} images have {features.shape[1]} features, those of the reference {self.width}: "
                "embed both with the same network"
            )
        return split_by_class(features, label, len(self.of_class), kind)

    def _parts(self, by_class: FeaturesByClass) -> list[dict[str, Parts] | None]:
        return [
            reference.parts(images) if reference and len(images) else None
            for reference, images in zip(self.of_class, by_class, strict=True)
        ]

    def _note(self, name: str, counts: Sequence[int]) -> str:
        """What a number leaves out, for a set with so many images in each class."""
        both = list(enumerate(zip(self.of_class, counts, strict=True)))
        used = [(index, one, count) for index, (one, count) in both if one and count]
        said = [
            ("Fewer than two real images", [i for i, (one, _) in both if not one], " left out"),
            ("No synthetic images", [i for i, (one, count) in both if one and not count], " left out"),
        ]
        if name in ("mmd", "spread"):
            single = [i for i, _, count in used if count == 1]
            said.append(("Not defined for a single synthetic image", single, " left out"))
        if name in ("mmd", "nearest", "spread"):
            scale = {"mmd": "bandwidth", "nearest": "nearest", "spread": "variance"}[name]
            copies = [i for i, one, _ in used if not getattr(one, scale)]
            said.append(("Not defined where real images are copies of each other", copies, " left out"))
        if name in ("coverage", "density", "outliers"):
            small = [i for i, one, _ in used if one.k < self.k]
            said.append(
                (f"Fewer than {self.k + 1} real images, so that a ball holds all the others", small, "")
            )
        return join_sentences(*(self._said(*one) for one in said))

    def _said(self, why: str, which: Sequence[int], what: str) -> str:
        if not which:
            return ""
        if len(which) == len(self.of_class):
            return f"{why}: every class{what}."
        shown = ", ".join(map(str, which[:8])) + (f" and {len(which) - 8} more" if len(which) > 8 else "")
        return f"{why}: {'class' if len(which) == 1 else 'classes'} {shown}{what}."
