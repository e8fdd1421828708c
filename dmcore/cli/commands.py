"""Registry of the `dmcore` commands: module, class and summary of each; text of `dmcore --help`.

Imports none of the commands, nor tyro, so that `dmcore --help` takes milliseconds. A new command is an entry
here.
"""

import shutil
import textwrap
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dmcore.cli.options import Command


class CommandEntry(NamedTuple):
    """A command whose module is not imported yet."""

    home: str
    """Module under `dmcore.cli` and class, `module:Class`."""
    summary: str
    """First line of the class's docstring, repeated here so that nothing is imported; a test compares."""

    def load(self) -> type["Command"]:
        """Import the module and return the class."""
        module, _, name = self.home.partition(":")
        loaded: type[Command] = getattr(import_module(f"dmcore.cli.{module}"), name)
        return loaded


COMMANDS = {
    "condense": CommandEntry(
        "condense:Condense",
        "Condense a data set into a few synthetic images per class. The defaults are the paper's.",
    ),
    "resume": CommandEntry(
        "condense:Resume",
        "Resume a run that was stopped, interrupted or failed, or extend a finished one.",
    ),
    "plan": CommandEntry(
        "plan:Plan",
        "Choose iterations, real batch and replay for a time budget, and predict the accuracy.",
    ),
    "select": CommandEntry(
        "select:Select",
        "Select real images of each class (a coreset baseline) as a run, to evaluate and export.",
    ),
    "evaluate": CommandEntry(
        "evaluate:Evaluate",
        "Train networks from scratch on the images of a run and test them on real images.",
    ),
    "export": CommandEntry(
        "exchange:Export",
        "Export the images of a run in a format that other programs read, or as a film.",
    ),
    "import": CommandEntry(
        "exchange:Import",
        "Import condensed images from a file or folder as a run, to view and evaluate them.",
    ),
    "rename": CommandEntry("rename:Rename", "Change the title of a run; its id and folder stay."),
    "tag": CommandEntry("rename:Tag", "Give a run tags, or take tags from it, to find it again by."),
    "delete": CommandEntry(
        "delete:Delete",
        "Delete runs, by name or all that a filter finds, with everything in them; asks first.",
    ),
    "doctor": CommandEntry(
        "doctor:Doctor",
        "Verify every file of the runs: what is damaged, what that costs and what mends it.",
    ),
    "bench": CommandEntry(
        "bench:Bench",
        "Benchmark an iteration by its parts, against this machine's convolution rate or a plain step.",
    ),
    "experiment": CommandEntry(
        "experiment:Experiment",
        "Run a table or figure of the paper with the laptop or paper preset; stored results are reused.",
    ),
    "gallery": CommandEntry(
        "gallery:Gallery",
        "Build the gallery of recorded runs, tables and races, check it by recomputing, or list it.",
    ),
    "pool": CommandEntry(
        "pool:Pool",
        "Train a pool of networks on a whole data set, to condense with trained networks.",
    ),
    "runs": CommandEntry(
        "listings:Runs",
        "List the runs under the runs root, newest first: all, or those that a filter finds.",
    ),
    "datasets": CommandEntry("listings:Datasets", "List the named data sets and which of them are on disk."),
    "prepare": CommandEntry(
        "prepare:Prepare",
        "Download named data sets that are not on disk yet.",
    ),
}


def overview() -> str:
    """Text of `dmcore --help`: each command with its summary, wrapped to the terminal."""
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
            "Dataset condensation with distribution matching: a few synthetic images per class.",
            "",
            *lines,
            "",
            "`dmcore COMMAND --help` explains every option, `dmcore --version` prints the version.",
        )
    )
