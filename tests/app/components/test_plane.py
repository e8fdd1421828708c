"""The planes: what links may name, and the numbers that the JavaScript is compared with."""

import json
import re

import numpy as np
import numpy.typing as npt
import pytest

from app import PACKAGE, ROOT
from app.components.plane import state as states
from app.components.plane.state import PARAMETERS, PlaneState
from app.components.query_params import is_unbound

Array = npt.NDArray[np.float64]
REFERENCE = ROOT / "tests" / "js" / "plane_reference.json"
FOLDER = PACKAGE / "components" / "plane"


def features(points: Array, directions: Array, bias: Array) -> Array:
    """Random ReLU features [point, feature] of points [point, 2]."""
    return np.maximum(points @ directions + bias, 0)


def gradient(stars: Array, cloud: Array, directions: Array, bias: Array) -> tuple[float, Array]:
    """Squared distance of the mean features, and its gradient on the stars, as the formula is written."""
    difference = features(stars, directions, bias).mean(0) - features(cloud, directions, bias).mean(0)
    active = stars @ directions + bias > 0
    return float((difference**2).sum()), 2 / len(stars) * (active * difference) @ directions.T


def reference(count: int, points: int, width: int, seed: int) -> dict[str, object]:
    """A case for the JavaScript: what goes in, what has to come out, and five steps with one network."""
    random = np.random.default_rng(seed)
    directions = random.normal(size=(2, width))
    directions /= np.linalg.norm(directions, axis=0)
    bias = random.uniform(-1.5, 1.5, width)
    stars, cloud = random.normal(0, 0.3, (count, 2)), random.normal(0, 1, (points, 2))
    loss, first = gradient(stars, cloud, directions, bias)
    moved, velocity = stars.copy(), np.zeros_like(stars)
    for _ in range(5):
        velocity = 0.5 * velocity + gradient(moved, cloud, directions, bias)[1] * count / 12 * 8 / width
        moved = moved - velocity
    return {
        "network": np.vstack([directions, bias]).T.ravel().tolist(),
        "stars": stars.ravel().tolist(),
        "cloud": cloud.ravel().tolist(),
        "means": features(cloud, directions, bias).mean(0).tolist(),
        "loss": loss,
        "gradient": first.ravel().tolist(),
        "moved": moved.ravel().tolist(),
    }


def test_the_numbers_that_the_javascript_is_compared_with_are_the_formulas() -> None:
    cases = [reference(12, 30, 8, 0), reference(1, 20, 8, 1), reference(5, 40, 3, 2), reference(20, 9, 16, 3)]
    stored = json.loads(REFERENCE.read_text(encoding="utf-8"))
    assert len(stored) == len(cases)
    for case, kept in zip(cases, stored, strict=True):
        assert set(case) == set(kept)
        for name, value in case.items():
            np.testing.assert_allclose(kept[name], value, rtol=1e-12, atol=1e-14)


def test_a_link_gives_the_state_that_it_was_made_of() -> None:
    state = PlaneState("own", 3, 64, ("1", "new"), 17, "loss", "AH-_")
    query = state.as_query()
    assert query["plane_networks"] == "1.new"
    assert set(query) == set(PARAMETERS)
    assert PlaneState.of_query(query) == state
    assert set(PlaneState().as_query().values()) == {""}
    assert PlaneState.of_query({}) == PlaneState()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("plane_cloud", "<b>"), ("plane_stars", "0"), ("plane_stars", "21"), ("plane_stars", "1e9")),
        *(("plane_features", "-8"), ("plane_features", "65"), ("plane_networks", "2.3"), ("plane_seed", "x")),
        *(("plane_behind", ""), ("plane_points", "A" * 1601), ("plane_points", "<script>")),
    ],
)
def test_an_absurd_link_gives_defaults(name: str, value: str) -> None:
    assert PlaneState.of_query({name: value}) == PlaneState()


@pytest.mark.parametrize("value", [None, 3, [], {"a": 1}, True, "9" * 2000])
def test_an_absurd_report_gives_defaults(value: object) -> None:
    report = dict.fromkeys(states.NAMES, value)
    expected = PlaneState(stars=3, features=3, seed=3) if value == 3 else PlaneState()
    assert PlaneState.of_report(report) == expected


def test_the_address_has_no_other_owner_of_the_parameters() -> None:
    assert all(map(is_unbound, PARAMETERS))


def test_browser_and_script_agree_on_what_can_be_chosen() -> None:
    html = (FOLDER / "component.html").read_text(encoding="utf-8")
    for name, numbers in (("stars", states.STARS), ("features", states.FEATURES)):
        assert f'name="{name}" min="{numbers[0]}" max="{numbers[-1]}"' in html
    for name, options in (
        ("cloud", states.CLOUDS),
        ("networks", states.NETWORKS),
        ("behind", states.BEHIND),
    ):
        assert tuple(re.findall(rf'name="{name}" value="(\w+)"', html)) == options
    assert f"MOST_POINTS = {states.MOST_POINTS};" in (FOLDER / "editing.js").read_text(encoding="utf-8")
    assert f"% {len(states.SEEDS)} }}" in (FOLDER / "controls.js").read_text(encoding="utf-8")
