"""A curve of fewer than three points is drawn as points alone."""

import pytest

from app.plots.axis import iteration_axis, percent_axis
from app.plots.figure import FigureBuilder


@pytest.mark.parametrize(("count", "mode"), [(1, "markers"), (2, "markers"), (3, "lines+markers")])
def test_two_points_are_no_law(count: int, mode: str) -> None:
    figure = FigureBuilder(iteration_axis("log", 500), percent_axis(), height=300)
    figure.curve([1, 20, 500][:count], [40.0, 60.0, 70.0][:count], "#000", name="1 per class")
    traces = figure.build()["data"]
    assert isinstance(traces, list)
    assert [trace["mode"] for trace in traces] == [mode]
