"""Addresses of the live endpoints that pages poll; app/server/routes.py answers them."""

from dataclasses import replace
from urllib.parse import quote, urlencode

import streamlit as st

from app.run.view_state import ViewState

BAR = "/live/bar"
RUN = "/live/runs/{run}/{name}"
TABLE = "/live/tables/{table}/{name}"
POOL = "/live/pools/{name}"


def run_address(run_id: str, name: str, **query: object) -> str:
    """Address of an endpoint of a run."""
    return _with_query(RUN.format(run=quote(run_id), name=name), query)


def table_address(table: str, name: str, **query: object) -> str:
    """Address of an endpoint of a table; `table` is its name and key: `table1-0123456789ab`."""
    return _with_query(TABLE.format(table=quote(table), name=name), query)


def pool_address(request: str, name: str, **query: object) -> str:
    """Address of an endpoint of a pool; `request` is the JSON of a `PoolRequest`."""
    return _with_query(POOL.format(name=name), {"asked": request, **query})


def images_address(run_id: str, view_state: ViewState) -> str:
    """Address of the newest frame of the stage in this view state."""
    return run_address(run_id, "images", **view_state.as_query())


def film_address(run_id: str, view_state: ViewState) -> str:
    """Address of the thumbnails of every stored iteration, for the time machine, in this view state."""
    return run_address(run_id, "film", **replace(view_state, at=None).as_query())


def inspected_address(run_id: str, set_name: str, label: int, image: int) -> str:
    """Address of the newest frame of one inspected image."""
    return run_address(run_id, "inspected", **{"set": set_name, "class": label, "image": image})


def bar_address(on_screen: str | None) -> str:
    """Address of the run bar's line."""
    return _with_query(BAR, {"on_screen": on_screen} if on_screen else {})


def below_base(path: str) -> str:
    """The path below the server's base URL path."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{'/' if base else ''}{base}{path}"


def _with_query(path: str, query: dict[str, object]) -> str:
    return below_base(path) + (f"?{urlencode(query)}" if query else "")
