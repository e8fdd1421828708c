"""Programs that computed a run, in the file `program`: a line for each version that worked on it, in order.

A run that was begun before versions were kept, or from a terminal, has none.
"""

from dmcore.files.atomic import write_atomically
from dmcore.runs.folder import RunFolder

FILE = "program"
MOST_LINES, LONGEST = 20, 200
"""Lines that are read, and letters of each: more are damage."""


def note_program(run: RunFolder, program: str) -> None:
    """Note that a program works on a run from now on; nothing where it did so last.

    Raises:
        StorageError: the folder cannot be written to.
    """
    before = read_programs(run)
    if before[-1:] != (program,):
        lines = [*before, program][-MOST_LINES:]
        write_atomically(run.path / FILE, "".join(f"{line}\n" for line in lines).encode())


def read_programs(run: RunFolder) -> tuple[str, ...]:
    """Programs that worked on a run, such as 'dm-explorer 0.1.0, commit abc1234'; empty if none is kept."""
    try:
        text = (run.path / FILE).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ()
    lines = (line.strip()[:LONGEST] for line in text.splitlines()[-MOST_LINES:])
    return tuple(line for line in lines if line)
