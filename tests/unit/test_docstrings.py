"""Docstrings below a constant or field document that one: no two stand in a row. Modules they name exist."""

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(file for folder in ("app", "dmcore", "pages") for file in (ROOT / folder).rglob("*.py"))


def misplaced_docstrings(tree: ast.Module) -> list[int]:
    """Lines of strings that follow another string: the docstring of a name that stands elsewhere."""
    lines = []
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        statements = body if isinstance(body, list) else []
        for before, statement in pairwise(statements):
            if _is_string(before) and _is_string(statement):
                lines.append(statement.lineno)
    return lines


def _is_string(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_docstring_stands_under_another_one(file: Path) -> None:
    assert misplaced_docstrings(ast.parse(file.read_text(encoding="utf-8"))) == []


def test_a_docstring_under_the_wrong_constant_is_found() -> None:
    assert misplaced_docstrings(ast.parse('A = 1\nB = 2\n"""Of B."""\n"""Of A."""\n')) == [4]


def missing_modules(text: str) -> list[str]:
    """Modules named between backticks, or modules of a name there, that do not exist."""
    missing = []
    for name in re.findall(r"`((?:app|dmcore)(?:\.\w+)+)`", text):
        *parents, last = name.split(".")
        folder = ROOT.joinpath(*parents)
        module = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
        is_module = (folder / last).is_dir() or (folder / f"{last}.py").is_file()
        if not is_module and not (module.is_file() and re.search(rf"\b{last}\b", module.read_text("utf-8"))):
            missing.append(name)
    return missing


def test_modules_that_docstrings_name_exist() -> None:
    assert {
        str(file): missing for file in FILES if (missing := missing_modules(file.read_text("utf-8")))
    } == {}


def test_a_module_that_does_not_exist_is_found() -> None:
    names = ("dmcore.runs.folder", "dmcore.runs.folder.RunFolder", "dmcore.networks", "dmcore.nowhere")
    assert missing_modules(" ".join(f"`{name}`" for name in names)) == ["dmcore.nowhere"]
