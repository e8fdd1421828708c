"""Colours that can be told apart: from the background, from each other, and without red or green cones."""

import itertools
import tomllib

import numpy as np
import pytest

from app import ROOT
from app.plots import palette

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB
CONES = {
    "all": np.eye(3),
    "protanope": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranope": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def linear(colour):
    coded = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def contrast(first, second):
    dark, light = sorted(linear(colour) @ [0.2126, 0.7152, 0.0722] for colour in (first, second))
    return (light + 0.05) / (dark + 0.05)


def oklab(colour, cones):
    return TO_OKLAB @ np.cbrt(TO_LMS @ np.clip(CONES[cones] @ linear(colour), 0, 1))


@pytest.fixture(params=["light", "dark"])
def theme(request):
    return request.param


@pytest.fixture(scope="module")
def settings():
    return tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]


def test_every_colour_stands_out_from_its_background(theme, settings):
    shown = settings[theme]
    colours = shown["chartCategoricalColors"]
    assert len(colours) == palette.SERIES
    assert min(contrast(colour, shown["backgroundColor"]) for colour in colours) >= 3


@pytest.mark.parametrize("cones", CONES)
def test_no_two_colours_look_alike(theme, settings, cones):
    pairs = itertools.combinations(settings[theme]["chartCategoricalColors"], 2)
    assert min(np.linalg.norm(oklab(first, cones) - oklab(second, cones)) for first, second in pairs) >= 0.05


def test_text_and_links_are_readable(theme, settings):
    shown = settings[theme]
    for background in (shown["backgroundColor"], shown["secondaryBackgroundColor"]):
        assert contrast(shown["textColor"], background) >= 7
        assert contrast(shown["linkColor"], background) >= 4.5


def test_an_eleventh_colour_is_refused():
    with pytest.raises(ValueError, match="10 colours"):
        palette.series(10)
