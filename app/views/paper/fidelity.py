"""How faithful the program is: what was compared with the authors' code, what was not, and how to cite."""

import html

import streamlit as st

from app.views.paper.number_tables import NumberTable
from dmcore import __version__
from dmcore.config.formatting import grouped
from dmcore.experiments.published.fidelity import (
    ACCURACIES,
    BIBTEX,
    CHECKS,
    COMMAND,
    LICENCE,
    NOT_CHECKED,
    SET_UP,
)
from dmcore.runs.program import UNKNOWN, code_version

NAME = "fidelity"
"""In the address, as an item."""
TITLE = "How faithful is it?"


def show_fidelity() -> None:
    """Draw the comparisons, what is missing, and version, licence and citation."""
    numbers = sum(check.numbers for check in CHECKS)
    st.markdown(
        f"**Checked:** {grouped(numbers)} numbers recorded from the authors' published code (CPU, float32) "
        "are compared with this program's by its tests, in `tests/oracle`."
    )
    st.html(f'<div class="paper-fidelity">{_checks().markup}{_accuracies().markup}</div>')
    st.caption(SET_UP)
    st.markdown(f"**Not checked:** {NOT_CHECKED} This would do it, on a machine with a GPU:")
    st.code(COMMAND, language="bash")
    code = code_version()
    of = "" if code == UNKNOWN or code.startswith("version") else f", commit {code}"
    st.html(f"<p class='paper-note'>dm-explorer {html.escape(__version__ + of)}. {html.escape(LICENCE)}</p>")
    with st.expander("Cite the paper"):
        st.code(BIBTEX, language="bibtex")


def _checks() -> NumberTable:
    rows = tuple(
        (
            check.subject,
            grouped(check.numbers),
            f"{check.tolerance:g}" if check.tolerance else "equal",
            check.file,
        )
        for check in CHECKS
    )
    headings = ("Compared", "Numbers", "Tolerance", "Record")
    return NumberTable("With recorded outputs of the authors' code", headings, rows)


def _accuracies() -> NumberTable:
    rows = tuple(
        (f"{each.data}, {each.images_per_class} per class", each.theirs, each.ours, each.recorded)
        for each in ACCURACIES
    )
    return NumberTable(
        "Test accuracy of DM in percent", ("Data", "Authors' code", "This program", "Record of ours"), rows
    )
