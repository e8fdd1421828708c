"""The `dm-explorer` command: finds the app's folder and starts it there.

The library does not know the app: it is found by its place (beside this file in an installed wheel, else the
repository's root) and handed what was asked for. Streamlit is not imported before the arguments are read.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the app in a browser; returns when it is ended, with the exit code."""
    asked = _parser().parse_args(arguments)
    try:
        sys.path.insert(0, str(find_app_folder()))
        return int(importlib.import_module("app.server.launch").launch(**vars(asked)))
    except ValueError as problem:
        sys.stderr.write(f"dm-explorer: {problem}\n")
        return 1
    except KeyboardInterrupt:
        return 0


def find_app_folder() -> Path:
    """The folder that holds `app/`, `pages/` and `.streamlit/`.

    Raises:
        ValueError: this installation came without the app.
    """
    here = Path(__file__).resolve().parent
    for folder in (here / "_explorer", here.parent):
        if (folder / "app" / "main.py").is_file():
            return folder
    raise ValueError(
        "this installation has no app in it: install dm-explorer again, from a wheel or its repository"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dm-explorer",
        description="Watch dataset condensation with distribution matching in your browser.",
    )
    parser.add_argument(
        "--port", type=_port, default=8501, help="port on this machine (default: 8501, else the next free)"
    )
    parser.add_argument(
        "--runs-root", metavar="DIR", help="where runs are (default: DM_RUNS, ./runs or ~/dm-explorer-runs)"
    )
    parser.add_argument(
        "--data-root", metavar="DIR", help="where data sets are (default: DM_DATA or the user's cache)"
    )
    parser.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 1 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
