"""Live resource of the Watch page: accuracy while the run condenses; see app/run/live.py for the others."""

from app.components.live_figure import LiveFigure
from app.components.live_resource import Query, figure_answer
from app.run.live import RUN, RunState
from app.run.view_state import ViewState
from app.views.watch.online_evaluation_view import live_online_evaluation


@RUN.resource("gauge", figure_answer)
def online_evaluation(state: RunState, query: Query) -> LiveFigure:
    """The accuracy curve; `at` is the iteration that it marks."""
    return live_online_evaluation(state.view, state.run, ViewState.of_query(query).at)
