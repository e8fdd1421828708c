"""Live resource of the Compare page: the loss figure of two runs."""

from collections.abc import Hashable
from dataclasses import dataclass

from app.components.live_figure import LiveFigure
from app.components.live_resource import LiveSubject, Query, figure_answer
from app.run.live import RUN, RunState, RunSubject
from app.views.compare.sides import ComparedRun, both_losses


@dataclass(frozen=True)
class PairState:
    """Snapshot of two runs."""

    a: RunState
    b: RunState

    @property
    def revision(self) -> str:
        """Change token of both."""
        return f"{self.a.revision}/{self.b.revision}"


@dataclass(frozen=True)
class PairSubject:
    """Two runs that one figure shows."""

    a: RunSubject
    b: RunSubject

    def change_token(self) -> Hashable:
        """Tokens of both."""
        return self.a.change_token(), self.b.change_token()

    def observe(self) -> PairState:
        """Newest state of both.

        Raises:
            ValueError: there is no such run, or a damaged one.
        """
        return PairState(self.a.observe(), self.b.observe())


def _pair(parameters: Query) -> PairSubject:
    return PairSubject(RunSubject(parameters["run"]), RunSubject(parameters.get("beside", "")))


@LiveSubject(RUN.path, _pair).resource("both", figure_answer)
def both(state: PairState, query: Query) -> LiveFigure:
    """The loss figure of two runs; `beside` is the second."""
    a, b = state.a, state.b
    return both_losses(ComparedRun("A", a.run, a.view), ComparedRun("B", b.run, b.view))
