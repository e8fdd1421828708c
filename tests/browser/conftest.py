"""A real Chromium, Streamlit servers and the app in a terminal; without a Chromium the tests are skipped."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from support.watching import STREAMLITS_OWN, at_work, until

from app import ROOT

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class AppInTerminal:
    """A started `dm-explorer` whose terminal is a pseudo-terminal of its own, with an empty home."""

    def __init__(self, folder: Path, runs_root: Path, *arguments: str) -> None:
        import fcntl
        import pty
        import termios

        self.runs_root = runs_root
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        home = folder / f"home-{self.port}"
        home.mkdir()
        dropped = ("XDG_", "STREAMLIT_", "DM_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        self.master, slave = pty.openpty()
        command = Path(sys.executable).with_name("dm-explorer")
        self.process = subprocess.Popen(
            [
                *(str(command), "--no-browser", "--port", str(self.port), "--runs-root", str(runs_root)),
                *arguments,
            ],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=folder,
            env=kept | {"HOME": str(home)},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that a typed Ctrl-C reaches it
        )
        os.close(slave)
        self._said: list[bytes] = []
        self._reader = threading.Thread(target=self._read, daemon=True)  # a full terminal would block it
        self._reader.start()
        wait_until_served(self.address, self.process)

    @property
    def said(self) -> str:
        return b"".join(self._said).decode(errors="replace")

    def type_interrupt(self) -> int:
        """Press Ctrl-C; the exit code."""
        os.write(self.master, b"\x03")
        code = self.process.wait(60)
        self._reader.join(10)
        return code

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        os.close(self.master)

    def _read(self) -> None:
        while True:
            try:
                chunk = os.read(self.master, 65536)
            except OSError:  # the other end is closed: it ended
                return
            if not chunk:
                return
            self._said.append(chunk)


def find_chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_served(address: str, server: subprocess.Popen[bytes], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with exit code {server.returncode}")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"{address} did not answer within {seconds} s")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = find_chromium()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium on the path, and CI has to run the browser tests")
        pytest.skip("no Chromium on the path (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM_ARGUMENTS)
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


@pytest.fixture(scope="module")
def start_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], AppInTerminal]]:
    """`start_app(runs_root)` starts the console script, as a person would; ended with the module."""
    if os.name != "posix":
        pytest.skip("needs a pseudo-terminal")
    with ExitStack() as stack:

        def start(runs_root: Path) -> AppInTerminal:
            app = AppInTerminal(tmp_path_factory.mktemp("terminal"), runs_root)
            stack.callback(app.end)
            return app

        yield start


@pytest.fixture(scope="session")
def profile(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser's profile: what it has loaded and compiled once serves all pages: they open twice as fast."""
    context = chromium.new_context()
    yield context
    context.close()


@pytest.fixture
def open_page(chromium: Browser, profile: BrowserContext) -> Iterator[Callable[..., Page]]:
    """Open an address, in a fresh profile if asked; the test fails when the console reported an error."""
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
        ) -> Page:
            context = chromium.new_context() if fresh else profile
            page = context.new_page()
            stack.callback(context.close if fresh else leave, *(() if fresh else (page,)))
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
            listen(page)
            page.goto(address)
            return page

        yield open_address
        assert complaints == []


@pytest.fixture(scope="module")
def app(start_app, tmp_path_factory):
    return start_app(tmp_path_factory.mktemp("browser") / "runs")


@pytest.fixture
def visit(app, open_page):
    """Open the app with what follows its address; whatever is at work afterwards is stopped."""

    opened = []

    def open_with(following=""):
        opened.append(open_page(f"{app.address}/{following}"))
        return opened[-1]

    yield open_with
    if at_work(app):
        stops = [
            page.get_by_role("button", name="Stop", exact=True) for page in opened if not page.is_closed()
        ]
        visible = next((stop for stop in stops if stop.is_visible()), None)
        (visible or open_page(app.address).get_by_role("button", name="Stop", exact=True)).click()
        until(lambda: not at_work(app), "the run at work stops")
