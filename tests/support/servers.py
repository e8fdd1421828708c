"""Servers of the app started by tests and benchmarks: `dm-explorer` in a terminal of its own, a free port."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import closing
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from pathlib import Path

from support.waiting import until

KEYS: dict[str, str] = {}
"""Key of each started server, by its address."""


class AppInTerminal:
    """A started `dm-explorer` whose terminal is a pseudo-terminal of its own, with an empty home."""

    def __init__(self, folder: Path, runs_root: Path, *arguments: str, cache: Path | None = None) -> None:
        """Start it.

        Args:
            folder: working folder, in which its home is made.
            runs_root: of its runs.
            arguments: further options of the command line.
            cache: what it has measured and computed, for other servers to find; None: of its own.
        """
        import fcntl
        import pty
        import termios

        self.runs_root = runs_root
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        home = folder / f"home-{self.port}"
        home.mkdir()
        dropped = ("XDG_", "STREAMLIT_", "DM_")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
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
            env=environment | {"HOME": str(home)} | ({"DM_CACHE": str(cache)} if cache else {}),
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that a typed Ctrl-C reaches it
        )
        os.close(slave)
        self._output: list[bytes] = []
        self.announced = 0.0
        """When it printed its address, on the monotonic clock."""
        self._reader = threading.Thread(target=self._read, daemon=True)  # a full terminal would block it
        self._reader.start()
        wait_until_served(self.address, self.process)
        KEYS[self.address] = self._printed_key()
        self._cookies = CookieJar()
        self.open(f"/?key={self.key}").close()

    @property
    def key(self) -> str:
        """What lets a browser in."""
        return KEYS[self.address]

    @property
    def url(self) -> str:
        """The address that it printed: with the key."""
        return with_key(f"{self.address}/")

    def open(self, path: str = "/") -> HTTPResponse:
        """Request a path as a browser that has shown the key does.

        Raises:
            HTTPError: the answer is no success.
        """
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))
        return opener.open(f"{self.address}{path}", timeout=10)

    @property
    def cookie(self) -> str:
        """Cookie header of a browser that has shown the key."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._cookies)

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return b"".join(self._output).decode(errors="replace")

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

    def _printed_key(self) -> str:
        pattern = re.escape(self.address) + r"/\?key=([\w-]+)\s"
        return until(lambda: re.search(pattern, self.output), "the address with the key is printed")[1]

    def _read(self) -> None:
        while True:
            try:
                chunk = os.read(self.master, 65536)
            except OSError:  # the other end is closed: it ended
                return
            if not chunk:
                return
            if not self.announced and b"key=" in chunk:
                self.announced = time.monotonic()
            self._output.append(chunk)


def with_key(address: str) -> str:
    """An address with the key of its server, if that was started here; it leads to the one without."""
    key = next((key for server, key in KEYS.items() if address.startswith(server)), None)
    return address if key is None else f"{address}{'&' if '?' in address else '?'}key={key}"


def free_port() -> int:
    """A port that nobody listens on now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_served(address: str, server: subprocess.Popen[bytes], seconds: float = 60.0) -> None:
    """Wait until a Streamlit server is healthy.

    Raises:
        RuntimeError: The server ended.
        AssertionError: It did not answer in time.
    """

    def healthy() -> bool:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with exit code {server.returncode}")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1) as answer:
                return answer.status == 200
        except OSError:
            return False

    until(healthy, f"{address} answers", seconds, interval=0.1)
