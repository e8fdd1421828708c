"""Verdict on a run that has ended: one plain sentence and advice; and the way to the comparison."""

import streamlit as st

from app.data.stored_results import evaluation_results
from app.jobs.run_view import RunView
from app.setup.form import fill_form
from app.text.escaping import plain_text
from app.text.status import Status
from app.views.accuracy.address import open_comparison
from dmcore.config.formatting import grouped
from dmcore.experiments.gallery.recorded import is_recorded
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.plain_verdict import run_verdict

ENDED = (Status.FINISHED, Status.STOPPED)
TIMES_MORE = 4
"""Factor by which more iterations are tried, up to the number of the method's paper."""
MEANING = (
    "Networks were trained on these images alone and tested on real images that nobody trained on. ± is the "
    "standard deviation over the networks. The verdict weighs that and the number of test images; a "
    "difference below two standard errors decides nothing. Sets learned from other seeds differ too: that "
    "the page Accuracy weighs, over independent sets, so that its tables are sure of less."
)


def show_verdict(run: RunFolder, view: RunView, at: int | None = None) -> None:
    """Draw the verdict of a run that has ended; nothing while it goes on or is not tested.

    Args:
        run: the run.
        view: its newest state.
        at: the past iteration on screen; a presenter's page has the status line in the verdict's place then.
    """
    if view.status not in ENDED:
        return
    verdict = run_verdict(run, evaluation_results(run))
    if verdict is None:
        return
    more = plain_text(f"{verdict.scope} {verdict.advice}".strip())
    with st.container(key="watch_verdict" if at is None else "watch_verdict_of_the_end"):
        st.markdown(f"**{plain_text(verdict.sentence)}** {more}", help=MEANING)
        if verdict.more_iterations:
            show_more_iterations(run)


def show_more_iterations(run: RunFolder) -> None:
    """Button that puts the run's set-up into the form with more iterations; none where that cannot be."""
    config = run.config
    if config is None or config.iterations >= (most := type(config)().iterations):
        return
    more = min(most, TIMES_MORE * config.iterations)
    st.button(
        "Try more iterations",
        key="watch_more_iterations",
        on_click=fill_form,
        args=(config.model_copy(update={"iterations": more}),),
        help=f"Fills the set-up with {grouped(more)} iterations instead of {grouped(config.iterations)}.",
    )


def show_comparison_button(run: RunFolder, view: RunView) -> None:
    """Button of a run that has ended that opens Accuracy with it; none for a recorded run."""
    if (
        view.status in ENDED
        and not is_recorded(run)
        and run.sets
        and st.button(
            "Is it any good? Compare",
            key="watch_compare_accuracy",
            help="Opens Accuracy with this run chosen.",
        )
    ):
        open_comparison(run)
