"""plotly.js from the installed plotly package: its address on our own server, requested once in a browser.

A figure asks for it at once; without one it is requested when neither the browser nor a person has done
anything for a while: it delays neither what can be read, nor a run that is started, nor the first figure of a
later page.
"""

from functools import cache
from importlib.metadata import distribution
from pathlib import Path

from app.components.base_path import below_base
from app.components.scripts import declare_component

_PACKAGE = distribution("plotly")
FOLDER = "/scripts"
NAME = f"plotly-{_PACKAGE.version}.min.js"
"""Holds the version: what a browser keeps under this name never changes."""
_WHEN_IDLE = declare_component(
    "dm_plotly", __file__, ("plotly_script", "plotly_when_idle"), isolate_styles=False
)


def plotly_address() -> str:
    """Address of plotly.js."""
    return below_base(f"{FOLDER}/{NAME}")


@cache
def read_plotly() -> bytes:
    """Source text of plotly.js."""
    return Path(str(_PACKAGE.locate_file("plotly/package_data/plotly.min.js"))).read_bytes()


def load_plotly_when_idle() -> None:
    """Have the browser load plotly.js ahead of its first figure; once per page run, outside fragments."""
    _WHEN_IDLE(key="app_plotly", data={"address": plotly_address()})
