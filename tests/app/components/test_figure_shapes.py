"""Marks of the paper page: the star of learned images is the one that the browser draws elsewhere."""

import json
import re

import pytest

from app import PACKAGE, ROOT
from app.components.figure_shapes import mark

STAR = json.loads((ROOT / "tests" / "js" / "star_reference.json").read_text(encoding="utf-8"))
"""Its corners around (0, 0), at radius 1; tests/js/elements.test.js holds the scripts to them."""


def test_the_star_of_learned_images_has_the_same_corners_in_figures_and_scripts() -> None:
    path = mark("DM", 200, 100, size=97).attributes["d"]  # a radius of 100
    corners = [[float(length) for length in corner.split()] for corner in re.split("[MLZ]", path) if corner]
    assert corners == [
        [pytest.approx(200 + 100 * x, abs=0.1), pytest.approx(100 + 100 * y, abs=0.1)] for x, y in STAR
    ]


def test_the_star_of_learned_images_has_the_same_corners_in_style_sheets() -> None:
    sheet = (PACKAGE / "components" / "accuracy_rows.css").read_text(encoding="utf-8")
    polygon = re.search(r"clip-path: polygon\((.+)\)", sheet)
    assert polygon is not None
    corners = [[float(length.rstrip("%")) for length in corner.split()] for corner in polygon[1].split(",")]
    assert corners == [
        [pytest.approx(50 + 50 * x, abs=0.5), pytest.approx(50 + 50 * y, abs=0.5)] for x, y in STAR
    ]
