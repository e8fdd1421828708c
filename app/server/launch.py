"""Starts the server for `dm-explorer`, or opens the one that is already running.

Every setting of .streamlit/config.toml is passed on as a flag, so that it holds from any folder and from an
installed wheel. A server leaves a note of itself in the user's state folder: a second start with the same
folders finds it and opens it. Streamlit is imported last: the rest answers at once.
"""

import errno
import json
import os
import socket
import sys
import threading
import time
import tomllib
import urllib.request
import webbrowser
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from platformdirs import user_state_path

from app import PACKAGE, ROOT
from dmcore.data.catalogue import find_data_root
from dmcore.runs.runs_root import find_runs_root

ADDRESS = "127.0.0.1"
START_SECONDS = 60.0


@dataclass(frozen=True)
class Server:
    """A running app: what it leaves in the user's state folder for the next start to find."""

    pid: int
    process_started: float
    port: int
    runs_root: str
    data_root: str

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        return f"http://{ADDRESS}:{self.port}"

    def lives(self) -> bool:
        """Whether the process that wrote the note is still the one with this number."""
        try:
            return abs(psutil.Process(self.pid).create_time() - self.process_started) < 1.0
        except psutil.Error:
            return False


def launch(*, port: int, runs_root: str | None, data_root: str | None, no_browser: bool) -> int:
    """Serve until Ctrl-C, or open the running app of the same folders; returns the exit code.

    Raises:
        ValueError: no port can be had.
    """
    roots = [
        str(root.expanduser().resolve()) for root in (find_runs_root(runs_root), find_data_root(data_root))
    ]
    os.environ["DM_RUNS"], os.environ["DM_DATA"] = roots
    found, passed = find_port(port, roots)
    if isinstance(found, Server):
        _say(f"dm-explorer is already running at {found.url} with the same folders: opening it")
        _open_when_ready(found, no_browser)
        return 0
    if passed:
        _say(f"port {port} is taken by {passed}: using {found}")
    server = Server(os.getpid(), psutil.Process().create_time(), found, *roots)
    with _noted(server):
        threading.Thread(target=_announce, args=(server, no_browser), daemon=True).start()
        _serve(found)
    return 0


def find_port(first: int, roots: list[str]) -> tuple[int | Server, str]:
    """The first free port from `first` on, or our own server met on the way; and what took `first`.

    Raises:
        ValueError: nothing free, or the port is not ours to open.
    """
    passed = ""
    for port in range(first, min(first + 100, 65536)):
        if is_free(port):
            return port, passed
        server = read_note(port)
        if server is not None and [server.runs_root, server.data_root] == roots:
            return server, passed
        passed = passed or (
            "another program" if server is None else f"a dm-explorer with runs in {server.runs_root}"
        )
    raise ValueError(f"no free port from {first} on: name another with --port")


def is_free(port: int) -> bool:
    """Whether a server could listen on this port.

    Raises:
        ValueError: the system does not let this user listen there.
    """
    with closing(socket.socket()) as probe:
        probe.settimeout(0.5)
        if probe.connect_ex((ADDRESS, port)) == 0:
            return False
    with closing(socket.socket()) as probe:
        if os.name == "posix":  # elsewhere this option would let two servers share a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                return False
            raise ValueError(
                f"cannot listen on port {port} ({problem.strerror}): name another with --port"
            ) from problem
    return True


def read_note(port: int) -> Server | None:
    """The living server that says it has this port."""
    try:
        server = Server(**json.loads(_note_path(port).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):  # no note, or one torn or of another version: not ours to open
        return None
    return server if server.lives() else None


def settings_as_flags(settings: Mapping[str, object], prefix: str = "") -> list[str]:
    """The tables of config.toml as Streamlit's command-line flags."""
    flags: list[str] = []
    for name, value in settings.items():
        full = f"{prefix}{name}"
        if isinstance(value, Mapping):
            flags += settings_as_flags(value, f"{full}.")
        elif isinstance(value, list) and not full.startswith("theme."):
            flags += [part for one in value for part in (f"--{full}", str(one))]
        else:  # a theme's lists are read as JSON
            flags += [f"--{full}", value if isinstance(value, str) else json.dumps(value)]
    return flags


def _serve(port: int) -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    import click
    from streamlit.web import cli

    command = [
        "run",
        str(PACKAGE / "server" / "asgi.py"),
        "--server.port",
        str(port),
        *settings_as_flags(settings),
    ]
    with suppress(click.exceptions.Abort):  # Ctrl-C, once the server has ended in order
        cli.main(command, prog_name="streamlit", standalone_mode=False)


@contextmanager
def _noted(server: Server) -> Iterator[None]:
    path = _note_path(server.port)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(server)), encoding="utf-8")
    except OSError as problem:
        _say(f"{path.parent} cannot be written ({problem.strerror}): a second start will not find this one")
    try:
        yield
    finally:
        if read_note(server.port) == server:
            path.unlink(missing_ok=True)


def _announce(server: Server, no_browser: bool) -> None:
    if _answers(server):
        _say(f"dm-explorer is at {server.url} · runs in {server.runs_root} · Ctrl-C ends it")
        _open(server, no_browser)


def _open_when_ready(server: Server, no_browser: bool) -> None:
    if _answers(server):
        _open(server, no_browser)
    else:
        _say(f"it does not answer: end process {server.pid}, or name another port with --port")


def _answers(server: Server) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.lives():
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=2) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except OSError:
            time.sleep(0.1)
    return False


def _open(server: Server, no_browser: bool) -> None:
    shown = sys.platform != "linux" or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    if not no_browser and shown:  # on a bare terminal webbrowser would start a text browser in it
        webbrowser.open(server.url)


def _note_path(port: int) -> Path:
    return user_state_path("dm-explorer") / "servers" / f"{port}.json"


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()
