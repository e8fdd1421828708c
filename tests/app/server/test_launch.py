"""dm-explorer as a person meets it: in a terminal, with an empty home, twice, and beside other programs."""

import json
import os
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from support.servers import free_port

from app import ROOT
from app.server import launch
from app.server.command_line import main
from app.server.running_server import read_server_file, server_path


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home, and a browser that only writes down what it was asked to open."""
    folder = tmp_path / "home"
    folder.mkdir()
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/opened\n')
    browser.chmod(0o755)
    for name in [name for name in os.environ if name.startswith(("XDG_", "STREAMLIT_", "DM_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    return folder


class Terminal:
    """A started dm-explorer whose standard streams are a pseudo-terminal."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        import pty

        self.master, slave = pty.openpty()
        command = [sys.executable, "-m", "app.server.command_line", *arguments]
        self.process = subprocess.Popen(
            command, cwd=folder, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        os.close(slave)
        os.set_blocking(self.master, False)
        self.output = ""

    def wait_for(self, words: str, seconds: float = 60) -> str:
        deadline = time.monotonic() + seconds
        while words not in self.output and time.monotonic() < deadline:
            try:
                self.output += os.read(self.master, 65536).decode(errors="replace")
            except BlockingIOError:
                time.sleep(0.05)
            except OSError:  # the other end is closed: it ended
                break
        assert words in self.output, self.output
        return self.output

    def interrupt(self) -> int:
        self.process.send_signal(2)
        return self.process.wait(20)


@pytest.fixture
def terminal(home, tmp_path):
    started: list[Terminal] = []
    folder = tmp_path / "somewhere else"
    folder.mkdir()

    def start(*arguments: str) -> Terminal:
        started.append(Terminal(folder, *arguments))
        return started[-1]

    yield start
    for server in started:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait(10)
        os.close(server.master)


def url_in(output: str) -> str:
    """The address that a start printed."""
    return next(word for word in output.split() if word.startswith("http://"))


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_it_starts_with_an_empty_home_opens_one_tab_and_ends_with_zero(terminal, tmp_path):
    port = free_port()
    first = terminal("--port", str(port))
    url = url_in(first.wait_for("Ctrl-C ends it"))
    assert url.startswith(f"http://127.0.0.1:{port}/?key=")
    file = server_path(port)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    again = terminal("--port", str(port))
    assert again.process.wait(30) == 0
    assert f"already running at {url} " in again.wait_for("already running")
    opened = (tmp_path / "opened").read_text().split()
    for address in opened:  # as anybody can see it in the list of processes: without the key
        assert url.partition("key=")[2] not in address
        with urllib.request.build_opener(urllib.request.HTTPCookieProcessor()).open(
            address, timeout=10
        ) as answer:
            assert answer.url == f"http://127.0.0.1:{port}/"
    others = terminal("--port", str(port), "--runs-root", str(tmp_path / "others"), "--no-browser")
    output = others.wait_for("Ctrl-C ends it")
    assert f"port {port} is taken by a dm-explorer" in output
    assert str(tmp_path / "others") in output
    assert others.interrupt() == 0
    assert first.interrupt() == 0
    assert len(opened) == 2
    assert read_server_file(port) is None


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_a_browser_that_showed_the_key_is_known_after_a_restart_and_the_old_key_lets_nobody_in(terminal):
    port = free_port()
    start = ("--port", str(port), "--no-browser")
    first = terminal(*start)
    before = url_in(first.wait_for("Ctrl-C ends it"))
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with browser.open(before, timeout=10) as answer:
        assert answer.url == f"http://127.0.0.1:{port}/"
    assert first.interrupt() == 0
    second = terminal(*start)
    after = url_in(second.wait_for("Ctrl-C ends it"))
    assert after != before
    with browser.open(f"http://127.0.0.1:{port}/live/bar", timeout=10) as answer:
        assert answer.status == 200
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.build_opener(urllib.request.HTTPCookieProcessor()).open(before, timeout=10)
    assert second.interrupt() == 0


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_a_foreign_program_on_the_port_is_named_and_the_settings_hold_elsewhere(terminal):
    with closing(socket.socket()) as foreign:
        foreign.bind(("127.0.0.1", 0))
        foreign.listen()
        port = foreign.getsockname()[1]
        started = terminal("--port", str(port), "--no-browser")
        output = started.wait_for("Ctrl-C ends it")
        assert f"port {port} is taken by another program" in output
        address = url_in(output).partition("/?")[0]
        # a websocket handshake under a foreign name is refused: allowedHosts arrived as a list
        request = (
            "GET /_stcore/stream HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        with closing(socket.create_connection(("127.0.0.1", int(address.rsplit(":", 1)[1])), 10)) as line:
            line.sendall(request.encode())
            assert b" 403 " in line.recv(200).splitlines()[0]
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5) as answer:
            assert answer.status == 200
        assert started.interrupt() == 0


def test_every_setting_is_one_that_streamlit_knows_and_becomes_a_flag():
    from streamlit.config import get_config_options

    options = get_config_options()
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    flags = launch.settings_as_flags(settings)
    names = [flag.removeprefix("--") for flag in flags[::2]]
    assert set(names) <= set(options)
    assert flags[flags.index("--runner.postScriptGC") + 1] == "false"
    assert flags.count("--server.allowedHosts") == 2
    assert len(json.loads(flags[flags.index("--theme.dark.chartCategoricalColors") + 1])) == 10


def test_a_note_of_a_process_that_is_gone_is_not_believed(home):
    port = free_port()
    path = server_path(port)
    path.parent.mkdir(parents=True)
    path.write_text(
        json.dumps(
            {
                **{"pid": os.getpid(), "process_started": 1.0, "port": port},
                **{"runs_root": "r", "data_root": "d", "key": "k"},
            }
        )
    )
    assert read_server_file(port) is None


@pytest.mark.parametrize("torn", ["", "{", "[]", '{"pid": 1}'])
def test_a_torn_note_is_not_believed(home, torn):
    path = server_path(8501)
    path.parent.mkdir(parents=True)
    path.write_text(torn)
    assert read_server_file(8501) is None


def test_a_port_somebody_listens_on_is_not_free():
    with closing(socket.socket()) as foreign:
        foreign.bind(("127.0.0.1", 0))
        foreign.listen()
        assert not launch.is_free(foreign.getsockname()[1])
    assert launch.is_free(free_port())


def test_an_incomplete_installation_is_a_sentence(home, monkeypatch, capsys, tmp_path):
    for name in ("DM_RUNS", "DM_DATA"):  # the launcher sets them: put back afterwards
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr(launch, "ROOT", tmp_path)
    assert main(["--port", str(free_port()), "--no-browser"]) == 1
    assert "install dm-explorer again" in capsys.readouterr().err


def test_help_needs_no_server():
    code = "import sys\nfrom app.server.command_line import main\n"
    code += "try: main(['--help'])\nexcept SystemExit: pass\n"
    code += "assert not {'streamlit', 'torch', 'pydantic', 'app.server.launch'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
