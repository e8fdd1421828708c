"""A real Chromium, Streamlit servers and the app in a terminal; without a Chromium the tests are skipped."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from support.chromium import CHROMIUM_ARGUMENTS, find_chromium
from support.page_clock import hurry
from support.servers import AppInTerminal, free_port, wait_until_served, with_key
from support.waiting import until
from support.watching import STREAMLITS_OWN, at_work

from app import ROOT
from app.data.recorded import FILE, RecordedSettings
from dmcore.files.checked_json import write_record

WITH_PLOTLY = """
import streamlit as st
from app.server.script_routes import script_routes

app = st.App({script!r}, routes=script_routes())
"""
expect.set_options(timeout=20_000)
"""Milliseconds: nothing is wrong that comes late on a busy machine; tests of speed measure it."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    executable = find_chromium()
    if executable is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium on the path, and CI has to run the browser tests")
        pytest.skip("no Chromium on the path (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def serve_script() -> Iterator[Callable[[Path], str]]:
    """Start Streamlit on a script with the repository's settings; the address is returned."""
    with ExitStack() as stack:

        def serve(script: Path) -> str:
            port = free_port()
            server = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)],
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
            )
            stack.callback(server.wait, 20)
            stack.callback(server.terminate)
            address = f"http://127.0.0.1:{port}"
            wait_until_served(address, server)
            return address

        yield serve


@pytest.fixture(scope="session")
def serve_figures(serve_script, tmp_path_factory) -> Callable[[Path], str]:
    """The same for a script with live figures: its server has the address of plotly.js, as the app's has."""

    def serve(script: Path) -> str:
        application = tmp_path_factory.mktemp("figures") / "asgi.py"
        application.write_text(WITH_PLOTLY.format(script=str(script)))
        return serve_script(application)

    return serve


@pytest.fixture(scope="session")
def cache_of_apps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cache of all started apps: how quick this machine is has to be measured once."""
    return tmp_path_factory.mktemp("cache-of-apps")


@contextmanager
def apps(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Callable[[Path], AppInTerminal]]:
    """Context manager in which apps are started, and ended after it."""
    if os.name != "posix":
        pytest.skip("needs a pseudo-terminal")
    with ExitStack() as stack:

        def start(runs_root: Path) -> AppInTerminal:
            app = AppInTerminal(tmp_path_factory.mktemp("terminal"), runs_root, cache=cache)
            stack.callback(app.end)
            return app

        yield start


@pytest.fixture(scope="module")
def start_app(tmp_path_factory, cache_of_apps) -> Iterator[Callable[[Path], AppInTerminal]]:
    """`start_app(runs_root)` starts the console script, as a person would; ended with the module."""
    with apps(tmp_path_factory, cache_of_apps) as start:
        yield start


@pytest.fixture(scope="session")
def app_without_runs(tmp_path_factory, cache_of_apps) -> Iterator[AppInTerminal]:
    """An app for all modules whose tests start no run."""
    with apps(tmp_path_factory, cache_of_apps) as start:
        yield start(tmp_path_factory.mktemp("browser") / "runs")


@pytest.fixture(scope="session")
def profile(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser's profile: what it has loaded and compiled once serves all pages: they open twice as fast."""
    context = chromium.new_context()
    yield context
    context.close()


@pytest.fixture
def open_page(chromium: Browser, profile: BrowserContext) -> Iterator[Callable[..., Page]]:
    """Open an address, in a fresh profile if asked; the test fails when the console reported an error.

    `hurried`: its clock runs fast, so that nobody waits for what plays at the pace of a reader.
    """
    with ExitStack() as stack:
        complaints: list[str] = []

        def heard(message: ConsoleMessage) -> None:
            where = message.location.get("url", "")
            if message.type == "error" and not STREAMLITS_OWN.search(where):
                complaints.append(f"{message.text} {where}")

        def leave(page: Page) -> None:
            """Close it; the next test finds nothing stored."""
            if not page.is_closed():
                page.evaluate("localStorage.clear()")
                page.close()
            profile.clear_cookies()

        def listen(page: Page) -> None:
            page.on("console", heard)
            page.on("pageerror", lambda error: complaints.append(str(error)))

        def open_address(
            address: str,
            width: int = 1280,
            height: int = 720,
            theme: str = "light",
            fresh: bool = False,
            hurried: bool = False,
        ) -> Page:
            context = chromium.new_context() if fresh else profile
            page = context.new_page()
            stack.callback(context.close if fresh else leave, *(() if fresh else (page,)))
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
            listen(page)
            if hurried:
                hurry(page)
            page.goto(with_key(address))
            return page

        yield open_address
        assert complaints == []


@pytest.fixture(scope="module")
def app(start_app, tmp_path_factory):
    return start_app(tmp_path_factory.mktemp("browser") / "runs")


@pytest.fixture(scope="module")
def start_without_recorded(start_app, tmp_path_factory):
    """`start_without_recorded()` starts the app on a runs root of its own, the recorded results hidden."""

    def start():
        runs_root = tmp_path_factory.mktemp("browser") / "runs"
        runs_root.mkdir()
        write_record(runs_root / FILE, RecordedSettings(hidden=True))
        return start_app(runs_root)

    return start


@pytest.fixture(scope="module")
def app_without_recorded(start_without_recorded):
    """The app where a person has hidden the recorded results: its pages are empty until something is run."""
    return start_without_recorded()


@pytest.fixture
def visit(app, open_page):
    """Open the app with what follows its address; whatever is at work afterwards is stopped."""

    opened = []

    def open_with(following="", **options):
        opened.append(open_page(f"{app.address}/{following}", **options))
        return opened[-1]

    yield open_with
    if at_work(app):
        stops = [
            page.get_by_role("button", name="Stop", exact=True) for page in opened if not page.is_closed()
        ]
        visible = next((stop for stop in stops if stop.is_visible()), None)
        (visible or open_page(app.address).get_by_role("button", name="Stop", exact=True)).click()
        until(lambda: not at_work(app), "the run at work stops")
