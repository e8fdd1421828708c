"""Options that take a whole number: any other number is refused as none, with its flag, by every command."""

import re
from dataclasses import fields
from typing import get_type_hints

import pytest
from support.command_line import Command

from dmcore.cli.commands import COMMANDS
from dmcore.cli.experiment import OWNERS
from dmcore.cli.flags import whole_number
from dmcore.config import CondenseConfig, DsaConfig

WORDS = {
    "resume": ["run"],
    "evaluate": ["run"],
    "export": ["run"],
    "import": ["file.pt"],
    "rename": ["run", "title"],
    "plan": ["--minutes=1"],
    "pool": ["build"],
    "gallery": ["list"],
}
"""What a command needs besides the option."""


def whole_number_options() -> list[tuple[str, str]]:
    """Every command with each of its options that takes whole numbers."""
    options = []
    for command, entry in COMMANDS.items():
        home = entry.load()
        hints = get_type_hints(home, include_extras=True)
        options += [(command, field.name) for field in fields(home) if "'INT" in str(hints[field.name])]  # type: ignore[arg-type]
    return options


OPTIONS = whole_number_options()


def test_options_of_many_commands_are_tried() -> None:
    assert len(OPTIONS) > 40
    assert {"condense", "resume", "plan", "select", "evaluate", "bench", "experiment", "pool"} <= {
        command for command, _ in OPTIONS
    }


@pytest.mark.parametrize(("command", "option"), OPTIONS)
def test_other_numbers_are_refused_as_no_whole_number(command: str, option: str, dmcore: Command) -> None:
    flag = f"--{option.replace('_', '-')}"
    words = OWNERS.get(option, ("table1",))[:1] if command == "experiment" else WORDS.get(command, ())
    if (
        command == "condense"
        and option not in CondenseConfig.model_fields
        and option in DsaConfig.model_fields
    ):
        words = ["--method", "dsa"]
    for value in ("1.5", "-0.5", "1e3", "many"):
        code, _, errors = dmcore(command, *words, f"{flag}={value}")
        sentence = re.sub(r"[\s│]+", " ", errors)
        assert code == 2
        assert re.search(rf"{flag}( {value})?: must be a whole number", sentence), sentence


@pytest.mark.parametrize(("typed", "number"), [("+5", 5), ("1_000", 1000), (" 7 ", 7), ("-3", -3)])
def test_a_number_may_be_written_as_python_writes_it(typed: str, number: int) -> None:
    assert whole_number(typed) == number
