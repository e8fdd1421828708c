"""The commands of `dmcore`: where each lives and one line on what it does.

Imports none of them, nor tyro, so that `dmcore --help` answers at once. A new command is an entry here.
"""

import shutil
import textwrap
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dmcore.cli.options import Command


class Entry(NamedTuple):
    """A command before its module is imported."""

    home: str
    """Module under `dmcore.cli` and class."""
    summary: str
    """The first line of the class's docstring, here too so that nothing need be imported; a test compares."""

    def load(self) -> type["Command"]:
        """The class."""
        module, _, name = self.home.partition(":")
        loaded: type[Command] = getattr(import_module(f"dmcore.cli.{module}"), name)
        return loaded


COMMANDS = {
    "condense": Entry(
        "condense:Condense",
        "Condense a data set into a few learned images per class. The defaults are the paper's.",
    ),
    "resume": Entry(
        "condense:Resume",
        "Go on with a run that was stopped, interrupted or failed, or take a finished one further.",
    ),
    "plan": Entry(
        "plan:Plan",
        "Choose iterations, real batch and replay for a given time, and say what accuracy to expect.",
    ),
    "select": Entry(
        "select:Select",
        "Select real images of each class, to compare a condensed set with: a run to evaluate and export.",
    ),
    "evaluate": Entry(
        "evaluate:Evaluate",
        "Train fresh networks on the images of a run and test them on real images.",
    ),
    "export": Entry(
        "exchange:Export",
        "Write the images of a run in a format that other programs read, or as a film.",
    ),
    "import": Entry(
        "exchange:Import",
        "Make a run of condensed images from a file or folder, to look at them and evaluate them.",
    ),
    "rename": Entry("rename:Rename", "Give a run another title; its id and folder stay."),
    "bench": Entry(
        "bench:Bench",
        "Time an iteration by its parts, beside this machine's convolution rate or a plain step.",
    ),
    "experiment": Entry(
        "experiment:Experiment",
        "Run a table or figure of the paper at laptop or paper scale; what is known is not computed again.",
    ),
    "pool": Entry(
        "pool:Pool",
        "Train networks on a whole data set and keep their states, to condense with trained networks.",
    ),
    "runs": Entry("list:Runs", "List the runs under the runs root, newest first, whoever wrote them."),
    "datasets": Entry("list:Datasets", "List the named data sets, and which of them are on disk."),
    "prepare": Entry(
        "prepare:Prepare",
        "Download named data sets that are not on disk yet, so that nobody has to wait for them later.",
    ),
}


def overview() -> str:
    """What `dmcore --help` prints: each command and one line on what it does, as wide as the terminal."""
    width = min(shutil.get_terminal_size().columns, 110)
    margin = max(map(len, COMMANDS)) + 4
    lines = [
        textwrap.fill(
            entry.summary, width, initial_indent=f"  {name}".ljust(margin), subsequent_indent=" " * margin
        )
        for name, entry in COMMANDS.items()
    ]
    return "\n".join(
        (
            "usage: dmcore COMMAND [OPTIONS]",
            "",
            "Dataset condensation with distribution matching: few images instead of many.",
            "",
            *lines,
            "",
            "`dmcore COMMAND --help` explains every option, `dmcore --version` says which version this is.",
        )
    )
