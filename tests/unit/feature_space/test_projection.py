"""Maps of features: real images that stand still, stars that are placed among them, and the file of a map."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from sklearn.decomposition import PCA

import dmcore.feature_space.projection
import dmcore.feature_space.tsne
from dmcore.data.load import load_dataset
from dmcore.feature_space.pca import principal_axes, read_only
from dmcore.feature_space.projection import (
    MAP_KINDS,
    FixedTSNE,
    cached_fixed_tsne,
    fit_fixed_tsne,
    fit_joint_tsne,
    fit_pca_projection,
    fixed_tsne_key,
    map_width,
)
from dmcore.randomness import numpy_generator

SIXTY = numpy_generator(0, 0, "sixty").normal(size=(60, 8)).astype(np.float32)


def clusters(count: int, width: int, draw: int = 0, apart: float = 6.0) -> np.ndarray:
    """Points of ten classes, mixed; the classes lie in the same places whatever the draw."""
    middles = numpy_generator(0, 0, "middles").normal(size=(10, width)) * apart
    random = numpy_generator(0, draw, "points")
    return (middles[random.integers(0, 10, count)] + random.normal(size=(count, width))).astype(np.float32)


def digits() -> np.ndarray:
    images = load_dataset("digits").train.images.flatten(1).numpy()
    return np.ascontiguousarray(images, dtype=np.float32)


def shares(first: np.ndarray, second: np.ndarray, fitted: FixedTSNE) -> np.ndarray:
    """How far two sets of places are apart, point by point, as a share of the map's width."""
    return np.linalg.norm(first - second, axis=1) / map_width(fitted.positions)


@pytest.fixture
def quick(fitted: FixedTSNE, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fits of a few iterations, where the map may look like anything."""
    monkeypatch.setattr(dmcore.feature_space.tsne, "EARLY_ITERATIONS", 25)
    monkeypatch.setattr(dmcore.feature_space.tsne, "LATE_ITERATIONS", 50)


@pytest.fixture(scope="module")
def real() -> np.ndarray:
    return digits()[:600]


@pytest.fixture(scope="module")
def stars() -> np.ndarray:
    return digits()[700:850]


@pytest.fixture(scope="module")
def fitted(real: np.ndarray) -> FixedTSNE:
    return fit_fixed_tsne(real)


def test_projecting_never_moves_the_real_images(fitted: FixedTSNE, stars: np.ndarray) -> None:
    before = fitted.positions.copy()
    fitted.project(stars, fitted.project(stars))
    assert np.array_equal(fitted.positions, before)
    assert np.array_equal(np.asarray(fitted._reference), before.astype(np.float64))
    with pytest.raises(ValueError, match="read-only"):
        fitted.positions[0] = 0


def test_copies_of_real_images_land_on_their_own_points(fitted: FixedTSNE, real: np.ndarray) -> None:
    off = shares(fitted.project(real), fitted.positions, fitted)
    print(f"off by {np.median(off):.4%} of the width in the median, 95th {np.percentile(off, 95):.4%}")
    assert np.median(off) < 0.005
    assert np.percentile(off, 95) < 0.02
    slightly = real + numpy_generator(0, 0, "noise").normal(size=real.shape).astype(np.float32) * 0.1
    assert np.median(shares(fitted.project(slightly), fitted.positions, fitted)) < 0.005


def test_a_star_does_not_depend_on_the_stars_placed_with_it(fitted: FixedTSNE, stars: np.ndarray) -> None:
    together = fitted.project(stars)
    alone = np.concatenate([fitted.project(stars[[index]]) for index in range(10)])
    assert shares(alone, together[:10], fitted).max() < 1e-4  # products of another size round differently
    assert shares(fitted.project(stars[::-1].copy())[::-1], together, fitted).max() < 1e-4


def test_stars_that_hardly_change_hardly_move(fitted: FixedTSNE, stars: np.ndarray) -> None:
    places = fitted.project(stars)
    again = shares(fitted.project(stars, places), places, fitted)
    assert np.percentile(again, 98) < 1e-3
    assert again.max() < 1e-2  # one between two groups may still slide; how far depends on the processor
    random = numpy_generator(0, 0, "small change")
    moved = places
    for _ in range(5):
        changed = (
            stars + random.normal(size=stars.shape).astype(np.float32) * 0.05
        )  # of grey values up to 255
        moved, last = fitted.project(changed, moved), moved
        assert np.median(shares(moved, last, fitted)) < 1e-3
        assert np.percentile(shares(moved, last, fitted), 95) < 5e-3


def test_stars_with_new_neighbours_go_to_them_wherever_they_were(
    fitted: FixedTSNE, stars: np.ndarray
) -> None:
    places = fitted.project(stars)
    elsewhere = np.roll(places, 37, axis=0)
    away = shares(fitted.project(stars, elsewhere), places, fitted)
    assert (shares(elsewhere, places, fitted) > 0.1).mean() > 0.7
    assert (away < 0.01).mean() > 0.97
    assert (shares(fitted.project(stars, elsewhere * 1e6), places, fitted) < 0.01).mean() > 0.97


@pytest.mark.parametrize("times", [10, 1e3, 1e6, 1e30])
def test_outliers_stay_on_the_map(fitted: FixedTSNE, stars: np.ndarray, times: float) -> None:
    middle = (fitted.positions.max(0) + fitted.positions.min(0)) / 2
    for far in (stars * np.float32(times), -stars * np.float32(times), (stars * np.float32(times))[:1]):
        places = fitted.project(far)
        again = fitted.project(far, places)
        assert shares(places, middle, fitted).max() < 1.5
        assert shares(again, middle, fitted).max() < 1.5


def test_no_stars_have_no_places(fitted: FixedTSNE, stars: np.ndarray) -> None:
    assert fitted.project(stars[:0]).shape == (0, 2)
    assert fit_pca_projection(SIXTY).project(SIXTY[:0]).shape == (0, 2)


def test_stars_land_among_their_class(fitted: FixedTSNE, stars: np.ndarray) -> None:
    label = load_dataset("digits").train.label.numpy()
    away = np.linalg.norm(fitted.project(stars)[:, None] - fitted.positions[None], axis=2)
    assert (label[away.argmin(1)] == label[700:850]).mean() > 0.9


def test_projecting_100_stars_on_2000_real_images_takes_no_time() -> None:
    features = clusters(2000, 512, apart=0.3)
    axes = principal_axes(features, 50)
    coordinates = axes.coordinates(features)
    unit = float(np.linalg.norm(coordinates, axis=1).max())
    spread = (coordinates[:, :2] * (100 / unit)).astype(np.float32)
    unfitted = FixedTSNE(read_only(spread), (coordinates / unit).astype(np.float32), axes, unit, 30.0)
    new = clusters(100, 512, draw=1, apart=0.3)
    places, times = unfitted.project(new), []
    for _ in range(30):
        began = time.perf_counter()
        places = unfitted.project(new, places)
        times.append(time.perf_counter() - began)
    print(f"100 stars on 2,000: median {np.median(times):.3f} s, 95th {np.percentile(times, 95):.3f} s, n 30")
    assert np.median(times) < 1


@pytest.mark.usefixtures("quick")
def test_one_seed_gives_one_map_and_progress_rises_to_one() -> None:
    fractions: list[float] = []
    first = fit_fixed_tsne(SIXTY, perplexity=10.0, on_progress=fractions.append)
    second = fit_fixed_tsne(SIXTY.copy(), perplexity=10.0)
    assert np.array_equal(first.positions, second.positions)
    assert np.array_equal(first.project(SIXTY + 1), second.project(SIXTY + 1))
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert not np.array_equal(first.positions, fit_fixed_tsne(SIXTY, perplexity=10.0, seed=1).positions)


def test_what_the_progress_raises_ends_the_fit() -> None:
    class Enough(Exception):
        pass

    def tell(done: float) -> None:
        raise Enough

    with pytest.raises(Enough):
        fit_fixed_tsne(SIXTY, on_progress=tell)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("count", [4, 5, 20])
def test_few_real_images_lower_the_perplexity_and_the_map_says_so(count: int) -> None:
    small = fit_fixed_tsne(SIXTY[:count])
    assert small.perplexity == pytest.approx((count - 1) / 3)
    assert f"only {count} points" in small.note
    assert np.isfinite(small.positions).all()
    assert np.isfinite(small.project(SIXTY, small.project(SIXTY))).all()
    assert fit_fixed_tsne(SIXTY, perplexity=10.0).note == ""


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "features",
    [
        SIXTY[:, :1],
        np.repeat(SIXTY[:20], 3, axis=0),
        SIXTY * [1, 0, 0, 0, 0, 0, 0, 0],
        SIXTY * 1e-20,
        SIXTY * 1e30,
        SIXTY * 0.001 + 5,
    ],
    ids=["one number", "each thrice", "one direction", "tiny", "huge", "off centre"],
)
def test_odd_features_have_finite_maps(features: np.ndarray) -> None:
    features = features.astype(np.float32)
    for projection in (fit_fixed_tsne(features), fit_pca_projection(features)):
        assert np.isfinite(projection.positions).all()
        assert map_width(projection.positions) > 0
        assert np.isfinite(projection.project(features)).all()


@pytest.mark.usefixtures("quick")
def test_what_no_map_can_be_made_of_is_refused_with_a_remedy() -> None:
    broken = SIXTY.copy()
    broken[3, 3] = np.nan
    placed = fit_pca_projection(SIXTY)
    standing = fit_fixed_tsne(SIXTY, perplexity=10.0)
    for make in (fit_fixed_tsne, fit_pca_projection):
        with pytest.raises(ValueError, match="a map needs 4 real images or more, not 3: give it more"):
            make(SIXTY[:3])
        with pytest.raises(ValueError, match="not finite: lower the image learning rate"):
            make(broken)
        with pytest.raises(ValueError, match="the same features: choose another network"):
            make(np.full((9, 3), 7, dtype=np.float32))
    for projection in (standing, placed):
        with pytest.raises(ValueError, match="have 5 numbers, the map's have 8: use the network"):
            projection.project(SIXTY[:, :5])
        with pytest.raises(ValueError, match="not finite"):
            projection.project(broken)
    with pytest.raises(ValueError, match="60 stars cannot start from 2 positions"):
        standing.project(SIXTY, np.zeros((2, 2), dtype=np.float32))
    with pytest.raises(ValueError, match="choose 1 or more"):
        fit_fixed_tsne(SIXTY, perplexity=0.0)
    with pytest.raises(ValueError, match="use one network for both"):
        fit_joint_tsne(SIXTY, SIXTY[:, :5])


@pytest.mark.usefixtures("quick")
def test_a_kept_map_places_exactly_as_the_fitted_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "maps" / "here"
    fitted = cached_fixed_tsne(SIXTY, folder, seed=3)
    assert "Perplexity 19.7 instead of 30" in fitted.note
    _forbid_fits(monkeypatch)
    cached = cached_fixed_tsne(SIXTY.copy(), folder, seed=3)
    assert (cached.note, cached.perplexity, cached.unit) == (fitted.note, fitted.perplexity, fitted.unit)
    assert np.array_equal(cached.positions, fitted.positions)
    new = SIXTY + np.float32(0.1)
    assert np.array_equal(cached.project(new), fitted.project(new))
    assert np.array_equal(
        cached.project(new, fitted.project(SIXTY)), fitted.project(new, fitted.project(SIXTY))
    )
    with pytest.raises(ValueError, match="read-only"):
        cached.positions[0] = 0


def test_other_features_perplexity_or_seed_make_another_map() -> None:
    other = SIXTY.copy()
    other[0, 0] += 1
    keys = [
        fixed_tsne_key(SIXTY),
        fixed_tsne_key(other),
        fixed_tsne_key(SIXTY.reshape(30, 16)),
        fixed_tsne_key(SIXTY, 29.0),
        fixed_tsne_key(SIXTY, 30.0, 1),
    ]
    assert len(set(keys)) == len(keys)
    assert keys[0] == fixed_tsne_key(np.asfortranarray(SIXTY))
    assert all(len(key) == 16 and int(key, 16) >= 0 for key in keys)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("harm", ["cut", "flipped", "empty", "foreign", "renamed"])
def test_a_damaged_file_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str) -> None:
    fitted = cached_fixed_tsne(SIXTY, tmp_path)
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    path.write_bytes(
        {
            "cut": content[:-100],
            "flipped": content[:-50] + bytes([content[-50] ^ 1]) + content[-49:],
            "empty": b"",
            "foreign": b"a picture of a cat" * 100,
            "renamed": content.replace(fixed_tsne_key(SIXTY).encode(), b"0" * 16),
        }[harm]
    )
    again = cached_fixed_tsne(SIXTY, tmp_path)
    assert np.array_equal(again.positions, fitted.positions)
    assert path.read_bytes() == content
    _forbid_fits(monkeypatch)
    cached_fixed_tsne(SIXTY, tmp_path)


@pytest.mark.usefixtures("quick")
def test_a_map_that_cannot_be_kept_is_there_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    fitted = cached_fixed_tsne(SIXTY, tmp_path / "file", perplexity=10.0)
    assert fitted.note.startswith("The map was not stored: ")
    assert len(fitted.positions) == 60


@pytest.mark.usefixtures("quick")
def test_a_kept_map_is_there_before_opentsne_is_imported(tmp_path: Path) -> None:
    features = clusters(60, 512)
    cached_fixed_tsne(features, tmp_path / "maps")
    np.save(tmp_path / "features.npy", features)
    script = (
        "import sys, time\nimport numpy as np\nfrom pathlib import Path\n"
        f"features = np.load({str(tmp_path / 'features.npy')!r})\nbegan = time.perf_counter()\n"
        "from dmcore.feature_space.projection import cached_fixed_tsne\n"
        f"cached_fixed_tsne(features, Path({str(tmp_path / 'maps')!r}))\n"
        "print(time.perf_counter() - began, *({'openTSNE', 'sklearn', 'torch'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    seconds, *slow = result.stdout.split()
    print(f"a cached map is there after {float(seconds):.2f} s, imports and all")
    assert not slow
    assert float(seconds) < 5


@pytest.mark.parametrize("shape", [(300, 20), (50, 90)])
def test_the_plane_is_that_of_scikit_learn_with_fixed_signs(shape: tuple[int, int]) -> None:
    features = clusters(*shape, apart=1.0)
    placed, reference = (
        fit_pca_projection(features),
        PCA(2, svd_solver="full").fit(features.astype(np.float64)),
    )
    expected = reference.transform(features.astype(np.float64))
    signs = np.sign((placed.positions * expected).sum(0))
    np.testing.assert_allclose(placed.positions, expected * signs, atol=1e-4 * np.abs(expected).max())
    assert np.array_equal(placed.project(features), placed.positions)
    turned = fit_pca_projection(features[::-1].copy()).positions[::-1]
    np.testing.assert_allclose(turned, placed.positions, atol=1e-4 * np.abs(expected).max())
    largest = placed.axes.directions[np.arange(2), np.abs(placed.axes.directions).argmax(1)]
    assert (largest > 0).all()


def test_a_joint_map_holds_both_and_keeps_classes_together() -> None:
    real, stars = clusters(150, 16), clusters(20, 16, draw=1)
    places, placed, note = fit_joint_tsne(real, stars)
    assert note == ""
    assert (places.shape, placed.shape) == ((150, 2), (20, 2))
    nearest_true = np.linalg.norm(stars[:, None] - real[None], axis=2).argmin(1)
    near = np.linalg.norm(placed - places[nearest_true], axis=1)
    assert np.median(near) < 0.1 * map_width(places)


def test_the_width_of_a_map_leaves_stray_points_out() -> None:
    line = np.linspace(0, 100, 1001, dtype=np.float32)
    points = np.stack([line * 0.5, line], axis=1)
    assert map_width(points) == pytest.approx(98)
    points[:5] = 1e6
    assert map_width(points) < 100


def test_every_kind_has_its_sentence() -> None:
    assert set(MAP_KINDS) == {"tsne", "pca", "joint"}
    assert all(sentence.endswith(".") for sentence in MAP_KINDS.values())


def _forbid_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("fitted anew")

    monkeypatch.setattr(dmcore.feature_space.projection, "fit_fixed_tsne", refuse)
