"""Every docstring below a constant or field documents that one: no two stand in a row."""

import ast
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
