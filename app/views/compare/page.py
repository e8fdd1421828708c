"""The Compare page: two runs side by side, with what differs in their settings, images, losses and results.

The address names the runs (`?a=ID&b=ID`) and the iteration (`&at=N`). A run at work moves here as it does on
the Watch page. Must not import torch.
"""

from collections import Counter
from dataclasses import replace

import streamlit as st

from app.components.image_grid import show_image_grid
from app.components.live_figure import show_live_figure
from app.components.live_line import show_live_line
from app.components.page_links import RUNS_PAGE, WATCH_PAGE
from app.components.styles import WATCH_STYLE
from app.components.table import html_table
from app.data.folders import find_run, runs_root
from app.data.stored_results import judged_results
from app.jobs.manager import JobManager, get_manager
from app.run.addresses import images_address, run_address
from app.run.moment import latest_view, page_state, view_at
from app.run.result_card import latest_results, protocol_sentences, table
from app.run.stage import STAGE_HEIGHT, image_grid, status_line
from app.run.view_state import Look
from app.text.escaping import plain_text
from app.text.set_labels import subject
from app.views.compare.sides import Side, both_losses, kept_at, lines_each, moments, setting_rows
from dmcore.config.formatting import grouped, sentence
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import list_runs

LETTERS = ("a", "b")
NEWEST = "newest"
KEPT = "compared"
"""Where the session keeps what the address said, for when the page is left and come back to."""


def show_compare() -> None:
    """Draw the page."""
    manager = get_manager()
    st.html(WATCH_STYLE)
    st.header("Compare", anchor=False)
    runs = list_runs(runs_root())
    if len(runs) < 2:
        show_too_few()
        return
    st.markdown("Two runs side by side, and only what differs between them.")
    _recall()
    choose(runs)
    sides = [side for letter in LETTERS if (side := find_side(manager, letter)) is not None]
    if len(sides) == 2 and sides[0].run.id != sides[1].run.id:
        show_comparison(manager, *sides)
    elif len(sides) == 2:
        st.info("Both are the same run: choose another one beside it.")
    elif not any(st.query_params.get(letter) for letter in LETTERS):
        st.info("Choose two runs. They need not be finished: a run at work moves here as it does on Watch.")


def show_too_few() -> None:
    """What to do next when there are not two runs."""
    st.info("It takes two runs to compare. Start one on the Watch page, or fork one on the Runs page.")
    with st.container(horizontal=True):
        if st.button("Go to Watch", key="go_to_watch", type="primary"):
            st.switch_page(WATCH_PAGE)
        if st.button("Go to Runs", key="go_to_runs"):
            st.switch_page(RUNS_PAGE)


def choose(runs: list[RunFolder]) -> None:
    """Two select boxes, and a button that lets the runs change places."""
    named = Counter(run.description.title for run in runs)
    titles = {
        run.id: title if named[title := run.description.title] == 1 else f"{title} ({run.id})" for run in runs
    }

    def choice(letter: str) -> None:
        _ask(letter, st.session_state[f"compare_{letter}"])

    def swap() -> None:
        a, b = (st.query_params.get(letter) for letter in LETTERS)
        _ask("a", b)
        _ask("b", a)

    *places, last = st.columns([6, 6, 1], vertical_alignment="bottom")
    for letter, place in zip(LETTERS, places, strict=True):
        with place:
            asked = st.query_params.get(letter)
            st.session_state[f"compare_{letter}"] = asked if asked in titles else None
            st.selectbox(
                f"Run {letter.upper()}",
                list(titles),
                format_func=lambda one: titles.get(one, one),
                key=f"compare_{letter}",
                placeholder="Choose a run",
                index=None,
                on_change=choice,
                args=(letter,),
                help="Any run on disk; type to search.",
            )
    with last:
        st.button("Swap", key="swap", width="stretch", on_click=swap, help="Lets A and B change places.")


def find_side(manager: JobManager, letter: str) -> Side | None:
    """The run that the address names for this side; where it cannot be shown, a sentence says why."""
    asked = st.query_params.get(letter)
    if not asked:
        return None
    try:
        run = find_run(asked, runs_root())
        return Side(letter.upper(), run, latest_view(manager, run))
    except (ValueError, OSError) as trouble:
        st.warning(plain_text(f"{sentence(str(trouble))} Choose another run {letter.upper()}."))
        return None


def show_comparison(manager: JobManager, a: Side, b: Side) -> None:
    """Everything about two runs."""
    show_settings(a.run, b.run)
    moment = choose_moment(a, b)
    with st.container(key="watch_row"):
        columns = st.columns(2, gap="medium")
    for column, side in zip(columns, (a, b), strict=True):
        with column:
            try:
                show_side(manager, side, moment)
            except (ValueError, OSError) as trouble:
                st.warning(plain_text(sentence(str(trouble))))
    st.subheader("Loss", anchor=False)
    show_live_figure("compare_loss", both_losses(a, b))
    said = "Dashes and dots: how far two batches of real images lie apart, in the networks of A and of B."
    if (each := lines_each(a, b)) < max(len(side.view.loss) for side in (a, b)):
        said += f" The first {each} sets of each run are drawn."
    st.caption(
        f"{said} Losses are on one scale only where network, width, depth and normalisation are the same; "
        "else compare each with its own real-against-real line."
    )


def show_settings(a: RunFolder, b: RunFolder) -> None:
    """The settings in which they differ."""
    rows = setting_rows(a, b)
    if rows is None:
        st.markdown("At least one of them was not condensed here, so the settings cannot be compared.")
    elif rows:
        st.html(html_table(("Setting", "A", "B"), rows))
    else:
        st.markdown("The two runs have the same settings.")
    one, other = a.description.data, b.description.data
    if one.name == other.name and None not in (one.digest, other.digest) and one.digest != other.digest:
        st.markdown("Their data sets have one name and different training images.")


def choose_moment(a: Side, b: Side) -> int | None:
    """The iteration whose images are shown, of those that both can show; None: each run's newest."""
    offered = moments((a, b))
    if not offered:
        return None
    asked = st.query_params.get("at", "")
    before = [one for one in offered if asked.isdecimal() and one <= int(asked)]
    st.session_state["compare_at"] = before[-1] if before else NEWEST
    options: list[int | str] = [*offered, NEWEST]
    chosen = st.select_slider(
        "Images at iteration",
        options,
        format_func=lambda one: one if isinstance(one, str) else grouped(one),
        key="compare_at",
        on_change=lambda: _ask("at", st.session_state["compare_at"]),
        help="The same iteration of both runs; at the right end the newest images of each, live if at work.",
    )
    return None if chosen == NEWEST else int(chosen)


def show_side(manager: JobManager, side: Side, moment: int | None) -> None:
    """One run: what it is, how far, its images then or now, what they are worth.

    Raises:
        ValueError: a file of the run is damaged.
        OSError: the run was deleted meanwhile.
    """
    run, view = side.run, side.view
    st.subheader(f"{side.letter}: {plain_text(run.description.title)}", anchor=False)
    st.caption(plain_text(subject(run)))
    show_live_line(
        f"compare_status_{side.letter}",
        status_line(view, page_state(manager, run, view)),
        source=run_address(run.id, "status"),
        subject=run.id,
    )
    if view.status == "failed" and (error := run.error()) is not None:
        st.error(plain_text(f"{sentence(error.sentence)} {sentence(error.remedy)}"))
    if moment is None:
        grid = image_grid(view, run, Look(), images_address(run.id, Look()))
        if grid is not None and not side.at_work:
            grid = replace(grid, caption=())  # it speaks of the Watch page's layers
    else:
        shown = kept_at(run, moment)
        grid = image_grid(view_at(run, view, shown), run, Look())
        exact = "" if shown == moment else f", the last one kept up to {grouped(moment)}"
        said = f"Shown: iteration {grouped(shown)}{exact}."
        grid = None if grid is None else replace(grid, caption=(said,))
    if grid is None:
        st.skeleton(height=STAGE_HEIGHT)
    else:
        show_image_grid(f"compare_images_{side.letter}", grid)
    results = latest_results(judged_results(run), run.iteration())
    if results:
        st.html(table(run, results))
        st.caption(" ".join(protocol_sentences(run, results)))
    elif not side.at_work:
        st.caption("Not judged yet: open it on the Watch page and press Judge.")


def _ask(name: str, value: object) -> None:
    """Put a choice into the address, or take it out."""
    if value is None or value == NEWEST:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = str(value)
    _remember()


def _recall() -> None:
    """Come back to the runs that were compared last; a link that names some goes first."""
    if not any(name in st.query_params for name in LETTERS):
        for name, value in st.session_state.get(KEPT, {}).items():
            st.query_params[name] = value
    _remember()


def _remember() -> None:
    asked = st.query_params
    st.session_state[KEPT] = {name: asked[name] for name in (*LETTERS, "at") if name in asked}
