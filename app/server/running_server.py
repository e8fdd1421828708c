"""A running server's file in the user's state folder: where it is, what it serves, and its key.

A second start of `dm-explorer` reads it and opens that server. Only this user can read it.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from app.server.private_file import servers_folder, write_private
from dmcore.files.processes import is_same_process

ADDRESS = "127.0.0.1"


@dataclass(frozen=True)
class RunningServer:
    """A running server, as written to its file for the next start to find."""

    pid: int
    process_started: float
    port: int
    runs_root: str
    data_root: str
    key: str
    process_stamp: str = ""
    """Start of the process in ticks since boot, which a step of the clock does not move."""

    @property
    def address(self) -> str:
        """Address without the key."""
        return f"http://{ADDRESS}:{self.port}"

    @property
    def url(self) -> str:
        """Address for a browser: with the key."""
        return f"{self.address}/?key={self.key}"

    def is_alive(self) -> bool:
        """Whether the process that wrote the file still runs: same process id and start time."""
        return bool(is_same_process(self.pid, self.process_started, self.process_stamp))


def read_server_file(port: int) -> RunningServer | None:
    """Read the file of the running server on this port; None without one."""
    try:
        server = RunningServer(**json.loads(server_path(port).read_text(encoding="utf-8")))
    except (
        OSError,
        ValueError,
        TypeError,
    ):  # no file, or one truncated or of another version: not ours to open
        return None
    return server if server.is_alive() else None


@contextmanager
def server_file(server: RunningServer, report: Callable[[str], None]) -> Iterator[None]:
    """Keep the file of a server while it runs.

    Args:
        server: what the file says.
        report: receives a sentence if the file cannot be written.
    """
    path = server_path(server.port)
    try:
        write_private(path, json.dumps(asdict(server)))
    except OSError as problem:
        report(f"{path.parent} cannot be written ({problem.strerror}): a second start will not find this one")
    try:
        yield
    finally:
        if read_server_file(server.port) == server:
            path.unlink(missing_ok=True)


def server_path(port: int) -> Path:
    """File of the server on a port."""
    return servers_folder() / f"{port}.json"
