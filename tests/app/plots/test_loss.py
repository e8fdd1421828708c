"""The loss figure: what is drawn, and that a long run costs an update no more than a short one."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from app.plots.downsample import MEDIAN_POINTS, downsample_indices, evenly_spaced_indices, running_median
from app.plots.line_ends import spread_apart
from app.plots.loss import DRAWN_POINTS, POINTS, describe_losses, loss_figure, visible_floors


def plotly_figure(figure):
    """Checked by plotly itself; `narrow` is what the live figure makes of it where there is little room."""
    layout = figure["layout"]
    notes = [
        {name: value for name, value in note.items() if name != "narrow"} for note in layout["annotations"]
    ]
    return go.Figure({"data": figure["data"], "layout": layout | {"annotations": notes}})


def run_of(length, names=("from noise", "from real", "from wrong class")):
    random = np.random.default_rng(0)
    iterations = np.arange(1, length + 1)
    return iterations, {name: random.lognormal(1, 0.3, length).astype(np.float32) for name in names}


def test_a_noise_floor_of_whole_classes_is_not_drawn():
    assert visible_floors([0.5, 2.0], 0.1) == {"real against real": 0.1}
    assert visible_floors([0.5, 2.0], 1e-9) == {}, "both batches are the whole class"
    assert visible_floors([0.5, 2.0], None) == {}


@pytest.mark.parametrize("scale", ["log", "linear"])
def test_thinning_keeps_the_ends_and_spaces_points_evenly_along_the_axis(scale):
    x = np.arange(1, 20_001)
    indices = downsample_indices(x, 500, scale)
    positions = np.log(x[indices]) if scale == "log" else x[indices]
    assert (indices[0], indices[-1]) == (0, 19_999)
    assert len(indices) <= 500
    late = np.diff(positions[positions > positions[-1] / 2])
    assert late.max() < 2.5 * late.mean()


@pytest.mark.parametrize("scale", ["log", "linear"])
@pytest.mark.parametrize("count", [2, 120, 450])
@pytest.mark.parametrize("length", [100, 449, 451, 1500, 20_000])
def test_as_many_values_are_picked_as_were_asked_for_at_any_length(scale, count, length):
    x = np.arange(1, length + 1)
    picked = evenly_spaced_indices(x, count, scale)
    assert len(picked) == min(count, length)
    assert (picked[0], picked[-1]) == (0, length - 1)
    assert (np.diff(picked) > 0).all()


def test_picked_values_lie_evenly_where_there_are_enough_to_choose_from():
    x = np.arange(1, 5001)
    positions = np.log(x[evenly_spaced_indices(x, 450, "log")])
    late = np.diff(positions[positions > positions[-1] / 2])
    assert late.max() < 2.5 * late.mean()
    assert evenly_spaced_indices(x, 450, "log")[:40].tolist() == list(
        range(40)
    )  # all of the first, which lie wide apart


@pytest.mark.parametrize("sets", [1, 3])
def test_the_number_of_points_does_not_depend_on_the_length_of_the_run(sets):
    names = tuple(f"set {number}" for number in range(sets))
    for length in (DRAWN_POINTS, POINTS, POINTS + 1, 5000, 20_000):
        drawn = [len(trace["x"]) for trace in loss_figure(*run_of(length, names))["data"]]
        assert drawn == [DRAWN_POINTS // sets, MEDIAN_POINTS] * sets


def test_a_run_twenty_times_as_long_sends_no_more_than_a_few_points_more():
    short, long = (
        len(plotly_figure(loss_figure(*run_of(length), floor=1.0)).to_json())
        for length in (20 * POINTS, 400 * POINTS)
    )
    assert long < 1.1 * short


def test_the_median_ignores_a_jump_and_starts_at_the_first_loss():
    x = np.arange(1, 401)
    y = np.full(400, 2.0, np.float32)
    y[0], y[200] = 9.0, 1000.0
    where, median = running_median(x, y, "log")
    assert median[0] == 9.0
    assert median[where > 20].max() == 2.0


def test_the_figure_has_points_and_a_median_per_set_a_log_axis_and_titles():
    figure = json.loads(plotly_figure(loss_figure(*run_of(300), floor=0.5)).to_json())
    assert [trace["mode"] for trace in figure["data"]] == [*["markers", "lines"] * 3, "lines"]
    layout = figure["layout"]
    assert layout["yaxis"]["type"] == "log"
    assert layout["xaxis"]["title"]["text"] == "iteration"
    assert "squared distance of mean features" in layout["yaxis"]["title"]["text"]
    assert figure["data"][-1]["line"]["dash"] == "dash"
    assert figure["data"][-1]["name"] == "real against real"
    assert {"real against real"} < {label["text"] for label in layout["annotations"]}


def test_the_figure_is_drawn_before_the_first_loss_and_leaves_out_what_a_log_axis_cannot_show():
    empty = plotly_figure(loss_figure(np.zeros(0, np.int64), {"real": np.zeros(0, np.float32)}))
    assert len(empty.data) == 0
    broken = plotly_figure(
        loss_figure(np.arange(1, 5), {"real": np.array([np.nan, 0.0, np.inf, 2.0], np.float32)})
    )
    assert list(broken.data[0].y) == [2.0]


def test_names_cannot_bring_markup_into_the_figure():
    figure = json.loads(plotly_figure(loss_figure(*run_of(10, ("<a href='x'>n</a>",)))).to_json())
    assert "<a" not in figure["layout"]["annotations"][0]["text"]


def test_labels_that_meet_are_moved_apart_no_more_than_needed_and_stand_in_their_order():
    assert spread_apart([100.0, 0.0, 104.0, 101.0], 20) == pytest.approx(
        [121.667, 0.0, 101.667, 81.667], abs=1e-3
    )
    assert spread_apart([0.0, 50.0], 20) == [0.0, 50.0]
    assert spread_apart([100.0, 119.0, 138.0], 20) == [99.0, 119.0, 139.0], "beside their lines"
    assert spread_apart([100.0, 101.0], 20) == [110.5, 90.5]
    assert spread_apart([101.0, 100.0], 20) == [110.5, 90.5], "they cross, and the names stay"


def test_the_sentence_for_readers_names_the_iteration_each_set_and_the_floor():
    iterations, losses = run_of(50, ("from real",))
    sentence = describe_losses(iterations, losses, 1.25)
    assert "iteration 50" in sentence
    assert "from real" in sentence
    assert "real against real 1.25" in sentence
    assert "no iteration yet" in describe_losses(iterations[:0], {"from real": losses["from real"][:0]})
