"""The Architectures page: what images learned with one architecture are worth to another (table 3).

The address says what is filled; the matrix and its lines keep themselves up to date. Must not import torch.
"""

import streamlit as st

from app.components.live_figure import show_live_figure
from app.components.live_line import show_live_line
from app.components.styles import WATCH_STYLE
from app.data.folders import runs_root
from app.jobs.manager import JobManager, get_manager
from app.run.actions import put_on_screen
from app.run.addresses import table_address
from app.run.run_bar import marked
from app.tables.controls import show_table_controls
from app.tables.state import TableState, table_id, table_state
from app.text.escaping import plain_text
from app.views.architectures.choices import ArchitectureChoices, choose_architectures
from app.views.architectures.live import MatrixLook, live_matrix, matrix_line
from app.views.architectures.row_runs import RowRun, queue_rows, row_runs
from dmcore.config.formatting import grouped, sentence
from dmcore.experiments.published import differences, published_for
from dmcore.experiments.results import complete
from dmcore.experiments.table import Table

REFUSED = "architectures_refused"
STYLE = """<style>
.st-key-table_says { font-size: 1.05rem; }
@media (max-width: 899px) {
  .st-key-arch_row > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"] {
    flex-direction: column;
  }
  .st-key-arch_row [data-testid="stColumn"] { width: 100%; min-width: 100%; flex: 1 1 auto; }
}
</style>"""


def show_architectures() -> None:
    """Draw the page."""
    manager = get_manager()
    st.html(WATCH_STYLE + STYLE)
    with st.container(key="arch_row"):
        left, right = st.columns([5, 2], gap="medium")
    with right:
        chosen = choose_architectures(runs_root())
    if chosen is None:
        with left:
            st.markdown(
                "Here sets of images are learned with one architecture and tested on others: choose what to "
                "fill."
            )
        return
    state = table_state(manager, chosen.table)
    with left:
        _show_table(manager, state, chosen)
    with right:
        _show_rows(manager, state, chosen)


def _show_table(manager: JobManager, state: TableState, chosen: ArchitectureChoices) -> None:
    name = table_id(state.table)
    show_live_line(
        "table_says",
        matrix_line(state),
        source=table_address(name, "says") if state.word != "not begun" else "",
        subject=f"{name}-sentence",
    )
    show_table_controls(manager, state, chosen.command)
    if state.word == "not begun":
        st.info(
            "Nothing is filled yet. **Fill the table** learns the images of each row, then trains networks "
            "on them; cells fill in as they come, and what is there is kept."
        )
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="matrix_switches"):
        look = MatrixLook(
            published=st.toggle(
                "The paper's values",
                key="matrix_published",
                bind="query-params",
                help="Writes the paper's number into each cell for which there is one.",
            ),
            drop=st.toggle(
                "Drop against the diagonal",
                key="matrix_drop",
                bind="query-params",
                help="Each cell minus its row's own architecture: what is lost by testing on another one.",
            ),
        )
        _show_help(state.table)
    show_live_figure("matrix", live_matrix(state, look))
    for said in _notes(state.table, look):
        st.caption(said)


def _show_help(table: Table) -> None:
    protocol = table.protocol
    with st.popover("How to read it", key="matrix_help"):
        st.markdown(
            "**Row**: the architecture in whose random networks the images were matched to the real ones. "
            "**Column**: the architecture that is trained on those images alone and tested on real test "
            "images that nobody trained on."
        )
        st.markdown(
            f"**Protocol**: a fresh network for {grouped(protocol.epochs)} epochs, learning rate "
            f"{protocol.learning_rate:g} (divided by ten half way), momentum {protocol.momentum:g}, weight "
            f"decay {protocol.weight_decay:g}, batches of {grouped(protocol.batch)}, augmented; then one "
            "test. The paper trains for 1\u202f000 epochs."
        )
        st.markdown(
            "**Mean ± std** is over all networks of a cell. **n = sets × networks**: independent sets of "
            "images, each from a seed of its own, times fresh networks trained on each. Networks trained on "
            "one set are repeats: they say how much the training varies, not how much the set does. So std "
            "over one set says nothing about another set."
        )
        st.markdown(
            "**Drop against the diagonal**: the cell minus the cell of the same row in which the images are "
            "tested on the architecture that learned them, in points."
        )


def _notes(table: Table, look: MatrixLook) -> list[str]:
    """What has to be said below the matrix."""
    said = []
    without = [row for row in table.rows if row not in table.columns]
    if look.drop and without:
        said.append(
            f"{', '.join(without)} {'has' if len(without) == 1 else 'have'} no diagonal: choose the same "
            "architecture as a column to see its drop."
        )
    if look.published and not look.drop:
        pairs = [(row, column) for row in table.rows for column in table.columns]
        there = [pair for pair in pairs if published_for(table, *pair) is not None]
        if there:
            said.append("The last line of a cell is the published value.")
        else:
            said.append(
                "The paper has this table for CIFAR-10 with 50 images per class: nothing to compare here."
            )
        other = list(dict.fromkeys(one for pair in there for one in differences(table, *pair)))
        if other:
            said.append(f"\\* Published, but of another experiment. It differs in {'; '.join(other)}.")
    return said


def _show_rows(manager: JobManager, state: TableState, chosen: ArchitectureChoices) -> None:
    """Each row's images: there, on their way, or lacking, and then they can be queued alone."""
    st.markdown("**Images of each row**")
    if trouble := st.session_state.pop(REFUSED, ""):
        st.warning(plain_text(trouble))
    filling = state.job is not None and (state.job.active or state.job.state == "queued")
    for row, runs in row_runs(manager, state.table, chosen.data.title).items():
        with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"row_{row}"):
            st.markdown(_row_words(row, runs), width="stretch")
            lacking = [one for one in runs if one.state in ("lacking", "begun")]
            found = next((one.run for one in runs if one.run is not None), None)
            if lacking and not filling and not _row_done(state, row):
                _show_queue_button(manager, state.table, chosen, row, lacking)
            elif found is not None and st.button(
                "Watch", key=f"watch_{row}", help="Shows the run on the Watch page."
            ):
                put_on_screen(found.id)
    if filling:
        st.caption("Filling the table makes what is lacking, row after row.")


def _show_queue_button(
    manager: JobManager, table: Table, chosen: ArchitectureChoices, row: str, lacking: list[RowRun]
) -> None:
    def queue() -> None:
        try:
            queue_rows(manager, table, chosen.data.title, row)
        except ValueError as refusal:
            st.session_state[REFUSED] = sentence(str(refusal))

    more = f" {len(lacking)}" if len(lacking) > 1 else ""
    verb = "Queue" if manager.busy else "Condense"
    st.button(
        f"{verb}{more}",
        key=f"queue_{row}",
        on_click=queue,
        help=f"Makes only the images of this row, as an ordinary run: “{lacking[0].title}”. "
        "Filling the table finds it.",
    )


def _row_done(state: TableState, row: str) -> bool:
    """Whether all numbers of a row are there: its images are not needed any more."""
    return all(
        complete(place, state.results.cell_results.get(index))
        for index, place in enumerate(state.table.cells)
        if place.row == row
    )


def _row_words(row: str, runs: list[RowRun]) -> str:
    """'ConvNet: 2 of 3 sets are there'."""
    there = sum(one.state == "there" for one in runs)
    moving = next((one.state for one in runs if one.state in ("at work", "queued")), "")
    name = plain_text(row)
    if len(runs) == 1:
        word = {"begun": "broken off"}.get(runs[0].state, runs[0].state)
        return f"{name}: {marked('running') if word == 'at work' else word}"
    return f"{name}: {there} of {len(runs)} sets there{f', next {moving}' if moving else ''}"
