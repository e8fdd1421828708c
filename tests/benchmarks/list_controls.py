"""Lists every control of every page in its states, all live addresses and all options of the command line.

Two versions of the app are compared by their lists, one line a control, sorted:

    PYTHONPATH=OLD python tests/benchmarks/list_controls.py --states FOLDER > old.txt     # in the folder OLD
    PYTHONPATH=NEW python tests/benchmarks/list_controls.py --states FOLDER > new.txt     # in the folder NEW
    diff old.txt new.txt

FOLDER keeps runs, tables and a pool that the first call prepares with `dmcore`; each call works on a copy.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(1, str(Path(__file__).resolve().parents[1]))

from streamlit.testing.v1 import AppTest
from support.page_controls import bound_views, controls_of, is_waiting
from support.page_states import COMMANDS, EMPTY, FULL, Visit

SECONDS = 120
"""How long a page may take until nothing changes any more."""
WAITING_SECONDS = 20
"""How long a page is waited for that shows a progress; longer takes only what nobody has begun."""
RUN_ID = re.compile(r"(?<!\d)20\d{6}-\d{6}-[a-z0-9_]+-[a-z0-9]{4}\b")
DURATION = re.compile(
    r"(?:about |over |under )?\d[\d.,\s]*\s?(?:s|ms|min|h|days?|seconds?|minutes?|hours?)\b"
)
CHANGING = re.compile(r"just now|cancel_\d+|[0-9a-f]{12,}")


def prepare(folder: Path) -> None:
    """Record runs, fill tables and build a pool in a folder, by the command line."""
    unfinished = folder.with_name(f"{folder.name}-unfinished")
    (unfinished / "runs").mkdir(parents=True)
    for command in COMMANDS:
        names = {"a": next(iter(_ids(unfinished)), "")}
        dmcore(*(word.format(**names) for word in command), folder=unfinished)
    broken = unfinished / "runs" / "broken"
    broken.mkdir()
    (broken / "run.json").write_text("{", encoding="utf-8")
    unfinished.rename(folder)


def dmcore(*words: str, folder: Path | None = None) -> str:
    """Output of one command line on the folder's runs.

    Raises:
        RuntimeError: it failed.
    """
    script = "import sys; from dmcore.cli import main; sys.exit(main())"
    environment = {**os.environ, "COLUMNS": "100", **({} if folder is None else roots(folder))}
    done = subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode:
        raise RuntimeError(f"dmcore {' '.join(words)}: {done.stdout}{done.stderr}")
    return done.stdout


def roots(folder: Path) -> dict[str, str]:
    """Environment in which runs, cache and data lie in a folder."""
    return {f"DM_{name.upper()}": str(folder / name) for name in ("runs", "cache", "data")}


def _ids(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "runs").iterdir() if RUN_ID.fullmatch(path.name))


def visit_all(folder: Path, visits: tuple[Visit, ...], texts: bool) -> None:
    """Open each page in each state, and the views that its bound choices show; prints what each offers."""
    os.environ.update(roots(folder))
    from app import ROOT
    from app.jobs.manager import get_manager

    manager, ids = get_manager(), dict(zip(("a", "b", "coreset"), _ids(folder), strict=False))
    manager.warm_up()
    while manager.device is None:
        time.sleep(0.05)

    def opened(visit: Visit, extra: dict[str, str]) -> tuple[AppTest, list[str]]:
        query = {name: _filled(value, ids) for name, value in {**visit.query, **extra}.items()}
        page = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=SECONDS)
        page.query_params.update(query)
        page.run()
        page.query_params.update(query)
        page.switch_page(f"../pages/{visit.page}.py").run()
        lines = settled(page, visit)
        for key in visit.clicks:
            if all(button.key != _filled(key, ids) for button in page.button):
                return page, [*lines, f"no button {key}"]
            page.button(key=_filled(key, ids)).click().run()
            lines = settled(page, visit)
        return page, lines

    def settled(page: AppTest, visit: Visit) -> list[str]:
        begin, seen = time.monotonic(), [read(page, visit)]
        while len(seen) < visit.calm or any(lines != seen[-1] for lines in seen[-visit.calm :]):
            time.sleep(0.3)
            page.run()
            waits = is_waiting(page) and time.monotonic() - begin < WAITING_SECONDS
            seen = [*([] if waits else seen), read(page, visit)]
            if time.monotonic() - begin > SECONDS:
                return [*seen[-1], "does not come to rest"]
        return seen[-1]

    def read(page: AppTest, visit: Visit) -> list[str]:
        def plain(line: str) -> str:
            for name, run_id in ids.items():
                line = line.replace(run_id, f"RUN-{name}")
            line = RUN_ID.sub("RUN", line).replace(str(folder), "FOLDER")
            line = CHANGING.sub("…", DURATION.sub("TIME", line))
            return re.sub(r"\d+", "#", line) if visit.moving else line

        failures = [f"exception | {plain(element.value)}" for element in page.exception]
        return failures + controls_of(page, plain, texts)

    for visit in visits:
        page, lines = opened(visit, {})
        show(f"{visit.page} | {visit.state}", lines)
        for name, value in [] if visit.alone else bound_views(page):
            if visit.query.get(name) != value:
                _, there = opened(visit, {name: value})
                changed = [f"with | {line}" for line in there if line not in lines]
                changed += [f"without | {line}" for line in lines if line not in there]
                show(f"{visit.page} | {visit.state} | {name}={value}", changed)


def _filled(value: Any, ids: dict[str, str]) -> Any:
    return [_filled(item, ids) for item in value] if isinstance(value, list) else value.format(**ids)


def show(head: str, lines: list[str]) -> None:
    """Print lines, each with what it belongs to."""
    for line in lines:
        print(f"{head} | {line}", flush=True)


def list_addresses() -> None:
    """Print all live addresses."""
    from app.server.routes import live_routes

    show("address", sorted(route.path for route in live_routes()))


def list_options() -> None:
    """Print the help of all commands."""
    from dmcore.cli.commands import COMMANDS as REGISTRY

    for words in ((), *((name,) for name in sorted(REGISTRY))):
        show(" ".join(("dmcore", *words)), dmcore(*words, "--help").splitlines())


def main() -> None:
    """List one part in this process, or all parts in processes of their own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--states", type=Path, required=True, help="folder of the prepared runs")
    parser.add_argument("--texts", action="store_true", help="list sentences and what figures draw too")
    parser.add_argument("--part", choices=("empty", "full", "addresses", "options"), help="only this part")
    chosen = parser.parse_args()
    if not chosen.states.exists():
        prepare(chosen.states)
    parts: dict[str, Callable[[Path], None]] = {
        "addresses": lambda folder: list_addresses(),
        "options": lambda folder: list_options(),
        "empty": lambda folder: visit_all(folder, EMPTY, chosen.texts),
        "full": lambda folder: visit_all(folder, FULL, chosen.texts),
    }
    if chosen.part is None:
        for name in parts:
            subprocess.run([sys.executable, *sys.argv, "--part", name], check=False)
        return
    folder = Path(tempfile.mkdtemp())
    if chosen.part == "full":
        shutil.copytree(chosen.states, folder, dirs_exist_ok=True)
    (folder / "runs").mkdir(exist_ok=True)
    try:
        parts[chosen.part](folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
