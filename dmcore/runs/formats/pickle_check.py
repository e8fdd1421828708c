"""Check of the index of a .pt file, a pickle, before torch runs it: number of instructions, memory of calls.

torch calls only functions that it trusts, but with any arguments: bytearray(10**11) takes all memory, and so
does one text that is encoded again and again. The instructions are followed without a call.
"""

import io
import pickletools
from typing import Any, cast

from dmcore.data import limits

_COPYING = ("encode", "set", "Counter", "OrderedDict", "Size")
"""Trusted functions whose result is as large as their argument; that of torch's tensor classes is, too."""
_CODECS = ("latin1", "latin-1")
"""In which bytes are written; of others, which grow or shrink, none is."""
_COPIES = 4
"""Bytes that calls may take for each byte of the index: bytes are encoded, then copied into an array."""


class _Function(str):
    """Name of a function in an index."""

    __slots__ = ()


def check_pickle(stream: io.BufferedReader) -> None:
    """Check a pickle, none of whose instructions is run.

    Raises:
        ValueError: too many instructions or tuples, calls that take more memory than the file, or no pickle.
    """
    tuples, taken = 0, 0
    stack: list[Any] = []
    memo: dict[int, Any] = {}
    for instructions, (opcode, argument, place) in enumerate(pickletools.genops(stream), start=1):
        tuples += opcode.name in ("TUPLE", "TUPLE1", "TUPLE2", "TUPLE3")
        if instructions > limits.MOST_PICKLE_OPCODES or tuples > limits.MOST_PICKLE_TUPLES:
            raise ValueError(
                f"its index has more than {limits.MOST_PICKLE_OPCODES:,} instructions or "
                f"{limits.MOST_PICKLE_TUPLES:,} tuples"
            )
        if opcode.name in ("BINPUT", "LONG_BINPUT"):
            memo[cast(int, argument)] = stack[-1]
            continue
        taken += _follow(opcode, argument, stack, memo)
        if taken > _COPIES * max(place or 0, 1):
            raise ValueError("its index would take more memory than the file")


def _follow(opcode: pickletools.OpcodeInfo, argument: Any, stack: list[Any], memo: dict[int, Any]) -> int:
    """Follow an instruction on a stack of texts, lists, tuples and functions; None is anything else.

    Returns:
        Bytes or items that it copies.
    """
    taken: list[Any] = []
    before = opcode.stack_before
    if pickletools.markobject in before:
        mark = max(place for place, value in enumerate(stack) if value is pickletools.markobject)
        taken = stack[mark + 1 :]
        del stack[mark:]
        before = before[: before.index(pickletools.markobject)]
    operands = [stack.pop() for _ in before][::-1]
    if not opcode.stack_after:
        return 0
    result: Any = None
    copied = 0
    match opcode.name:
        case "MARK":
            result = pickletools.markobject
        case "BINGET" | "LONG_BINGET":
            result = memo[argument]
        case "GLOBAL":
            result = _Function(argument)
        case "EMPTY_LIST":
            result = []
        case "APPEND" | "APPENDS":
            result = operands[0]
            if isinstance(result, list):
                result.extend(operands[1:] + taken)
        case "EMPTY_TUPLE" | "TUPLE" | "TUPLE1" | "TUPLE2" | "TUPLE3":
            result = tuple(operands + taken)
        case "REDUCE" | "NEWOBJ":
            result, copied = _call(*operands)
        case "BUILD":  # bytes become an array
            result, state = operands
            parts = state if isinstance(state, tuple) else ()
            copied = sum(len(each) for each in parts if isinstance(each, str))
        case "SETITEM" | "SETITEMS":
            result = operands[0]
        case _ if isinstance(argument, str):
            result = argument
    stack.append(result)
    return copied


def _call(function: Any, arguments: Any) -> tuple[Any, int]:
    """What a call results in, and how much it copies.

    Raises:
        ValueError: it would take memory that the file does not have.
    """
    module, _, name = function.partition(" ") if isinstance(function, _Function) else ("", "", "")
    if not isinstance(arguments, tuple) or name == "bytearray":
        raise ValueError(f"its index calls {name or 'something'} in a way that torch.save never does")
    if name == "_rebuild_from_type_v2":  # calls its first argument with its third
        return _call(arguments[0], arguments[2])
    if name not in _COPYING and not (module.startswith("torch") and name.endswith("Tensor")):
        return None, 0
    if name == "encode":
        if len(arguments) != 2 or not isinstance(arguments[0], str) or arguments[1] not in _CODECS:
            raise ValueError("its index encodes texts in a way that torch.save never does")
        return arguments[0], len(arguments[0])
    if not all(isinstance(each, str | list | tuple) for each in arguments):
        raise ValueError(f"its index calls {name} in a way that torch.save never does")
    return None, sum(map(len, arguments))
