"""Mutations of what a text file holds: JSON, and the lines of the events."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from support.fuzz.file_mutations import Damage, Mutation

HUGE = "1" + "0" * 400
LONGER_THAN_PYTHON_READS = "9" * 5000
Place = tuple[Any, Any]
"""A container in a JSON value, and a key or an index in it."""


def places(value: Any) -> Iterator[Place]:
    """Every value inside a JSON value, however deep."""
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in entries:
        yield value, key
        yield from places(inner)


def in_json(replace: Callable[[Damage, Place], str | None]) -> Mutation:
    """Mutation of one place in a JSON file."""

    def mutate(damage: Damage) -> str | None:
        content = json.loads(damage.file.read_bytes())
        container, key = damage.random.choice([*places(content)])
        done = replace(damage, (container, key))
        if done is None:
            return None
        # numbers and strings that Python's writer cannot express are put in as text
        text = re.sub(r'"raw:([^"]*)"', r"\1", json.dumps(content, indent=1))
        damage.file.write_text(text, encoding="utf-8")
        return f"{key} {done}"

    mutate.__name__ = replace.__name__
    return mutate


def _put(value: Any, name: str) -> Mutation:
    def replace(_damage: Damage, place: Place) -> str:
        place[0][place[1]] = value
        return f"= {name}"

    replace.__name__ = name
    return in_json(replace)


def another_value(damage: Damage, place: Place) -> str | None:
    container, key = place
    old = container[key]
    if isinstance(old, bool):
        container[key] = not old
    elif isinstance(old, int | float):
        container[key] = damage.random.choice((old + 1, old * 2 + 1, -old - 1, old / 2 + 0.25))
    elif isinstance(old, str):
        container[key] = damage.random.choice((f"{old}x", "", "<b>other</b>", "../../outside"))
    else:
        return None
    return f"= {container[key]!r} instead of {old!r}"


def drop_a_key(_damage: Damage, place: Place) -> str:
    del place[0][place[1]]
    return "dropped"


def add_a_key(_damage: Damage, place: Place) -> str | None:
    if not isinstance(place[0], dict):
        return None
    place[0]["unknown"] = 1
    return "beside an unknown key"


def flip_a_digit(damage: Damage) -> str | None:
    content = bytearray(damage.file.read_bytes())
    digits = [match.start() for match in re.finditer(rb"\d", content)]
    if not digits:
        return None
    position = damage.random.choice(digits)
    before = content[position] - ord("0")
    content[position] = ord("0") + (before + damage.random.randrange(1, 10)) % 10
    damage.file.write_bytes(content)
    context = bytes(content[max(0, position - 25) : position + 4]).decode(errors="replace")
    return f"digit {before} at {position} changed: …{context!r}"


def _whole(content: str, name: str) -> Mutation:
    def mutate(damage: Damage) -> str:
        damage.file.write_text(content, encoding="utf-8")
        return f"the whole file {name}"

    mutate.__name__ = f"whole {name}"
    return mutate


JSON_MUTATIONS: tuple[Mutation, ...] = (
    *(in_json(another_value), in_json(another_value), in_json(another_value), flip_a_digit, flip_a_digit),
    *(in_json(drop_a_key), in_json(add_a_key)),
    *(_put(value, name) for value, name in ((None, "null"), ([], "[]"), ({}, "{}"), ("text", "'text'"))),
    *(_put(value, name) for value, name in ((-1, "-1"), (-(2**70), "-2**70"), ("raw:NaN", "NaN"))),
    *(_put(f"raw:{text}", name) for text, name in ((HUGE, "10**400"), ("1e400", "1e400"))),
    *(_put(f"raw:{text}", name) for text, name in (("-Infinity", "-Infinity"), ("1e300", "1e300"))),
    *(_put(f"raw:{LONGER_THAN_PYTHON_READS}", "5,000 digits"), _put(f"raw:{'[' * 100_000}", "100,000 [")),
    *(_put("\ud800", "half a surrogate"), _put("x" * 10**6, "a million characters")),
    *(_whole(text, text) for text in ("[]", "{}", "null", "1", '"text"', "{", "NaN")),
)


def _in_lines(change: Callable[[Damage, list[bytes]], str | None]) -> Mutation:
    """Mutation of the list of lines of a file."""

    def mutate(damage: Damage) -> str | None:
        lines = damage.file.read_bytes().splitlines(keepends=True)
        done = change(damage, lines)
        damage.file.write_bytes(b"".join(lines))
        return done

    mutate.__name__ = change.__name__
    return mutate


def repeat_a_line(damage: Damage, lines: list[bytes]) -> str:
    index = damage.random.randrange(len(lines))
    lines.insert(index, lines[index])
    return f"line {index + 1} twice"


def shuffle_lines(damage: Damage, lines: list[bytes]) -> str:
    damage.random.shuffle(lines)
    return "lines shuffled"


def drop_a_line(damage: Damage, lines: list[bytes]) -> str:
    index = damage.random.randrange(len(lines))
    del lines[index]
    return f"line {index + 1} dropped"


def cut_between_lines(damage: Damage, lines: list[bytes]) -> str:
    index = damage.random.randrange(len(lines))
    del lines[index:]
    return f"cut before line {index + 1}"


def tear_the_last_line(damage: Damage, lines: list[bytes]) -> str:
    lines[-1] = lines[-1][: damage.random.randrange(1, len(lines[-1]))]
    return "last line torn"


def _replaced(damage: Damage, lines: list[bytes], text: bytes, name: str) -> str:
    index = damage.random.randrange(len(lines))
    lines[index] = text + b"\n"
    return f"line {index + 1}: {name}"


def another_line(damage: Damage, lines: list[bytes]) -> str:
    texts = (b"", b"garbage", b"[]", b"1", b"null", b'{"iteration": 1e400}', b"[" * 100_000)
    text = damage.random.choice((*texts, b'{"iteration": 3}', b'{"iteration": 3, "note": 5}', b"{}"))
    return _replaced(damage, lines, text, text[:40].decode())


def change_an_event(damage: Damage, lines: list[bytes]) -> str:
    index = damage.random.randrange(len(lines))
    event = json.loads(lines[index])
    name = damage.random.choice([*event.get("loss", ())] or ["x"])
    loss = event.get("loss", {})
    changed = damage.random.choice(
        (
            {"iteration": -5},
            {"iteration": 10**30},
            {"iteration": 10**18},
            {"iteration": True},
            {"iteration": 2.5},
            {"seconds": "text"},
            {"seconds": None},
            {"loss": []},
            {"loss": 3},
            {"loss": {**loss, name: loss.get(name, [])[:-1]}},
            {"loss": {**loss, name: ["x"]}},
            {"loss": {**loss, name: {}}},
            {"loss": {**loss, name: [float("nan")] * 10}},
            {"loss": {**loss, name: [1e308] * 10}},
            {"loss": {"another": [1.0] * 10}},
            {"floor": [1.0]},
            {"floor": "text"},
            {"note": ["a list"]},
        )
    )
    return _replaced(damage, lines, json.dumps(event | changed).encode(), str(changed)[:80])


LINE_MUTATIONS: tuple[Mutation, ...] = (
    *map(_in_lines, (repeat_a_line, shuffle_lines, drop_a_line, cut_between_lines, tear_the_last_line)),
    *map(_in_lines, (another_line, another_line, another_line, change_an_event, change_an_event)),
    *(_in_lines(change_an_event), _in_lines(change_an_event), flip_a_digit, flip_a_digit),
)
