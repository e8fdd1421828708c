"""The `dm-explorer` command: parses the arguments and starts the server. Streamlit is imported after that."""

import argparse
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the server and open the app in a browser; returns the exit code when the server has ended."""
    options = _parser().parse_args(arguments)
    try:
        from app.server.launch import launch

        return launch(**vars(options))
    except ValueError as problem:
        sys.stderr.write(f"dm-explorer: {problem}\n")
        return 1
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dm-explorer",
        description="Watch dataset condensation with distribution matching in your browser.",
        epilog="The printed address holds a key: who opens it once may use the app in that browser. Started "
        "again with the same folders, it opens the running server.",
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
    parser.add_argument("--no-browser", action="store_true", help="print the address and key, open nothing")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 1 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
