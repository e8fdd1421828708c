"""Program that computes: its version and commit, and which ones worked on a run, in its file `program`.

The file has a line for each version that worked on the run, in order. A run that was begun before versions
were kept has none.
"""

import re
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dmcore.files.atomic import write_atomically
from dmcore.files.checked_json import DamagedFileError
from dmcore.runs.folder import RunFolder

FILE = "program"
MOST_LINES, LONGEST = 20, 200
"""Lines that are read, and letters of each: more are damage."""
UNKNOWN = "unknown"
UNNOTED = "a program that was not recorded"
_PROGRAM = re.compile(rf"dm-explorer \S+, commit (?:not known|[\w.-]+)|{UNNOTED}")
_PACKAGE = Path(__file__).resolve().parents[1]


@cache
def program_text() -> str:
    """'dm-explorer 0.1.0, commit abc1234'."""
    code = code_version()
    is_commit = code != UNKNOWN and not code.startswith("version ")
    return f"dm-explorer {_package_version()}, commit {code if is_commit else 'not known'}"


@cache
def code_version() -> str:
    """Short commit of this checkout, with `-dirty` where its code was changed; else the package's version."""
    root = _PACKAGE.parent
    if _git("rev-parse", "--show-toplevel") == str(root):
        commit = _git("describe", "--always", "--abbrev=7", "--tags")
        changed = _git("status", "--porcelain", "--", "dmcore", ":!dmcore/experiments/gallery/recorded")
        if commit:
            return f"{commit}{'-dirty' if changed else ''}"
    package = _package_version()
    return package if package == UNKNOWN else f"version {package}"


def note_program(run: RunFolder, program: str, *, begun: bool = False) -> None:
    """Note that a program works on a run from now on; nothing where it did so last.

    Args:
        run: the run, whose lock the caller holds.
        program: as `program_text` names it.
        begun: whether the run has iterations already: where nobody noted who computed them, that is said.

    Raises:
        StorageError: the folder cannot be written to.
    """
    before = read_programs(run) or ((UNNOTED,) if begun else ())
    if before[-1:] != (program,):
        lines = [*before, program][-MOST_LINES:]
        write_atomically(run.path / FILE, "".join(f"{line}\n" for line in lines).encode())


def check_programs(run: RunFolder) -> None:
    """Check that each line of the file names a program; without a file there is nothing to check.

    Raises:
        DamagedFileError: one does not.
    """
    file = run.path / FILE
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    except (OSError, ValueError):
        lines = []
    if not lines or not all(_PROGRAM.fullmatch(line) for line in lines):
        raise DamagedFileError(file, "it does not name a program", "delete it: nothing else is lost with it")


def read_programs(run: RunFolder) -> tuple[str, ...]:
    """Programs that worked on a run, such as 'dm-explorer 0.1.0, commit abc1234'; empty if none is kept."""
    try:
        text = (run.path / FILE).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ()
    lines = (line.strip()[:LONGEST] for line in text.splitlines()[-MOST_LINES:])
    return tuple(line for line in lines if line)


def _package_version() -> str:
    try:
        return version("dm-explorer")
    except PackageNotFoundError:  # the folder was copied
        return UNKNOWN


def _git(*words: str) -> str:
    """Output of a git command about this checkout; empty where git or the checkout is missing."""
    try:
        finished = subprocess.run(  # noqa: S603 - fixed words
            ["git", "-C", str(_PACKAGE.parent), *words],  # noqa: S607 - the user's git
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return finished.stdout.strip() if finished.returncode == 0 else ""
