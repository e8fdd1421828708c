"""Reference of the coverage metrics: the real images, prepared once to measure any synthetic set against."""

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
from dmcore.feature_space.coverage.metrics import METRICS, NEIGHBOURS, MetricValue

Pool = Float[np.ndarray, "_ feature"]


@dataclass(frozen=True, eq=False)
class Reference:
    """Real images prepared for the coverage metrics of any set that the same network embeds.

    The order of images, real or synthetic, does not matter.
    """

    of_class: tuple[ClassReference | None, ...]
    """None for a class with fewer than two real images: it is left out."""
    width: int
    """Number of features of an image."""
    k: int
    """Number of neighbours in a real image's ball."""

    @classmethod
    def of(
        cls,
        real: Float[np.ndarray, "real feature"],
        label: Int[np.ndarray, " real"],
        classes: int,
        k: int = NEIGHBOURS,
    ) -> "Reference":
        """Prepare the real images.

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
        by_class = split_by_class(real, label, classes, "real")
        return cls(
            tuple(ClassReference.of(members, k) if len(members) > 1 else None for members in by_class),
            real.shape[1],
            k,
        )

    def measure(
        self,
        synthetic: Float[np.ndarray, "star feature"],
        label: Int[np.ndarray, " star"],
        distances: Float64[np.ndarray, "network class"] | None = None,
        seed: int = 0,
    ) -> tuple[MetricValue, ...]:
        """Values of all `METRICS`, in their order, for a synthetic set.

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
        distances = np.where([class_parts is None for class_parts in parts], np.nan, distances)
        metric_values = [
            mean_of_rows("mean_distance", distances, "network", self._note("mean_distance", counts), seed)
        ]
        for metric in METRICS[1:]:
            row = metric_rows([parts], metric.name)[0]
            values = row[~np.isnan(row)]
            resampled = [
                class_parts[metric.name]
                for class_parts in parts
                if class_parts and metric.name in class_parts
            ]
            if metric.parts == "classes" and resampled:
                resampled = [values]
            low, high = resampled_interval(resampled, seed, metric.name)
            too_few = "there is one class only" if metric.parts == "classes" else "a class has one image only"
            note = join_sentences(
                self._note(metric.name, counts),
                f"No interval: {too_few}." if resampled and low is None else "",
            )
            value = float(values.mean()) if len(values) else None
            metric_values.append(
                MetricValue(metric.name, value, low, high, none_for_nan(row), sum(map(len, resampled)), note)
            )
        return tuple(metric_values)

    def ceiling(
        self,
        fresh: Float[np.ndarray, "fresh feature"],
        fresh_label: Int[np.ndarray, " fresh"],
        label: Int[np.ndarray, " star"],
        draws: int = 10,
        seed: int = 0,
    ) -> tuple[MetricValue, ...]:
        """Metrics of as many fresh real images as a set has synthetic ones: few images cannot cover all.

        Args:
            fresh: features of real images that are not part of this reference.
            fresh_label: class of each.
            label: classes of the synthetic images: only their number per class matters.
            draws: each metric is a mean over so many draws without replacement, which its interval resamples.
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
        """Metrics of a single fresh real image, repeated as often as its class has synthetic ones.

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
        from dmcore.randomness import numpy_generator  # it imports torch, which readers of names do not need

        if draws < 1:
            raise ValueError(f"{draws} draws give no mean: ask for 1 or more")
        check_labels(label, len(self.of_class), "synthetic")
        counts = np.bincount(label, minlength=len(self.of_class)).tolist()
        pools = [sorted_by_hash(members) for members in self._split(fresh, fresh_label, "fresh")]
        parts_by_draw = []
        for index in range(draws):
            random = numpy_generator(seed, index, "fresh real images")
            parts_by_draw.append(
                self._parts([draw(pool, count, random) for pool, count in zip(pools, counts, strict=True)])
            )
        short = [
            index
            for index, (class_parts, count) in enumerate(zip(parts_by_draw[0], counts, strict=True))
            if class_parts is None and count and self.of_class[index]
        ]
        too_few = self._left_out("Too few fresh real images", short, " left out")
        return tuple(
            mean_of_rows(
                metric.name,
                metric_rows(parts_by_draw, metric.name),
                "draw",
                join_sentences(self._note(metric.name, counts), too_few),
                seed,
            )
            for metric in METRICS
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
        """Note on what a metric leaves out, for a set with these numbers of images per class."""
        both = list(enumerate(zip(self.of_class, counts, strict=True)))
        used = [(index, reference, count) for index, (reference, count) in both if reference and count]
        reasons = [
            ("Fewer than two real images", [i for i, (reference, _) in both if not reference], " left out"),
            (
                "No synthetic images",
                [i for i, (reference, count) in both if reference and not count],
                " left out",
            ),
        ]
        if name in ("mmd", "spread"):
            single = [i for i, _, count in used if count == 1]
            reasons.append(("Needs two images of a class", single, " left out"))
        if name in ("mmd", "nearest", "spread"):
            scale = {"mmd": "bandwidth", "nearest": "nearest", "spread": "variance"}[name]
            copies = [i for i, reference, _ in used if not getattr(reference, scale)]
            reasons.append(("Not defined where real images are copies of each other", copies, " left out"))
        if name in ("coverage", "density", "outliers"):
            small = [i for i, reference, _ in used if reference.k < self.k]
            reasons.append(
                (f"Fewer than {self.k + 1} real images, so that a ball holds all the others", small, "")
            )
        return join_sentences(*(self._left_out(*reason) for reason in reasons))

    def _left_out(self, why: str, classes: Sequence[int], consequence: str) -> str:
        """Sentence of a note on the classes that are left out; empty where there are none."""
        if not classes:
            return ""
        if len(classes) == len(self.of_class):
            return f"{why}: every class{consequence}."
        numbers = ", ".join(map(str, classes[:8])) + (
            f" and {len(classes) - 8} more" if len(classes) > 8 else ""
        )
        return f"{why}: {'class' if len(classes) == 1 else 'classes'} {numbers}{consequence}."
