"""The `dmcore` command: reads the arguments, does what they say, turns trouble into one sentence.

Exit codes: 0 done (also stopped by request, with everything kept), 1 failed, 2 wrong arguments. Torch is not
imported before a command runs, so `dmcore --help` answers at once.
"""

import io
import os
import sys
from collections.abc import Callable, Sequence

import tyro
from pydantic import ValidationError

from dmcore.cli.condensing import Condense, Resume
from dmcore.cli.evaluating import Evaluate
from dmcore.cli.exchanging import Export, Import
from dmcore.cli.experimenting import Experiment
from dmcore.cli.flags import WrongArgumentsError, sentence_of
from dmcore.cli.listing import Datasets, Runs
from dmcore.cli.places import Command
from dmcore.cli.pooling import Pool
from dmcore.cli.preparing import Prepare
from dmcore.cli.renaming import Rename
from dmcore.cli.selecting import Select

COMMANDS: dict[str, Callable[..., Command]] = {
    "condense": Condense,
    "resume": Resume,
    "select": Select,
    "evaluate": Evaluate,
    "export": Export,
    "import": Import,
    "rename": Rename,
    "experiment": Experiment,
    "pool": Pool,
    "runs": Runs,
    "datasets": Datasets,
    "prepare": Prepare,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; gives the exit code.

    Args:
        arguments: what follows `dmcore`; left open, what was typed.

    Raises:
        SystemExit: after --help (0), and for arguments that no command has (2).
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without ± prints ? instead of failing
    command: Command = tyro.extras.subcommand_cli_from_dict(
        COMMANDS,
        prog="dmcore",
        description="Dataset condensation with distribution matching: few images instead of many.",
        args=arguments,
    )
    try:
        return command.run()
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


def _said(sentence: str, exit_code: int) -> int:
    print(f"dmcore: {sentence}", file=sys.stderr)
    return exit_code
