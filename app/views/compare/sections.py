"""Parts of the Compare page: what to choose, settings that differ, accuracies, one column a run, losses."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import streamlit as st

from app.components.html_table import html_table
from app.components.image_grid import show_image_grid
from app.components.live_figure import show_live_figure
from app.components.live_line import show_live_line
from app.components.page_links import WATCH_PAGE, open_page
from app.components.states import show_empty, show_failure
from app.data.recorded import title_of
from app.data.stored_results import results_at
from app.plots.loss import SEVERAL_MEASURES
from app.run import live
from app.run.damage import show_damage
from app.run.images.stored import kept_sentence, show_no_images
from app.run.live import RunState
from app.run.provenance import show_hidden_line, show_run_provenance
from app.run.run_view import page_revision, view_at
from app.run.stage_content import image_grid, status_line
from app.run.view_state import ViewState
from app.text.escaping import plain_text
from app.text.status import Status
from app.views.compare.accuracies import accuracy_rows
from app.views.compare.address import NEEDED
from app.views.compare.sides import (
    LETTERS,
    NETWORKS,
    last_snapshot,
    lines_each,
    losses_measure,
    losses_of_all,
    protocol_rows,
    setting_rows,
)
from dmcore.config.formatting import grouped, sentence
from dmcore.experiments.gallery.recorded import is_recorded
from dmcore.runs.display.titles import run_summary
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.pair_verdict import pair_verdict
from dmcore.runs.results.summary import accuracy_table, protocol_sentences

PAIR_MEANING = (
    "± is the standard deviation over the networks (divisor n). The verdict weighs it, the number of "
    "networks and the number of test images, by Welch's t-test at 5 %. For a verdict on methods, and not on "
    "these two sets, compare several seeds of each on Accuracy, under my runs."
)


def show_too_few() -> None:
    """What to do next when there are not two runs."""
    text = "It takes two runs to compare. Start one on the Watch page, or clone one on the Runs page."
    show_hidden_line("compare")
    if show_empty("compare_runs", text, "Go to Watch"):
        open_page(WATCH_PAGE)


def show_what_to_choose(sides: Sequence[RunState]) -> None:
    """What to do next while there are not several different runs to show."""
    if len(sides) > 1:
        same = "Both" if len(sides) == 2 else "Two of them"
        show_empty("compare_same", f"{same} are the same run: choose another one for one side.")
    elif not any(st.query_params.get(letter) for letter in NEEDED):
        show_empty(
            "compare_choice",
            "Choose two runs. They need not be finished: a running one moves here as it does on Watch.",
        )


def show_settings(runs: Sequence[RunFolder]) -> None:
    """Table of the settings in which they differ."""
    letters = LETTERS[: len(runs)]
    rows = setting_rows(runs)
    if rows is None:
        st.markdown("At least one of them was not condensed here, so the settings cannot be compared.")
    elif rows:
        st.html(html_table(("Setting", *letters), rows))
    else:
        st.markdown(f"The {'two' if len(runs) == 2 else len(runs)} runs have the same settings.")
    if tests := protocol_rows([results_at(run, run.iteration()) for run in runs]):
        only_networks = [label for label, *_ in tests] == [NETWORKS]
        fewer = "Of the one" if len(runs) == 2 else "Of those"
        st.markdown(
            f"{fewer} with fewer networks the accuracy is less certain."
            if only_networks
            else "They were tested differently: their accuracies cannot be compared as they stand."
        )
        st.html(html_table(("Test", *letters), tests))
    if any(_is_other_data_of_one_name(*pair) for pair in combinations(runs, 2)):
        st.markdown("Their data sets have one name and different training images.")


def show_verdict(runs: Sequence[RunFolder]) -> None:
    """Of two runs whose images teach networks more, or why that is not known; of more their accuracies."""
    results = [results_at(run, run.iteration()) for run in runs]
    if len(runs) > 2:
        if rows := accuracy_rows(runs, results):
            st.html(html_table(("Accuracy", *LETTERS[: len(runs)]), rows))
        st.caption("Whether a difference is more than chance is said of two runs: take the others out.")
        return
    sentences = pair_verdict(runs[0], runs[1], results[0], results[1])
    for number, text in enumerate(sentences, start=1):
        st.markdown(f"**{plain_text(text)}**", help=PAIR_MEANING if number == len(sentences) else None)


def show_side(letter: str, side: RunState, iteration: int | None) -> None:
    """Column of a run: title, status, images at `iteration` or the newest, results; reports damage."""
    try:
        _show_side(letter, side, iteration)
    except (ValueError, OSError) as trouble:
        show_failure(f"compare_trouble_{letter}", sentence(str(trouble)), "No other run is touched by it.")


def show_losses(sides: Sequence[RunState]) -> None:
    """Losses of all runs in one figure, and what may be compared in it."""
    st.subheader("Loss", anchor=False)
    show_live_figure("compare_loss", losses_of_all(sides))
    captions = []
    if len(sides) == 2:
        captions.append(
            "Dashes and dots: how far two batches of real images lie apart, in the networks of A and of B."
        )
    if (each := lines_each(sides)) < max(len(side.view.loss) for side in sides):
        captions.append(f"The first {each} sets of each run are drawn.")
    if losses_measure(sides) == SEVERAL_MEASURES:
        captions.append(
            "The losses of two methods are different distances: their heights cannot be compared."
        )
    else:
        own_line = "; else compare each with its own real-against-real line" if len(sides) == 2 else ""
        captions.append(
            "Losses are on one scale only where network, width, depth and normalisation are the same"
            f"{own_line}."
        )
    st.caption(" ".join(captions))


def _is_other_data_of_one_name(a: RunFolder, b: RunFolder) -> bool:
    data, other = a.description.data, b.description.data
    is_known = None not in (data.digest, other.digest)
    return data.name == other.name and is_known and data.digest != other.digest


def _show_side(letter: str, side: RunState, iteration: int | None) -> None:
    """Column of one run.

    Raises:
        ValueError: a file of the run is damaged.
        OSError: the run was deleted meanwhile.
    """
    run, view = side.run, side.view
    st.subheader(f"{letter}: {plain_text(title_of(run))}", anchor=False)
    st.caption(plain_text(run_summary(run)))
    show_run_provenance(run, f"compare_{letter}")
    if not is_recorded(run):
        show_live_line(
            f"compare_status_{letter}",
            status_line(view, page_revision(side.manager, run, view)),
            source=live.status.address(run=run.id),
            subject=run.id,
        )
    if view.status is Status.FAILED and (error := run.error()) is not None:
        show_failure(f"compare_run_{letter}", error.message, kept_sentence(run))
    show_damage(run, view.damaged)
    if iteration is None:
        grid = image_grid(view, run, ViewState(), live.images.address(run=run.id))
        if grid is not None and not view.status.in_progress:
            grid = replace(grid, caption=())  # it speaks of the Watch page's layers
    else:
        stored = last_snapshot(run, iteration)
        grid = image_grid(view_at(run, view, stored), run, ViewState())
        exact = "" if stored == iteration else f", the last one stored up to {grouped(iteration)}"
        caption = f"Shown: iteration {grouped(stored)}{exact}."
        grid = None if grid is None else replace(grid, caption=(caption,))
    if grid is None:
        show_no_images(f"compare_no_images_{letter}", view)
    else:
        show_image_grid(f"compare_images_{letter}", grid)
    results = results_at(run, run.iteration())
    if results:
        st.html(html_table(*accuracy_table(run, results)))
        st.caption(" ".join(protocol_sentences(run, results)))
    elif not view.status.in_progress and not is_recorded(run):
        st.caption("Not evaluated yet: open it on the Watch page and press Evaluate.")
