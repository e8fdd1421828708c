"""Selection baselines: textbook loops in exact order, nested sets, counts worked by hand, one contract."""

from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch

from dmcore.config import Selection, TrainingConfig
from dmcore.coresets import REGISTRY, Coreset, CoresetSource, laptop_source, prepare, select
from dmcore.coresets.herding import herding_order
from dmcore.coresets.k_center import k_center_order
from dmcore.coresets.k_means import k_means_order
from dmcore.coresets.mean_image import cluster_centres
from dmcore.data.images import DataSet
from dmcore.execution.plan import Plan
from dmcore.feature_space.spaces import embed_real, trained_space
from dmcore.files.tensor_file import read_state, write_state
from dmcore.randomness import numpy_generator
from dmcore.training.forgetting_events import ForgettingMeter
from dmcore.training.whole_set import (
    CHECKPOINT,
    FORGETTING,
    NETWORK,
    UntrainedError,
    load_forgetting,
    load_trained,
    train_whole,
    training_key,
)

TINY = TrainingConfig(width=4, depth=2, epochs=3)
NAMES = tuple(REGISTRY)
NETWORKED = [name for name, method in REGISTRY.items() if method.needs != "nothing"]
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def source(digits: DataSet, tmp_path_factory: pytest.TempPathFactory) -> CoresetSource:
    cache = tmp_path_factory.mktemp("cache")
    for _ in train_whole(digits, TINY, cache, Plan()):
        pass
    return CoresetSource(TINY, cache)


@pytest.fixture(params=range(3))
def features(request: pytest.FixtureRequest) -> np.ndarray:
    return np.random.default_rng(request.param).normal(size=(40, 5)).astype(np.float32)


def distance(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.sqrt(sum((float(a) - float(b)) ** 2 for a, b in zip(first, second, strict=True))))


def textbook_herding(features: np.ndarray, count: int) -> list[int]:
    mean = features.astype(np.float64).mean(axis=0)
    chosen: list[int] = []
    while len(chosen) < count:
        best, best_distance = -1, np.inf
        for candidate in range(len(features)):
            if candidate not in chosen:
                of_chosen = features[[*chosen, candidate]].astype(np.float64).mean(axis=0)
                if distance(of_chosen, mean) < best_distance:
                    best, best_distance = candidate, distance(of_chosen, mean)
        chosen.append(best)
    return chosen


def textbook_k_center(features: np.ndarray, count: int) -> list[int]:
    mean = features.astype(np.float64).mean(axis=0)
    chosen = [min(range(len(features)), key=lambda index: distance(features[index], mean))]
    while len(chosen) < count:
        farthest, radius = -1, -1.0
        for candidate in range(len(features)):
            if candidate not in chosen:
                nearest = min(distance(features[candidate], features[index]) for index in chosen)
                if nearest > radius:
                    farthest, radius = candidate, nearest
        chosen.append(farthest)
    return chosen


@pytest.mark.parametrize("count", [1, 7, 40])
def test_herding_is_the_textbooks_in_exact_order(features: np.ndarray, count: int) -> None:
    assert herding_order(features, count).tolist() == textbook_herding(features, count)


@pytest.mark.parametrize("count", [1, 7, 40])
def test_k_center_is_the_textbooks_in_exact_order(features: np.ndarray, count: int) -> None:
    assert k_center_order(features, count).tolist() == textbook_k_center(features, count)


@pytest.mark.parametrize("order", [herding_order, k_center_order])
def test_of_equally_good_images_the_first_is_chosen_and_none_twice(order) -> None:
    corners = np.array([[1, 1], [1, -1], [-1, -1], [-1, 1], [1, 1]], np.float32)
    alike = np.ones((4, 3), np.float32)
    assert sorted(order(corners, 5).tolist()) == [0, 1, 2, 3, 4]
    assert order(alike, 4).tolist() == [0, 1, 2, 3]
    assert k_center_order(corners, 5).tolist() == textbook_k_center(corners, 5)


@pytest.mark.parametrize("method", ["herding", "k_center"])
def test_classes_are_chosen_from_apart_in_the_features_of_the_trained_network(
    digits: DataSet, source: CoresetSource, method: str
) -> None:
    textbook = {"herding": textbook_herding, "k_center": textbook_k_center}[method]
    space = trained_space(source.network(digits))
    chosen = select(method, digits, 3, 0, source).positions
    assert chosen is not None
    for label in (0, 7):
        members = digits.train.by_class[label]
        expected = members[textbook(embed_real(space, digits.train, members), 3)]
        assert chosen[label].tolist() == expected.tolist()


@pytest.mark.parametrize("method", [name for name in NAMES if name not in ("mean_image", "k_means")])
def test_the_first_of_ten_per_class_is_the_one_of_one_per_class(
    digits: DataSet, source: CoresetSource, method: str
) -> None:
    single, three, ten = (select(method, digits, count, 0, source).positions for count in (1, 3, 10))
    assert torch.equal(ten[:, :1], single)
    assert torch.equal(ten[:, :3], three)


def planted(sizes: tuple[int, ...], draw: np.random.Generator) -> tuple[np.ndarray, list[list[int]]]:
    """Features in groups far from each other, shuffled, and the positions of each group in order."""
    group = draw.permutation(np.repeat(np.arange(len(sizes)), sizes))
    far = 100 * np.eye(len(sizes), 6)
    features = (far[group] + draw.normal(size=(len(group), 6))).astype(np.float32)
    return features, [np.flatnonzero(group == index).tolist() for index in range(len(sizes))]


@pytest.mark.parametrize("seed", range(3))
def test_k_means_takes_the_image_nearest_to_the_mean_of_each_group_the_largest_first(seed: int) -> None:
    draw = np.random.default_rng(seed)
    features, groups = planted((4, 12, 7, 9), draw)
    expected = []
    for members in sorted(groups, key=len, reverse=True):
        mean = features[members].astype(np.float64).mean(axis=0)
        expected.append(min(members, key=lambda index: distance(features[index], mean)))
    assert k_means_order(features, 4, draw).tolist() == expected


def test_k_means_of_one_is_the_image_nearest_to_the_mean(features: np.ndarray) -> None:
    (nearest,) = k_means_order(features, 1, np.random.default_rng(0))
    assert [nearest] == k_center_order(features, 1).tolist() == herding_order(features, 1).tolist()


def test_k_means_takes_no_image_twice_where_images_are_copies_or_all_are_wanted(features: np.ndarray) -> None:
    def order(images: np.ndarray, count: int) -> list[int]:
        return k_means_order(images, count, np.random.default_rng(0)).tolist()

    assert sorted(order(features, 40)) == list(range(40))
    assert len(set(order(features, 39))) == 39
    assert order(np.ones((4, 3), np.float32), 4) == [0, 1, 2, 3]
    two = np.array([[1, 1], [1, 1], [1, 1], [5, 5], [5, 5]], np.float32)
    assert order(two, 4) == [0, 3, 1, 4]
    assert sorted(order(two, 5)) == [0, 1, 2, 3, 4]


def test_two_centres_with_one_nearest_image_take_two_images(monkeypatch: pytest.MonkeyPatch) -> None:
    centres = np.array([[0.1], [-0.1], [9.0]])
    monkeypatch.setattr("dmcore.coresets.k_means.cluster_means", lambda *_: centres)
    images = np.array([[4.0], [0.0], [1.0], [8.0]], np.float32)
    assert k_means_order(images, 3, np.random.default_rng(0)).tolist() == [1, 2, 3]


def test_k_means_groups_each_class_in_the_features_of_the_trained_network_and_by_its_seed(
    digits: DataSet, source: CoresetSource
) -> None:
    space, draw = trained_space(source.network(digits)), numpy_generator(3, 0, "k-means selection")
    chosen = select("k_means", digits, 10, 3, source)
    assert chosen.positions is not None
    for members, positions in zip(digits.train.by_class, chosen.positions, strict=True):
        order = k_means_order(embed_real(space, digits.train, members), 10, draw)
        assert positions.tolist() == members[order].tolist()
    assert "best of 4 starts, seed 3" in chosen.sentence
    other, single, other_single = (
        select("k_means", digits, count, seed, source).positions for count, seed in ((10, 4), (1, 3), (1, 4))
    )
    assert not torch.equal(chosen.positions.sort().values, other.sort().values)
    assert torch.equal(single, other_single)
    assert torch.equal(single, select("herding", digits, 1, 0, source).positions)


# What a network made of four images at six visits; 1 is right.
VISITS = {
    "learned at once and remembered": ([1, 1, 1, 1, 1, 1], 0),
    "forgotten once and learned again": ([0, 1, 0, 0, 1, 1], 1),
    "forgotten three times": ([1, 0, 1, 0, 1, 0], 3),
    "never learned": ([0, 0, 0, 0, 0, 0], torch.inf),
}


def counted(visits: list[list[int]]) -> ForgettingMeter:
    """Show the visits to a meter, in another order and in two batches each time."""
    meter = ForgettingMeter.fresh(len(visits), CPU)
    for visit in range(len(visits[0])):
        order = torch.randperm(len(visits), generator=torch.Generator().manual_seed(visit))
        for index in order.split(3):
            right = torch.tensor([visits[position][visit] for position in index.tolist()])
            label = torch.full((len(index),), 2)
            predicted = torch.where(right == 1, 2, 0)
            meter.see(index, torch.nn.functional.one_hot(predicted, 4).float(), label)
    return meter


def test_forgetting_counts_are_those_worked_by_hand() -> None:
    meter = counted([visits for visits, _ in VISITS.values()])
    assert meter.counts().forgettability.tolist() == [events for _, events in VISITS.values()]
    again = ForgettingMeter.stored_in(meter.state(), CPU)
    assert again is not None
    always_wrong = torch.eye(4)[[0] * 4]
    again.see(torch.arange(4), always_wrong, torch.full((4,), 2))  # the last visit was stored too
    assert again.counts().events.tolist() == [1, 2, 3, 0]
    assert meter.counts().events.tolist() == [0, 1, 3, 0]


def with_counts(digits: DataSet, cache: Path, events: torch.Tensor, learned: torch.Tensor) -> CoresetSource:
    """A source whose network, trained for one epoch, is said to have forgotten so much."""
    config = TINY.model_copy(update={"epochs": 1})
    for _ in train_whole(digits, config, cache, Plan()):
        pass
    counts = ForgettingMeter(events, learned, learned).state()
    write_state(cache / "trained" / training_key(digits.digest, config) / FORGETTING, counts, {})
    return CoresetSource(config, cache)


def test_most_forgotten_come_first_never_learned_before_them_and_ties_are_the_seeds(
    digits: DataSet, tmp_path: Path
) -> None:
    events, learned = torch.zeros(len(digits.train), dtype=torch.int64), torch.ones(len(digits.train)) > 0
    for members in digits.train.by_class:
        events[members] = 1
        events[members[[5, 2]]] = torch.tensor([4, 3])
        events[members[[8, 9, 10]]] = 0
        learned[members[[1]]] = False
    source = with_counts(digits, tmp_path, events, learned)
    most, least = (select(name, digits, 3, 0, source).positions for name in ("forgetting", "least_forgotten"))
    for label, members in enumerate(digits.train.by_class):
        assert most[label].tolist() == members[[1, 5, 2]].tolist()
        assert sorted(least[label].tolist()) == members[[8, 9, 10]].tolist()
    other = select("least_forgotten", digits, 3, 1, source).positions
    assert not torch.equal(least, other)
    assert torch.equal(least.sort().values, other.sort().values)
    every = min(len(members) for members in digits.train.by_class)
    last = select("least_forgotten", digits, every, 0, source).positions
    smallest = min(range(10), key=lambda label: len(digits.train.by_class[label]))
    assert last[smallest, -1] == digits.train.by_class[smallest][1]


def test_counts_of_a_broken_training_are_those_of_an_unbroken_one(digits: DataSet, tmp_path: Path) -> None:
    for name, fractions in (("unbroken", (1.0,)), ("broken", (0.3, 0.7, 1.0))):
        for fraction in fractions:
            training = train_whole(digits, TINY, tmp_path / name, Plan())
            for event in training:
                if event.fraction >= fraction:
                    break
            training.close()
    whole, broken = (load_forgetting(digits, TINY, tmp_path / name) for name in ("unbroken", "broken"))
    assert torch.equal(whole.events, broken.events)
    assert torch.equal(whole.learned, broken.learned)
    assert int(whole.events.sum()) > 0
    assert 0 < int(whole.learned.sum()) < len(digits.train)
    assert int(whole.events.max()) <= (TINY.epochs + 1) // 2


def test_counts_do_not_depend_on_the_number_of_workers(digits: DataSet, tmp_path: Path) -> None:
    for workers in (1, 2):
        for _ in train_whole(digits, TINY, tmp_path / str(workers), Plan(workers=workers)):
            pass
    first, second = (load_forgetting(digits, TINY, tmp_path / name) for name in "12")
    assert torch.equal(first.events, second.events)


def test_a_network_without_counts_is_trained_again_for_them_only_and_stays_as_it_is(
    digits: DataSet, tmp_path: Path
) -> None:
    config = TINY.model_copy(update={"epochs": 1})
    list(train_whole(digits, config, tmp_path, Plan()))
    folder = tmp_path / "trained" / training_key(digits.digest, config)
    before, counts = (folder / NETWORK).read_bytes(), load_forgetting(digits, config, tmp_path)
    (folder / FORGETTING).unlink()
    source = CoresetSource(config, tmp_path)
    assert len(list(prepare("herding", digits, 1, source))) == 1
    assert not (folder / FORGETTING).exists()
    with pytest.raises(UntrainedError, match="train a network with counts"):
        select("forgetting", digits, 1, 0, source)
    assert len(list(prepare("forgetting", digits, 1, source))) > 1
    assert torch.equal(load_forgetting(digits, config, tmp_path).events, counts.events)
    assert (folder / NETWORK).read_bytes() == before
    assert len(list(prepare("forgetting", digits, 1, source))) == 1


@pytest.mark.parametrize("counted", [False, True])
def test_training_of_an_older_version_goes_on_unless_it_lacks_the_counts(
    digits: DataSet, tmp_path: Path, counted: bool
) -> None:
    begun = train_whole(digits, TINY, tmp_path, Plan())
    for event in begun:
        if event.fraction >= 0.6:
            break
    begun.close()
    checkpoint = tmp_path / "trained" / training_key(digits.digest, TINY) / CHECKPOINT
    state, facts = read_state(checkpoint)
    write_state(checkpoint, {key: tensor for key, tensor in state.items() if "forgetting" not in key}, facts)
    first, *_ = train_whole(digits, TINY, tmp_path, Plan(), counted=counted)
    assert (first.fraction < 0.3) == counted
    assert load_trained(digits, TINY, tmp_path) is not None
    assert (load_forgetting(digits, TINY, tmp_path) is not None) == counted


def test_a_draw_repeats_with_its_seed_and_differs_by_it(digits: DataSet, source: CoresetSource) -> None:
    first, again, other = (select("random", digits, 5, seed, source) for seed in (0, 0, 1))
    assert torch.equal(first.positions, again.positions)
    assert not torch.equal(first.positions, other.positions)


def test_mean_image_at_one_per_class_is_the_class_mean(digits: DataSet, source: CoresetSource) -> None:
    chosen = select("mean_image", digits, 1, 0, source)
    for label, members in enumerate(digits.train.by_class):
        mean = digits.train.statistics.normalise(digits.train.images[members]).double().mean(dim=0)
        torch.testing.assert_close(chosen.pixels[label, 0].double(), mean, atol=1e-6, rtol=0)


def test_k_means_centres_are_the_means_of_the_images_nearest_to_them(digits: DataSet) -> None:
    members = digits.train.by_class[3]
    pixels = digits.train.statistics.normalise(digits.train.images[members]).flatten(1).numpy()
    centres = cluster_centres(pixels, 4, seed=0)
    nearest = ((pixels[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    sizes = np.bincount(nearest, minlength=4)
    assert sizes.min() > 0
    assert sizes.tolist() == sorted(sizes, reverse=True)
    for index in range(4):
        np.testing.assert_allclose(centres[index], pixels[nearest == index].mean(axis=0), atol=1e-3)
    tight = ((pixels - centres[nearest]) ** 2).sum()
    assert tight < 0.9 * ((pixels - pixels.mean(axis=0)) ** 2).sum()


def test_copies_of_one_image_have_that_image_as_every_mean() -> None:
    np.testing.assert_allclose(
        cluster_centres(np.full((6, 4), 0.5, np.float32), 3, seed=0), np.full((3, 4), 0.5)
    )


def test_every_name_can_be_chosen_on_the_command_line() -> None:
    from dmcore.cli.select import METHODS, UNTRAINED

    assert NAMES == METHODS == get_args(Selection)
    assert set(UNTRAINED) == set(NAMES) - set(NETWORKED)


@pytest.mark.parametrize("count", [1, 4])
@pytest.mark.parametrize("method", NAMES)
def test_every_method_keeps_the_contract(
    digits: DataSet, source: CoresetSource, method: str, count: int
) -> None:
    chosen, again = (select(method, digits, count, 2, source) for _ in range(2))
    assert isinstance(chosen, Coreset)
    assert (chosen.method, chosen.seed, chosen.images_per_class) == (method, 2, count)
    assert chosen.pixels.shape == (10, count, *digits.shape)
    assert chosen.pixels.dtype == torch.float32
    assert chosen.images.shape == (10 * count, *digits.shape)
    assert chosen.label.tolist() == [label for label in range(10) for _ in range(count)]
    assert chosen.sentence.endswith(".")
    assert (chosen.source != "") == (method in NETWORKED)
    assert torch.equal(chosen.pixels, again.pixels)
    if chosen.positions is None:
        assert method == "mean_image"
        return
    assert chosen.positions.shape == (10, count)
    assert torch.equal(digits.train.label[chosen.positions.flatten()], chosen.label)
    assert all(len(set(row)) == count for row in chosen.positions.tolist())
    normalised = digits.train.statistics.normalise(digits.train.images[chosen.positions])
    assert torch.equal(chosen.pixels, normalised)


@pytest.mark.parametrize("method", NAMES)
def test_more_images_than_a_class_has_are_refused_before_anything_is_trained(
    digits: DataSet, tmp_path: Path, method: str
) -> None:
    positions = torch.cat(
        [members[:3] if label == 7 else members[:9] for label, members in digits_by(digits)]
    )
    part = replace(digits.train, images=digits.train.images[positions], label=digits.train.label[positions])
    few, source = replace(digits, train=part), CoresetSource(TINY, tmp_path)
    message = "class '7' has 3 real images, fewer than 4: ask for at most 3 images per class"
    with pytest.raises(ValueError, match=message):
        next(prepare(method, few, 4, source))
    with pytest.raises(ValueError, match=message):
        select(method, few, 4, 0, source)
    with pytest.raises(ValueError, match="at least 1"):
        select(method, few, 0, 0, source)
    assert not list(tmp_path.iterdir())


def digits_by(digits: DataSet) -> list[tuple[int, torch.Tensor]]:
    return list(enumerate(digits.train.by_class))


def test_unknown_method_is_refused_with_those_there_are(digits: DataSet, source: CoresetSource) -> None:
    for ask in (
        lambda: select("herdnig", digits, 1, 0, source),
        lambda: next(prepare("herdnig", digits, 1, source)),
    ):
        with pytest.raises(
            ValueError, match="no selection 'herdnig': choose from random, mean_image, herding"
        ):
            ask()


@pytest.mark.parametrize("method", NETWORKED)
def test_what_looks_through_a_network_says_where_there_is_none(
    digits: DataSet, tmp_path: Path, method: str
) -> None:
    with pytest.raises(UntrainedError, match="train"):
        select(method, digits, 1, 0, CoresetSource(TINY, tmp_path))


def test_another_seed_is_another_network_and_the_first_is_that_of_the_feature_space(digits: DataSet) -> None:
    from dmcore.config.laptop_presets import laptop_training_config

    usual = laptop_training_config(digits.shape, len(digits.train))
    assert laptop_source(digits, Path("cache"), 0).training == usual
    assert laptop_source(digits, Path("cache"), 1).training != usual
