"""Live resource of the Compare page: the loss figure of two runs."""

from typing import NamedTuple

from app.components.live_figure import LiveFigure
from app.components.live_resource import LiveSubject, Query, figure_answer
from app.run.live import RUN, RunState, observe_run, run_token
from app.views.compare.sides import both_losses


class PairState(NamedTuple):
    """Snapshot of two runs."""

    a: RunState
    b: RunState
    revision: str


def _observe_pair(a: str, b: str) -> PairState:
    first, second = observe_run(a), observe_run(b)
    return PairState(first, second, f"{first.revision}/{second.revision}")


PAIR = LiveSubject(RUN.path, ("run", "beside"), lambda *pair: tuple(map(run_token, pair)), _observe_pair)


@PAIR.resource("both", figure_answer)
def both(state: PairState, query: Query) -> LiveFigure:
    """The loss figure of two runs; `beside` is the second."""
    return both_losses(state.a, state.b)
