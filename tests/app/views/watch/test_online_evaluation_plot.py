"""Figure of the online evaluation: where its texts stand."""

from itertools import pairwise
from typing import Any

from app.views.watch.online_evaluation_plot import Level, online_evaluation_figure


def test_why_there_is_no_curve_yet_stands_above_the_plot_with_its_references() -> None:
    references = {"guessing": Level(10.0, None, "10 %")}
    figure: Any = online_evaluation_figure({}, references, 500, top="5 %", middle="First: soon;\nthen more")
    texts = [text for text in figure["layout"]["annotations"] if text["x"] == 0]
    assert [text["text"] for text in texts] == ["then more", "First: soon;", "5 %"]
    assert all(text["y"] == 1 and text["yanchor"] == "bottom" for text in texts)
    shifts = [text["yshift"] for text in texts]
    assert all(upper - lower >= 19 for lower, upper in pairwise(shifts))
    assert figure["layout"]["margin"]["t"] >= shifts[-1] + 19
