"""Design tokens: text can be read in both themes, and Streamlit's own theme has the same colours."""

import re
import tomllib

import pytest

from app import ROOT
from app.components.figure_shapes import METHOD_COLOURS
from app.plots import palette
from app.plots.colour_scales import contrast
from app.plots.tokens import TOKENS_CSS
from dmcore.experiments.table1 import NAMES

PAIRS = re.findall(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", TOKENS_CSS)
COLOURS = {
    theme: {name: (light, dark)[index] for name, light, dark in PAIRS}
    for index, theme in enumerate(("light", "dark"))
}
METHODS = ("dm", "dsa", "dc", "herding", "random", "mean", "kcenter", "kmeans", "forgetting", "whole")
TEXT = ("ink", "ink-2", "ink-3", "accent", "good", "warn", "bad", *METHODS)
STREAMLITS = {
    "primaryColor": "accent",
    "backgroundColor": "bg",
    "secondaryBackgroundColor": "raise",
    "textColor": "ink",
    "linkColor": "accent",
    "borderColor": "line",
}


@pytest.mark.parametrize("theme", COLOURS)
def test_all_text_can_be_read_on_the_page_and_on_raised_surfaces(theme):
    colours = COLOURS[theme]
    low = {
        (name, surface): round(ratio, 2)
        for name in TEXT
        for surface in ("bg", "raise")
        if (ratio := contrast(colours[name], colours[surface])) < 4.5
    }
    assert low == {}
    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5
    assert min(contrast(colours[name], colours["bg"]) for name in ("real", "edge")) >= 3


@pytest.mark.parametrize("theme", COLOURS)
def test_streamlits_theme_has_the_same_colours(theme):
    shown = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"][theme]
    assert {name: shown[name] for name in STREAMLITS} == {
        name: COLOURS[theme][token] for name, token in STREAMLITS.items()
    }


@pytest.mark.parametrize("theme", COLOURS)
def test_no_two_methods_share_a_colour_and_dm_has_the_accent(theme):
    colours = COLOURS[theme]
    assert len({colours[name] for name in METHODS}) == len(METHODS)
    assert colours["dm"] == colours["accent"] == colours["synthetic"] == colours["signed-plus"]


def test_figures_and_charts_give_a_method_of_the_tables_the_same_colour():
    assert {name: f"var(--{token})" for name, token in METHOD_COLOURS.items()} == palette.METHODS
    assert set(METHOD_COLOURS.values()) == set(METHODS)
    assert set(METHOD_COLOURS) <= set(NAMES.values())
