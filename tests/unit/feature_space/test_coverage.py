"""Coverage numbers against plain loops and scikit-learn, on sets small enough to check by hand."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import pairwise_distances
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import NearestNeighbors

import dmcore.feature_space.coverage
import dmcore.feature_space.coverage.class_coverage as class_module
from dmcore.feature_space.coverage import (
    METRICS,
    MetricValue,
    Reference,
    class_means,
    mean_distances,
    mean_over_networks,
)
from dmcore.randomness import numpy_generator

IN_IMAGES = ("coverage", "density", "outliers", "nearest")


def drawn(
    counts: tuple[int, ...], draw: int = 0, width: int = 6, away: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Normal features, so many of each class, the classes apart and mixed."""
    random = numpy_generator(0, draw, "test")
    label = random.permutation(np.repeat(np.arange(len(counts)), counts))
    features = random.normal(size=(len(label), width)) + 3 * label[:, None] + away
    return features.astype(np.float32), label


def named(measures: tuple[MetricValue, ...]) -> dict[str, MetricValue]:
    assert [metric.name for metric in measures] == [metric.name for metric in METRICS]
    return {metric.name: metric for metric in measures}


def of_class(
    number: Callable[..., float],
    real: np.ndarray,
    real_label: np.ndarray,
    star: np.ndarray,
    label: np.ndarray,
) -> list[float]:
    return [
        number(real[real_label == index].astype(np.float64), star[label == index].astype(np.float64))
        for index in range(1 + max(real_label))
    ]


def loop_mean_distance(real: np.ndarray, star: np.ndarray) -> float:
    total = 0.0
    for feature in range(real.shape[1]):
        total += (sum(real[:, feature]) / len(real) - sum(star[:, feature]) / len(star)) ** 2
    return total


def loop_mmd(real: np.ndarray, star: np.ndarray) -> float:
    distances = [math.dist(real[i], real[j]) for i in range(len(real)) for j in range(i)]
    gamma = 1 / (2 * np.median(distances) ** 2)

    def among(points: np.ndarray) -> float:
        kernel = rbf_kernel(points, gamma=gamma)
        return (kernel.sum() - np.trace(kernel)) / (len(points) * (len(points) - 1))

    return among(real) + among(star) - 2 * rbf_kernel(real, star, gamma=gamma).mean()


def radii(real: np.ndarray, k: int = 5) -> np.ndarray:
    return NearestNeighbors(n_neighbors=k).fit(real).kneighbors()[0][:, -1]  # without queries: not to itself


def loop_coverage(real: np.ndarray, star: np.ndarray) -> float:
    covered = [any(math.dist(x, y) <= r for y in star) for x, r in zip(real, radii(real), strict=True)]
    return sum(covered) / len(covered)


def loop_density(real: np.ndarray, star: np.ndarray) -> float:
    balls = [sum(math.dist(x, y) <= r for x, r in zip(real, radii(real), strict=True)) for y in star]
    return sum(balls) / (5 * len(star))


def loop_outliers(real: np.ndarray, star: np.ndarray) -> float:
    held = [any(math.dist(x, y) <= r for x, r in zip(real, radii(real), strict=True)) for y in star]
    return 1 - sum(held) / len(held)


def loop_nearest(real: np.ndarray, star: np.ndarray) -> float:
    to_real = [min(math.dist(x, y) for x in real) for y in star]
    among = [min(math.dist(x, z) for j, z in enumerate(real) if j != i) for i, x in enumerate(real)]
    return (sum(to_real) / len(to_real)) / (sum(among) / len(among))


def loop_spread(real: np.ndarray, star: np.ndarray) -> float:
    return float(np.trace(np.cov(star.T)) / np.trace(np.cov(real.T)))


@pytest.mark.parametrize("offset", [0.0, 1000.0])
@pytest.mark.parametrize("number", METRICS, ids=lambda metric: metric.name)
def test_each_number_equals_a_plain_computation(
    number: dmcore.feature_space.coverage.Metric, offset: float
) -> None:
    real, real_label = drawn((40, 25, 31), away=offset)
    star, label = drawn((7, 2, 12), draw=1, away=offset + 0.3)
    measure = named(Reference.of(real, real_label, 3).measure(star, label))[number.name]
    expected = of_class(globals()[f"loop_{number.name}"], real, real_label, star, label)
    assert measure.by_class == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert measure.value == pytest.approx(np.mean(expected), rel=1e-9)
    low, high = number.range
    assert (-math.inf if low is None else low) <= measure.value <= (math.inf if high is None else high)
    parts = {"networks": 1, "classes": 3, "real images": 96, "synthetic images": 21}
    assert measure.n == parts[number.parts]


def test_three_points_on_a_line_give_what_a_pencil_gives() -> None:
    real = np.array([[0.0], [1.0], [3.0]], np.float32)  # with k = 1 balls of radius 1, 1 and 2
    star = np.array([[-1.0], [0.5], [9.0]], np.float32)
    measures = named(Reference.of(real, np.zeros(3, int), 1, k=1).measure(star, np.zeros(3, int)))
    assert measures["coverage"].value == pytest.approx(2 / 3)  # the ball [1, 5] holds none
    assert measures["density"].value == pytest.approx((1 + 2 + 0) / 3)
    assert measures["outliers"].value == pytest.approx(1 / 3)
    assert measures["nearest"].value == pytest.approx(((1 + 0.5 + 6) / 3) / ((1 + 1 + 2) / 3))
    assert measures["mean_distance"].value == pytest.approx((8.5 / 3 - 4 / 3) ** 2)
    assert measures["spread"].value == pytest.approx(np.var([-1, 0.5, 9]) / np.var([0, 1, 3]))


def test_blocks_and_a_sampled_bandwidth_change_little_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    real, real_label = drawn((60, 80))
    star, label = drawn((5, 5), draw=1)
    whole = named(Reference.of(real, real_label, 2).measure(star, label))
    monkeypatch.setattr(class_module, "PIECE_BYTES", 7 * 8 * 60)
    pieces = named(Reference.of(real, real_label, 2).measure(star, label))
    for name, measure in whole.items():
        assert pieces[name].by_class == pytest.approx(measure.by_class, rel=1e-9)
    monkeypatch.setattr(class_module, "MEDIAN_OF", 30)
    sampled = Reference.of(real, real_label, 2)
    median = np.median(pairwise_distances(real[real_label == 1])[np.triu_indices(80, 1)])
    assert sampled.of_class[1].bandwidth == pytest.approx(median, rel=0.1)
    assert sampled.of_class[1].bandwidth != pytest.approx(median, rel=1e-6)


def test_real_images_cover_themselves_wholly() -> None:
    real, label = drawn((40, 30))
    measures = named(Reference.of(real, label, 2).measure(real, label))
    assert measures["coverage"].value == 1
    assert (measures["coverage"].low, measures["coverage"].high) == (1, 1)
    assert (measures["outliers"].value, measures["nearest"].value) == (0, 0)
    assert measures["spread"].value == pytest.approx(1)
    assert measures["mean_distance"].value == pytest.approx(0, abs=1e-9)
    assert measures["density"].value == pytest.approx(
        6 / 5
    )  # its own ball, and those of five others on average


def test_a_copy_of_the_kth_neighbour_lies_in_the_ball_whatever_rounding_does() -> None:
    real, label = drawn((300,), width=200, away=500.0)
    measures = named(Reference.of(real, label, 1).measure(real, label))
    # a ball holds its own image and five others, the last of them on its edge
    assert measures["density"].value == pytest.approx(6 / 5, abs=1e-12)


def test_one_repeated_image_covers_only_the_balls_that_hold_it() -> None:
    real, real_label = drawn((50, 50))
    star, label = np.repeat(real[[3, 7]], 10, axis=0), np.repeat(real_label[[3, 7]], 10)
    measures = named(Reference.of(real, real_label, 2).measure(star, label))
    expected = []
    for image, index in zip(real[[3, 7]], real_label[[3, 7]], strict=True):
        members = real[real_label == index].astype(np.float64)
        expected.append(np.mean(np.linalg.norm(members - image, axis=1) <= radii(members) + 1e-9))
    by_class = [measures["coverage"].by_class[index] for index in real_label[[3, 7]]]
    assert by_class == pytest.approx(expected)
    assert max(expected) < 0.5
    assert measures["spread"].value == pytest.approx(0, abs=1e-12) or len({*real_label[[3, 7]]}) == 1


def test_order_of_images_changes_nothing() -> None:
    real, real_label = drawn((40, 25, 3), width=50)
    star, label = drawn((7, 6, 5), draw=1, width=50)
    fresh, fresh_label = drawn((20, 20, 20), draw=2, width=50)
    random = numpy_generator(0, 0, "order")
    a, b, c = (random.permutation(len(features)) for features in (real, star, fresh))
    reference = Reference.of(real, real_label, 3)
    shuffled = Reference.of(real[a], real_label[a], 3)
    for values, reordered in (
        (reference.measure(star, label), shuffled.measure(star[b], label[b])),
        (
            reference.ceiling(fresh, fresh_label, label),
            shuffled.ceiling(fresh[c], fresh_label[c], label[b]),
        ),
    ):
        for first, second in zip(values, reordered, strict=True):
            assert (first.name, first.n, first.note) == (second.name, second.n, second.note)
            for field in ("value", "low", "high", "by_class"):
                np.testing.assert_allclose(
                    np.array(getattr(first, field), float),  # None becomes NaN
                    np.array(getattr(second, field), float),
                    rtol=1e-6,
                    atol=1e-12,
                )


def test_one_seed_gives_one_interval_and_another_seed_another() -> None:
    real, real_label = drawn((40, 25))
    star, label = drawn((7, 6), draw=1)
    reference = Reference.of(real, real_label, 2)
    assert reference.measure(star, label) == reference.measure(star, label)
    other = named(reference.measure(star, label, seed=1))["nearest"]
    first = named(reference.measure(star, label))["nearest"]
    assert other.value == first.value
    assert other.low != first.low
    assert other.low == pytest.approx(first.low, rel=0.2)


def test_intervals_hold_the_value_and_shrink_with_the_number_of_parts() -> None:
    few_real, few_real_label = drawn((50, 50))
    many_real, many_real_label = drawn((800, 800))
    few = named(Reference.of(few_real, few_real_label, 2).measure(*drawn((12, 12), draw=1)))
    many = named(Reference.of(many_real, many_real_label, 2).measure(*drawn((200, 200), draw=1)))
    for name in IN_IMAGES:
        assert few[name].low <= few[name].value <= few[name].high
        assert many[name].high - many[name].low < 0.6 * (few[name].high - few[name].low)
    # a mean of 200 independent parts in each of two classes: the usual 1.96 standard errors
    inside = many["nearest"]
    by_hand = []
    for index in range(2):
        star, label = drawn((200, 200), draw=1)
        members = many_real[many_real_label == index]
        nearest = NearestNeighbors(n_neighbors=1).fit(members)
        near = nearest.kneighbors(star[label == index])[0][:, 0] / nearest.kneighbors()[0].mean()
        by_hand.append(near.var(ddof=1) / len(near))
    error = 1.96 * math.sqrt(sum(by_hand)) / 2
    assert inside.high - inside.low == pytest.approx(2 * error, rel=0.15)


def test_interval_of_a_share_is_that_of_resampled_images() -> None:
    real, real_label = drawn((300, 100))
    measure = named(Reference.of(real, real_label, 2).measure(*drawn((9, 9), draw=1)))["coverage"]
    variance = sum(p * (1 - p) / n for p, n in zip(measure.by_class, (300, 100), strict=True)) / 4
    assert measure.high - measure.low == pytest.approx(2 * 1.96 * math.sqrt(variance), rel=0.15)


def test_interval_over_classes_resamples_classes() -> None:
    real, real_label = drawn((20,) * 12)
    measures = named(Reference.of(real, real_label, 12).measure(*drawn((4,) * 12, draw=1)))
    for name in ("mmd", "spread"):
        each = np.array(measures[name].by_class)
        random = numpy_generator(5, 0, "by hand")
        means = [each[random.integers(12, size=12)].mean() for _ in range(4000)]
        width = measures[name].high - measures[name].low
        assert measures[name].low < measures[name].value < measures[name].high
        assert width == pytest.approx(np.subtract(*np.percentile(means, (97.5, 2.5))), rel=0.15)
        assert measures[name].n == 12


def test_mean_distance_is_a_mean_over_networks_and_resamples_them() -> None:
    pairs, expected = [], []
    for network, width in enumerate((4, 9, 5, 7, 6, 8, 4, 4)):
        real, real_label = drawn((30, 20), draw=network, width=width)
        star, label = drawn((3, 2), draw=50 + network, width=width)
        pairs.append((class_means(real, real_label, 2), class_means(star, label, 2)))
        expected.append(of_class(loop_mean_distance, real, real_label, star, label))
    distances = mean_distances(iter(pairs))
    assert distances == pytest.approx(np.array(expected), rel=1e-5)
    measure = mean_over_networks(distances)
    assert measure.value == pytest.approx(np.mean(expected), rel=1e-5)
    assert measure.by_class == pytest.approx(np.mean(expected, axis=0), rel=1e-5)
    assert (measure.n, measure.note) == (8, "")
    per_network = distances.mean(axis=1)
    assert per_network.min() < measure.low < measure.value < measure.high < per_network.max()
    within = Reference.of(*drawn((30, 20)), 2).measure(*drawn((3, 2), draw=1), distances)[0]
    assert within == measure


def test_one_network_has_a_mean_distance_and_no_interval() -> None:
    measure = Reference.of(*drawn((30, 20)), 2).measure(*drawn((3, 2), draw=1))[0]
    alone = mean_distances([(class_means(*drawn((30, 20)), 2), class_means(*drawn((3, 2), draw=1), 2))])
    assert measure.by_class == pytest.approx(alone[0], rel=1e-5)
    assert (measure.n, measure.low, measure.high) == (1, None, None)
    assert measure.note == "No interval: there is one network only."


def test_ceiling_of_coverage_is_what_theory_expects_of_fresh_images() -> None:
    n, m, k = 60, 10, 5
    missed = math.prod((n - 1 - i) / (m + n - 1 - i) for i in range(k))  # Naeem et al., lemma 2
    fresh, fresh_label = drawn((400, 400, 400), draw=3)
    label = np.repeat(np.arange(3), m)
    values = []
    for draw in range(8):
        reference = Reference.of(*drawn((n, n, n), draw=20 + draw), 3, k)
        ceiling = named(reference.ceiling(fresh, fresh_label, label, draws=10))
        values.append((ceiling["coverage"].value, ceiling["density"].value))
        assert ceiling["coverage"].n == 10
        assert ceiling["coverage"].low <= ceiling["coverage"].value <= ceiling["coverage"].high
    coverage, density = np.mean(values, axis=0)
    assert coverage == pytest.approx(1 - missed, abs=0.02)
    assert density == pytest.approx(1, abs=0.08)


def test_ceiling_rises_with_the_number_of_images_and_lies_above_the_floor() -> None:
    reference = Reference.of(*drawn((80, 80)), 2)
    fresh = drawn((100, 100), draw=3)
    reached = []
    for count in (1, 10, 50):
        label = np.repeat([0, 1], count)
        ceiling, floor = named(reference.ceiling(*fresh, label)), named(reference.floor(*fresh, label))
        reached.append(ceiling["coverage"].value)
        if count == 1:
            assert ceiling["mmd"].value is floor["mmd"].value is None
        else:
            assert floor["coverage"].value < ceiling["coverage"].value
            assert floor["mmd"].value > ceiling["mmd"].value
            assert floor["spread"].value == pytest.approx(0, abs=1e-12)
            assert ceiling["spread"].value == pytest.approx(1, abs=0.2)
            assert ceiling["mmd"].value == pytest.approx(0, abs=0.03)
    assert reached[0] < reached[1] < reached[2]


def test_ceiling_with_all_the_fresh_images_is_their_measure() -> None:
    reference = Reference.of(*drawn((40, 30)), 2)
    fresh, label = drawn((9, 6), draw=3)
    for ceiling, measure in zip(
        reference.ceiling(fresh, label, label, draws=3), reference.measure(fresh, label), strict=True
    ):
        assert ceiling.by_class == pytest.approx(measure.by_class, rel=1e-9)
        assert ceiling.value == pytest.approx(ceiling.low) == pytest.approx(ceiling.high)


def test_ceiling_leaves_out_a_class_with_too_few_fresh_images_and_says_so() -> None:
    reference = Reference.of(*drawn((40, 30)), 2)
    measure = named(reference.ceiling(*drawn((3, 9), draw=3), np.repeat([0, 1], 5)))["coverage"]
    assert measure.by_class[0] is None
    assert measure.value == pytest.approx(measure.by_class[1])
    assert measure.note == "Too few fresh real images: class 0 left out."
    nothing = named(reference.floor(*drawn((0, 0), draw=3), np.repeat([0, 1], 5)))["coverage"]
    assert nothing == MetricValue("coverage", None, None, None, (None, None), 0, nothing.note)
    assert nothing.note == "Too few fresh real images: every class left out."


def test_classes_without_enough_images_are_left_out_and_named() -> None:
    real, real_label = drawn((40, 1, 30, 0, 20))
    star, label = drawn((6, 6, 0, 6, 6), draw=1)
    measures = named(Reference.of(real, real_label, 5).measure(star, label))
    for measure in measures.values():
        assert [value is None for value in measure.by_class] == [False, True, True, True, False]
        assert measure.value == pytest.approx((measure.by_class[0] + measure.by_class[4]) / 2)
        assert "Fewer than two real images: classes 1, 3 left out." in measure.note
        assert "No synthetic images: class 2 left out." in measure.note
    assert measures["coverage"].n == 60
    assert measures["density"].n == 12


def test_a_small_class_has_balls_that_hold_all_others_and_says_so() -> None:
    real, real_label = drawn((40, 4))
    star, label = drawn((6, 6), draw=1)
    reference = Reference.of(real, real_label, 2)
    assert reference.of_class[1].k == 3
    measures = named(reference.measure(star, label))
    alone = Reference.of(real[real_label == 1], np.zeros(4, int), 1, k=3)
    alone = named(alone.measure(star[label == 1], np.zeros(6, int)))
    for name in ("coverage", "density", "outliers"):
        assert (
            measures[name].note == "Fewer than 6 real images, so that a ball holds all the others: class 1."
        )
        assert measures[name].by_class[1] == pytest.approx(alone[name].value)
        assert alone[name].note == ""
    assert measures["nearest"].note == ""


def test_one_synthetic_image_has_no_mmd_no_spread_and_no_interval_over_images() -> None:
    reference = Reference.of(*drawn((40, 30)), 2)
    measures = named(reference.measure(*drawn((1, 1), draw=1)))
    for name in ("mmd", "spread"):
        assert replace(measures[name], note="") == MetricValue(name, None, None, None, (None, None), 0)
        assert measures[name].note == "Needs two images of a class: every class left out."
    for name in ("density", "outliers", "nearest"):
        assert measures[name].value is not None
        assert (measures[name].low, measures[name].high) == (None, None)
        assert measures[name].note == "No interval: a class has one image only."
    assert measures["coverage"].low < measures["coverage"].value < measures["coverage"].high
    uneven = named(reference.measure(*drawn((1, 8), draw=1)))["mmd"]
    assert uneven.by_class[0] is None
    assert uneven.value == uneven.by_class[1]
    assert uneven.note == (
        "Needs two images of a class: class 0 left out. No interval: there is one class only."
    )


def test_one_class_alone_is_enough() -> None:
    measures = named(Reference.of(*drawn((40,)), 1).measure(*drawn((6,), draw=1)))
    for number in METRICS:
        measure = measures[number.name]
        assert measure.by_class == (measure.value,)
        assert (measure.low is None) == (number.parts in ("classes", "networks"))


def test_real_images_that_are_all_alike_leave_no_scale_to_measure_with() -> None:
    real = np.full((20, 7), 0.1, np.float32)
    star, label = drawn((4,), draw=1, width=7)
    reference = Reference.of(real, np.zeros(20, int), 1)
    measures = named(reference.measure(star, label))
    for name in ("mmd", "nearest", "spread"):
        assert measures[name].value is None
        assert (
            measures[name].note
            == "Not defined where real images are copies of each other: every class left out."
        )
    assert (measures["coverage"].value, measures["outliers"].value) == (0, 1)
    copies = named(reference.measure(real[:3], np.zeros(3, int)))
    assert (copies["coverage"].value, copies["outliers"].value) == (1, 0)


def test_many_classes_left_out_are_counted_in_the_note() -> None:
    real, real_label = drawn((5,) * 20)
    star, label = drawn((3,), draw=1)
    note = named(Reference.of(real, real_label, 20, k=3).measure(star, label))["nearest"].note
    assert note == "No synthetic images: classes 1, 2, 3, 4, 5, 6, 7, 8 and 11 more left out."


def test_no_synthetic_image_at_all_gives_numbers_that_are_not_there() -> None:
    reference = Reference.of(*drawn((40, 30)), 2)
    for measure in reference.measure(np.zeros((0, 6), np.float32), np.zeros(0, int)):
        assert (measure.value, measure.low, measure.high, measure.n) == (None, None, None, 0)
        assert measure.note == "No synthetic images: every class left out."


def test_what_cannot_be_measured_is_refused_with_a_remedy() -> None:
    real, real_label = drawn((40, 30))
    star, label = drawn((4, 4), draw=1)
    reference = Reference.of(real, real_label, 2)
    broken = star.copy()
    broken[3, 2] = np.nan
    with pytest.raises(ValueError, match=r"synthetic images are not finite: leave such images out"):
        reference.measure(broken, label)
    with pytest.raises(ValueError, match=r"real images are not finite"):
        Reference.of(np.full((3, 2), np.inf, np.float32), np.zeros(3, int), 1)
    with pytest.raises(ValueError, match=r"4 features, those of the reference 6: embed both"):
        reference.measure(star[:, :4], label)
    with pytest.raises(ValueError, match=r"run from 0 to 2: give 2 classes labels 0 to 1"):
        reference.measure(star, label * 2)
    with pytest.raises(ValueError, match=r"give k of 1 or more"):
        Reference.of(real, real_label, 2, k=0)
    with pytest.raises(ValueError, match=r"ask for 1 or more"):
        reference.ceiling(star, label, label, draws=0)
    with pytest.raises(ValueError, match=r"distances are of 3 classes, the real images of 2"):
        reference.measure(star, label, np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"give at least one pair"):
        mean_distances([])
    with pytest.raises(ValueError, match=r"embed both sets with the same network"):
        mean_distances([(np.zeros((2, 3)), np.zeros((2, 4)))])


def test_every_number_says_what_it_is() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS) == 7
    for metric in METRICS:
        assert metric.title
        assert metric.source
        assert "\n" not in metric.formula
        assert metric.help.endswith(".")
