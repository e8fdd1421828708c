"""Live resources: a page polls the address that the server answers, and so do tabs opened before."""

import sys
from dataclasses import dataclass
from importlib import import_module

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from support.fresh_interpreter import assert_no_torch

from app.components import live_resource
from app.components.image_grid import Pick
from app.components.live_resource import LiveSubject, Query, json_answer
from app.run import live
from app.run.live import RUN
from app.run.run_bar import bar
from app.run.view_state import ViewState
from app.server.routes import live_modules, live_routes
from app.tables.figures import FIGURES, TableFigure
from app.tables.live import TABLE, live_accuracy
from app.views.architectures.live import live_matrix
from app.views.compare.live import both
from app.views.network_distribution.live import histogram

TABLE_ID = "table1-0123456789ab"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (bar.address(on_screen=None), "/live/bar"),
        (bar.address(on_screen="a b"), "/live/bar?on_screen=a+b"),
        (live.status.address(run="a", calm=1, at=5), "/live/runs/a/status?calm=1&at=5"),
        (live.loss.address(run="ä b", at=None), "/live/runs/%C3%A4%20b/loss"),
        (
            live.images.address(run="a", **ViewState("change ×16", None, 10).as_query()),
            "/live/runs/a/images?layer=change+%C3%9716&first=10",
        ),
        (
            live.inspected.address(run="a", **live.picked_query(Pick("real-1", 9, 1))),
            "/live/runs/a/inspected?set=real-1&class=9&image=1",
        ),
        (both.address(run="a", beside="b"), "/live/runs/a/both?beside=b"),
        (
            RUN.address("placements", run="a", map="pca", on="k", at=""),
            "/live/runs/a/placements?map=pca&on=k&at=",
        ),
        (
            live_accuracy.address(table=TABLE_ID, scale="relative"),
            f"/live/tables/{TABLE_ID}/accuracy?scale=relative",
        ),
        (TABLE.address("says", table=TABLE_ID), f"/live/tables/{TABLE_ID}/says"),
        (
            live_matrix.address(table=TABLE_ID, published="1", drop="1"),
            f"/live/tables/{TABLE_ID}/matrix?published=1&drop=1",
        ),
        (
            histogram.address(asked='{"networks":2}', bands=""),
            "/live/pools/histogram?asked=%7B%22networks%22%3A2%7D&bands=",
        ),
    ],
)
def test_addresses_are_those_that_open_tabs_poll(address: str, expected: str) -> None:
    assert address == expected


def test_every_resource_has_an_address_of_its_own() -> None:
    paths = [route.path for route in live_routes()]
    assert len(paths) == len(set(paths)) == 27


def test_declarations_do_not_import_torch() -> None:
    modules = live_modules()
    assert {"app.run.live", "app.views.watch.live"} <= set(modules)
    assert_no_torch(*modules)


@dataclass(frozen=True)
class Weather:
    place: str
    revision: str = "1"


def observe_weather(place: str) -> Weather:
    if not place:
        raise ValueError("there is no such place: name another")
    return Weather(place)


def test_a_declaration_is_answered_at_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    live_routes()  # all others are declared
    monkeypatch.setattr(live_resource, "RESOURCES", [])
    monkeypatch.setattr("app.server.routes.RESOURCES", live_resource.RESOURCES)
    weather = LiveSubject("/live/weather", ("place",), lambda place: None, observe_weather)

    @weather.resource("sky", json_answer)
    def sky(state: Weather, query: Query) -> dict[str, str]:
        return {"place": state.place, "unit": query.get("unit", "")}

    client = TestClient(Starlette(routes=live_routes()), base_url="http://localhost")
    answer = client.get(sky.address(place="Rom", unit="°C"))
    assert answer.json() == sky(Weather("Rom"), {"unit": "°C"}) == {"place": "Rom", "unit": "°C"}
    assert (
        client.get(
            sky.address(place="Rom", unit="°C"), headers={"If-None-Match": answer.headers["ETag"]}
        ).status_code
        == 304
    )
    missing = client.get(sky.address())
    assert (missing.status_code, missing.json()) == (404, {"error": "there is no such place: name another"})


def test_every_figure_of_a_table_is_a_live_resource_under_its_address() -> None:
    live_modules()
    for name in FIGURES:
        import_module(f"app.tables.figures.{name}")
    modules = [module for name, module in sys.modules.items() if name.startswith("app.")]
    values = [value for module in modules for value in vars(module).values()]
    addresses = {value.address for value in values if isinstance(value, TableFigure)}
    names = {resource.name for resource in live_resource.RESOURCES if resource.subject is TABLE}
    assert addresses == {"accuracy", "distribution", "matrix", "training"}
    assert addresses <= names
