"""Entry point of the `dmcore` command: dispatch to a subcommand, error messages, exit codes.

Exit codes: 0 done (also stopped by request, with everything stored), 1 failed, 2 wrong arguments, 130 stopped
before the end. Only the module of the named command is imported, and tyro and pydantic with it; `--help`
needs none of them.
"""

import io
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dmcore.cli.commands import COMMANDS, overview

if TYPE_CHECKING:
    from dmcore.cli.options import Command


LONGEST_WORD = 300
"""Characters of a path or a value that a message repeats."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code.

    Args:
        arguments: what follows `dmcore`; left open, `sys.argv`.

    Raises:
        SystemExit: after --help (0), and for an unknown command or unknown options (2).
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without ± prints ? instead of failing
    typed = list(sys.argv[1:] if arguments is None else arguments)
    if not typed or typed[0] in ("-h", "--help"):
        print(overview(), file=sys.stdout if typed else sys.stderr)
        raise SystemExit(0 if typed else 2)
    if typed[0] == "--version":
        from importlib.metadata import version

        print(f"dmcore {version('dm-explorer')}")
        return 0

    from pydantic import ValidationError

    from dmcore.cli.flags import WrongArgumentsError, validation_message

    try:
        return _parse(typed).run()
    except WrongArgumentsError as error:
        return _print_error(str(error), 2)
    except BrokenPipeError:  # the reader of our output has closed it, as in `dmcore runs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except ValidationError as error:
        return _print_error(validation_message(error), 2)
    except ValueError as error:
        return _print_error(str(error), 1)
    except (MemoryError, RuntimeError) as error:
        from dmcore.runs.failure import describe_failure, is_out_of_memory

        if not is_out_of_memory(error):
            raise
        failure = describe_failure(error, 0)
        return _print_error(f"{failure.sentence}: {failure.remedy}", 1)
    except OSError as error:
        file = f"{error.filename}: " if error.filename else ""
        return _print_error(
            f"{file}{error.strerror or error}: check the disk and the folder's permissions", 1
        )
    except KeyboardInterrupt:
        return _print_error("stopped", 130)


def _parse(typed: list[str]) -> "Command":
    """Parse the name of a command and its options.

    Raises:
        SystemExit: no such command or options, or help was requested; the message is printed.
    """
    import tyro

    from dmcore.cli.flags import suggestion

    name, *options = typed
    if name.startswith("--tyro-"):  # shell completion covers all commands
        every: dict[str, Callable[..., Command]] = {name: entry.load() for name, entry in COMMANDS.items()}
        command: Command = tyro.extras.subcommand_cli_from_dict(every, prog="dmcore", args=typed)
        return command
    if name not in COMMANDS:
        raise SystemExit(_print_error(f"no command {name}: {suggestion(name, list(COMMANDS))}", 2))
    return tyro.cli(COMMANDS[name].load(), prog=f"dmcore {name}", args=options)


def _print_error(message: str, exit_code: int) -> int:
    readable = re.sub(rf"(\S{{{LONGEST_WORD}}})\S+", r"\1…", message)
    print(f"dmcore: {readable}", file=sys.stderr)
    return exit_code
