"""The figure builder: what all figures share, and that style sheets and figures know the same tokens."""

import math
import re
from typing import Any

import pytest

from app import PACKAGE
from app.plots import palette
from app.plots.axis import Axis, iteration_axis, percent_axis
from app.plots.figure import FigureBuilder
from app.plots.heat_map import Cell, heat_map_figure
from app.plots.tokens import TOKENS_CSS, size


def built(figure: FigureBuilder) -> Any:
    return figure.build()


def test_plain_text_stays_plain_wherever_it_stands() -> None:
    figure = FigureBuilder(Axis("<b>x</b>"), Axis(names=["<i>a</i>\nb"]), values="x")
    figure.points([1], [0], palette.TEXT, name="<u>n</u>", texts=["<s>t</s>"])
    figure.level(1, (0, 1), label="beside", name="<em>l</em>")
    figure.empty("<p>")
    text = str(built(figure))
    assert not re.search("<(b|i|u|s|em|p)>", text)
    assert "&lt;i&gt;a&lt;/i&gt;<br>b" in text


def test_an_axis_of_accuracies_may_begin_at_zero_so_that_a_small_change_looks_small() -> None:
    figure = FigureBuilder(iteration_axis("log"), percent_axis(from_zero=True))
    figure.points([1, 500], [8.0, 12.0], palette.TEXT)
    axis = built(figure)["layout"]["yaxis"]
    assert axis["rangemode"] == "tozero"
    assert axis["autorangeoptions"]["include"] == (0.0, 13.0)


def test_an_open_axis_is_fitted_by_plotly_so_that_a_zoom_outlives_new_data() -> None:
    figure = FigureBuilder(iteration_axis("log"), percent_axis())
    assert built(figure)["layout"]["yaxis"]["range"] == [0, 100]
    assert built(figure)["layout"]["xaxis"]["range"] == [0, 2]
    figure.line([1, 10], [99.0, 99.5], palette.TEXT, spread=[0.1, 2.0])
    layout = built(figure)["layout"]
    assert "range" not in layout["xaxis"] | layout["yaxis"]
    room = layout["yaxis"]["autorangeoptions"]
    assert room["include"] == (pytest.approx(96.5), 102)
    assert (room["clipmin"], room["clipmax"]) == (-2, 102)


def test_a_level_is_hovered_in_its_middle_and_named_at_its_end() -> None:
    figure = FigureBuilder(iteration_axis("log"), percent_axis(), height=300)
    figure.level(50.0, (1, 100), band=3.0, name="real", hover="real: %{y}")
    data, layout = built(figure)["data"], built(figure)["layout"]
    assert data[0]["fill"] == "toself"
    assert data[1]["x"] == pytest.approx([1, 10, 100])
    assert data[1]["line"]["dash"] == "dash"
    assert layout["annotations"][0]["text"].endswith("real")


def test_panels_lie_below_each_other_and_each_fits_its_own_values() -> None:
    figure = FigureBuilder(Axis(names=["a"]), percent_axis())
    for level in (20.0, 80.0):
        figure.panel(f"{level:g}", palette.series(0))
        figure.points([0], [level], palette.series(0))
    data, layout = built(figure)["data"], built(figure)["layout"]
    assert [trace.get("yaxis") for trace in data] == [None, "y2"]
    assert layout["yaxis"]["domain"][0] > layout["yaxis2"]["domain"][1]
    assert layout["xaxis"]["anchor"] == "y2"
    assert layout["yaxis2"]["autorangeoptions"]["include"] == (79, 81)


def test_a_cell_without_a_number_is_grey_and_one_at_work_is_framed() -> None:
    cells = [[Cell(1.0, "one"), Cell(None, "failed\nwhy", ["failed"], at_work=True)]]
    figure: Any = heat_map_figure(cells, Axis(), Axis(), ("#000000", "#FFFFFF"), (0, 2))
    assert [trace["z"] for trace in figure["data"]] == [[[1.0, None]], [[None, 0.0]]]
    assert figure["data"][1]["hovertext"][0][1].endswith("failed</span></b><br>why")
    assert [shape["x0"] for shape in figure["layout"]["shapes"]] == [pytest.approx(0.515)]


def test_every_token_that_is_named_is_there() -> None:
    tokens = set(re.findall("(--dm-[a-z-]+):", TOKENS_CSS))
    sheets = [*(PACKAGE / "components").rglob("*.css"), PACKAGE / "assets" / "tokens.css"]
    named = {name for sheet in sheets for name in re.findall(r"var\((--dm-[a-z-]+)", sheet.read_text())}
    assert named
    assert named <= tokens
    sources = "".join(file.read_text() for file in PACKAGE.rglob("*.py"))
    assert all(math.isfinite(size(name)) for name in re.findall(r'\bsize\("([a-z-]+)"', sources))
