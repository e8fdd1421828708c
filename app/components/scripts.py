"""Source text of a component's JavaScript.

Streamlit takes one script per component, and that script cannot import its neighbours.
"""

from collections.abc import Sequence
from pathlib import Path


def script(name: str) -> str:
    """Script of a component in this folder, by its file name without `.js`."""
    return join_scripts(Path(__file__).parent, (name,))


def join_scripts(folder: Path, parts: Sequence[str]) -> str:
    """Concatenate a component's scripts in the order of `parts` (file names without `.js`).

    The parts share one scope. Only the last one may export, and it exports the function that Streamlit calls.
    """
    return "\n".join((folder / f"{part}.js").read_text(encoding="utf-8") for part in parts)
