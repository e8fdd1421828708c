"""jaxtyping's checks of types and shapes for the first calls of a function in each test: loops stay quick."""

import dataclasses
import functools
import inspect
from collections import Counter
from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any

import jaxtyping

CALLS = 50
"""Checked calls of a function in a test: what a thousandth call is given has the types of the first."""

_calls: Counter[CodeType] = Counter()
_check = jaxtyping.jaxtyped


def check_types(modules: Sequence[str]) -> None:
    """Let beartype check the functions and classes of these modules, which have to be imported afterwards."""
    jaxtyping.jaxtyped = _check_first_calls  # type: ignore[assignment]  # the hook's decorator, by its name
    jaxtyping.install_import_hook(modules, "beartype.beartype")


def begin_test() -> None:
    """Check each function's first calls again."""
    _calls.clear()


def _check_first_calls(*, typechecker: Any) -> Callable[[Any], Any]:
    """jaxtyping's decorator, whose check of a call takes longer than many a function itself."""

    def decorate(checked: Any) -> Any:
        if dataclasses.is_dataclass(checked):
            checked.__init__ = decorate(checked.__init__)
        if not inspect.isfunction(checked):
            return checked
        function, code = checked, checked.__code__
        check: Callable[..., Any] | None = None

        @functools.wraps(function)
        def call(*arguments: Any, **options: Any) -> Any:
            __tracebackhide__ = True
            nonlocal check
            if _calls[code] >= CALLS:
                return function(*arguments, **options)
            _calls[code] += 1
            check = check or _check(function, typechecker=typechecker)
            return check(*arguments, **options)

        return call

    return decorate
