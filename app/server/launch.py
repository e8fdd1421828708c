"""Launcher of the server for `dm-explorer`: starts it, or opens the one that is already running.

Every setting of .streamlit/config.toml is passed on as a flag, so that it holds from any folder and from an
installed wheel. The address that is printed and opened holds the server's key. A second start with the same
folders opens the running server. Streamlit is imported last: the rest answers at once.
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
from collections.abc import Mapping
from contextlib import closing, suppress

import psutil

from app import PACKAGE, ROOT
from app.server.key import hand_over, make_key, short_lived_key
from app.server.running_server import ADDRESS, RunningServer, read_server_file, server_file
from dmcore.data.catalogue import find_data_root
from dmcore.files.processes import start_stamp
from dmcore.runs.runs_root import find_runs_root

START_SECONDS = 60.0


def launch(*, port: int, runs_root: str | None, data_root: str | None, no_browser: bool) -> int:
    """Serve until Ctrl-C, or open the running server of the same folders; returns the exit code.

    Raises:
        ValueError: no port is available.
    """
    roots = [
        str(root.expanduser().resolve()) for root in (find_runs_root(runs_root), find_data_root(data_root))
    ]
    os.environ["DM_RUNS"], os.environ["DM_DATA"] = roots
    match, occupant = find_port(port, roots)
    if isinstance(match, RunningServer):
        _print(f"dm-explorer is already running at {match.url} with the same folders: opening it")
        _open_when_ready(match, no_browser)
        return 0
    if occupant:
        _print(f"port {port} is taken by {occupant}: using {match}")
    started, stamp = psutil.Process().create_time(), start_stamp()
    server = RunningServer(os.getpid(), started, match, roots[0], roots[1], make_key(), stamp)
    hand_over(server.key)
    with server_file(server, _print):
        threading.Thread(target=_announce, args=(server, no_browser), daemon=True).start()
        _serve(match)
    return 0


def find_port(first: int, roots: list[str]) -> tuple[int | RunningServer, str]:
    """Find the first free port from `first` on, or our running server on the way; and what took `first`.

    Raises:
        ValueError: no port is free, or this user may not open it.
    """
    occupant = ""
    for port in range(first, min(first + 100, 65536)):
        if is_free(port):
            return port, occupant
        server = read_server_file(port)
        if server is not None and [server.runs_root, server.data_root] == roots:
            return server, occupant
        occupant = occupant or (
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


def settings_as_flags(settings: Mapping[str, object], prefix: str = "") -> list[str]:
    """Convert the tables of config.toml to Streamlit's command-line flags."""
    flags: list[str] = []
    for name, value in settings.items():
        full = f"{prefix}{name}"
        if isinstance(value, Mapping):
            flags += settings_as_flags(value, f"{full}.")
        elif isinstance(value, list) and not full.startswith("theme."):
            flags += [part for item in value for part in (f"--{full}", str(item))]
        else:  # a theme's lists are read as JSON
            flags += [f"--{full}", value if isinstance(value, str) else json.dumps(value)]
    return flags


def _serve(port: int) -> None:
    config = ROOT / ".streamlit" / "config.toml"
    if not config.is_file():
        raise ValueError(
            f"this installation is incomplete ({config} is missing): install dm-explorer again, from a wheel "
            "or its repository"
        )
    settings = tomllib.loads(config.read_text(encoding="utf-8"))
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


def _announce(server: RunningServer, no_browser: bool) -> None:
    if _wait_until_ready(server):
        _print(f"dm-explorer is at {server.url} · runs in {server.runs_root} · Ctrl-C ends it")
        _open(server, no_browser)


def _open_when_ready(server: RunningServer, no_browser: bool) -> None:
    if _wait_until_ready(server):
        _open(server, no_browser)
    else:
        _print(f"it does not answer: end process {server.pid}, or name another port with --port")


def _wait_until_ready(server: RunningServer) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.is_alive():
        try:
            with urllib.request.urlopen(f"{server.address}/_stcore/health", timeout=2) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except OSError:
            time.sleep(0.1)
    return False


def _open(server: RunningServer, no_browser: bool) -> None:
    has_display = sys.platform != "linux" or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    if not no_browser and has_display:  # on a bare terminal webbrowser would start a text browser in it
        webbrowser.open(f"{server.address}/?key={short_lived_key(server.key, server.port)}")


def _print(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()
