"""How recorded results look: thin, hollow or pale, and named."""

from app.plots import palette
from app.plots.axis import Axis
from app.plots.colour_scales import CIVIDIS
from app.plots.heat_map import Cell, heat_map_figure
from app.plots.recorded import CELL_OPACITY, drawn_thin
from app.plots.tokens import size


def heat_map():
    cells = [[Cell(50.0, "50", ["50.0"], colour="#fff"), Cell(None, "to come", ["–"])]]
    axes = Axis("tested on", names=["A", "B"]), Axis("learned on", names=["A"])
    return heat_map_figure(cells, *axes, CIVIDIS, (0, 100), bar="below", title="test accuracy, %")


def test_cells_of_a_recorded_heat_map_are_pale_in_thin_frames_and_named():
    figure = drawn_thin(heat_map())
    values, holes = figure["data"]
    assert all(colour.endswith(f", {CELL_OPACITY})") for _, colour in values["colorscale"])
    assert values["colorbar"]["title"]["text"] == "test accuracy, %, recorded"
    assert holes["colorscale"][0][1] == palette.PANEL
    (frame,) = figure["layout"]["shapes"]
    assert frame["line"]["width"] == size("thin")
    assert frame["x0"] < 0 < frame["x1"] < 1, "around the cell that has a number"


def test_text_on_pale_cells_has_the_pages_colour():
    notes = drawn_thin(heat_map())["layout"]["annotations"]
    assert [note["font"]["color"] for note in notes] == [palette.TEXT] * 2


def test_a_figure_is_not_changed_by_drawing_it_thin():
    figure = heat_map()
    drawn_thin(figure)
    assert figure == heat_map()


def test_recorded_bars_are_outlines():
    bar = {"type": "bar", "x": [1], "y": [2], "marker": {"color": "var(--dm)"}}
    (thin,) = drawn_thin({"data": [bar], "layout": {}})["data"]
    assert thin["marker"]["color"] == "rgba(0,0,0,0)"
    assert thin["marker"]["line"] == {"width": size("thin"), "color": "var(--dm)"}


def test_recorded_lines_are_thin_and_markers_hollow_but_the_dots_of_networks():
    mean = {"type": "scatter", "line": {"width": 3}, "marker": {"size": 12, "symbol": "star"}}
    network = {"type": "scatter", "marker": {"size": size("dot"), "symbol": "circle"}}
    thin, dots = drawn_thin({"data": [mean, network], "layout": {}})["data"]
    assert (thin["line"]["width"], thin["marker"]["symbol"]) == (size("thin"), "star-open")
    assert dots == network
