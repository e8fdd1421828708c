"""The `dmcore` command: reads the arguments, does what they say, turns trouble into one sentence.

Exit codes: 0 done (also stopped by request, with everything kept), 1 failed, 2 wrong arguments, 130 stopped
before the end. Only the module of the command that was named is imported, and tyro and pydantic with it;
`--help` needs none of them.
"""

import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dmcore.cli.commands import COMMANDS, overview

if TYPE_CHECKING:
    from dmcore.cli.options import Command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; gives the exit code.

    Args:
        arguments: what follows `dmcore`; left open, what was typed.

    Raises:
        SystemExit: after --help (0), and for arguments that no command, or the one named, has (2).
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

    from dmcore.cli.flags import WrongArgumentsError, sentence_of

    try:
        return _parsed(typed).run()
    except WrongArgumentsError as wrong:
        return _said(str(wrong), 2)
    except BrokenPipeError:  # whoever read our output has enough, as in `dmcore runs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except ValidationError as wrong:
        return _said(sentence_of(wrong), 2)
    except ValueError as trouble:
        return _said(str(trouble), 1)
    except (MemoryError, RuntimeError) as trouble:
        from dmcore.runs.failure import describe_failure, is_out_of_memory

        if not is_out_of_memory(trouble):
            raise
        failure = describe_failure(trouble, 0)
        return _said(f"{failure.sentence}: {failure.remedy}", 1)
    except OSError as refusal:
        where = f"{refusal.filename}: " if refusal.filename else ""
        return _said(f"{where}{refusal.strerror or refusal}: check the disk and the folder's permissions", 1)
    except KeyboardInterrupt:
        return _said("stopped", 130)


def _parsed(typed: list[str]) -> "Command":
    """The named command with its options.

    Raises:
        SystemExit: there is no such command, or not with these options, or help was asked for; it was said.
    """
    import tyro

    from dmcore.cli.flags import choices

    name, *options = typed
    if name.startswith("--tyro-"):  # a shell asks how to complete command lines, so for all commands
        every: dict[str, Callable[..., Command]] = {name: entry.load() for name, entry in COMMANDS.items()}
        command: Command = tyro.extras.subcommand_cli_from_dict(every, prog="dmcore", args=typed)
        return command
    if name not in COMMANDS:
        raise SystemExit(_said(f"no command {name}: {choices(name, list(COMMANDS))}", 2))
    return tyro.cli(COMMANDS[name].load(), prog=f"dmcore {name}", args=options)


def _said(sentence: str, exit_code: int) -> int:
    print(f"dmcore: {sentence}", file=sys.stderr)
    return exit_code
