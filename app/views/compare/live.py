"""Live resource of the Compare page: the loss figure of the runs."""

from typing import NamedTuple

from app.components.live_figure import LiveFigure
from app.components.live_resource import LiveSubject, Query, figure_answer
from app.components.page_links import COMPARED_RUNS
from app.run.live import RUN, RunState, observe_run, run_token
from app.views.compare.sides import losses_of_all


class ComparedState(NamedTuple):
    """Snapshot of the runs."""

    sides: tuple[RunState, ...]
    revision: str


def _ids(run: str, beside: str) -> list[str]:
    return [run, *beside.split(",")][: len(COMPARED_RUNS)]


def _observe(run: str, beside: str) -> ComparedState:
    sides = tuple(map(observe_run, _ids(run, beside)))
    return ComparedState(sides, "/".join(side.revision for side in sides))


COMPARED = LiveSubject(
    *(RUN.path, ("run", "beside")),
    lambda run, beside: tuple(map(run_token, _ids(run, beside))),
    _observe,
)


@COMPARED.resource("both", figure_answer)
def both(state: ComparedState, query: Query) -> LiveFigure:
    """The loss figure of the runs; `beside` has the ids of all but the first, between commas."""
    return losses_of_all(state.sides)
