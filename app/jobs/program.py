"""Name of this program as runs keep it: its version, and the commit of its code where that is known."""

from functools import cache

from dmcore import __version__
from dmcore.experiments.gallery.origin import UNKNOWN, code_version


@cache
def program_text() -> str:
    """'dm-explorer 0.1.0, commit abc1234'."""
    code = code_version()
    is_commit = code != UNKNOWN and not code.startswith("version ")
    return f"dm-explorer {__version__}, commit {code if is_commit else 'not known'}"
