"""Type of the fixture that runs one `dmcore` command line."""

from collections.abc import Callable

Command = Callable[..., tuple[int, str, str]]
"""Takes the arguments; gives exit code, output and errors."""
