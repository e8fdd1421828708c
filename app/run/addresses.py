"""Where the live parts of a page ask for news; app/server/routes.py answers."""

from dataclasses import replace
from urllib.parse import quote, urlencode

import streamlit as st

from app.run.view_state import Look

BAR = "/live/bar"
RUN = "/live/runs/{run}/{name}"
TABLE = "/live/tables/{table}/{name}"
POOL = "/live/pools/{name}"


def run_address(run_id: str, name: str, **asked: object) -> str:
    """Where a page finds news of a run."""
    return _asking(RUN.format(run=quote(run_id), name=name), asked)


def table_address(table: str, name: str, **asked: object) -> str:
    """Where a page finds news of a table; `table` is its name and key: `table1-0123456789ab`."""
    return _asking(TABLE.format(table=quote(table), name=name), asked)


def pool_address(asked: str, name: str, **more: object) -> str:
    """Where a page finds news of a pool; `asked` is the JSON of what is asked for."""
    return _asking(POOL.format(name=name), {"asked": asked, **more})


def images_address(run_id: str, look: Look) -> str:
    """Where a page finds the newest frame of what it looks at."""
    return run_address(run_id, "images", **look.as_query())


def film_address(run_id: str, look: Look) -> str:
    """Where the time machine finds thumbnails of every stored moment of what a page looks at."""
    return run_address(run_id, "film", **replace(look, at=None).as_query())


def inspected_address(run_id: str, set_name: str, label: int, image: int) -> str:
    """Where a page finds the newest frame of one inspected image."""
    return run_address(run_id, "inspected", **{"set": set_name, "class": label, "image": image})


def bar_address(on_screen: str | None) -> str:
    """Where a page finds news of what is at work."""
    return _asking(BAR, {"on_screen": on_screen} if on_screen else {})


def below_base(path: str) -> str:
    """The path below the one that the server was told to live under."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{'/' if base else ''}{base}{path}"


def _asking(path: str, asked: dict[str, object]) -> str:
    return below_base(path) + (f"?{urlencode(asked)}" if asked else "")
