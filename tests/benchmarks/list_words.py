"""Lists the rare words of all texts that pages can show, where each stands, and the glossary's form of it.

    python tests/benchmarks/list_words.py

A text is a string of `app` or `pages` with a space in it that is no docstring. A word is rare where Python's
own manual, a large plain text that comes with Python, does not have it in any form.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from pydoc_data.topics import topics

from app.text.glossary import GLOSSARY

ROOT = Path(__file__).resolve().parents[2]
WORD = re.compile(r"[A-Za-z][a-zA-Z]+(?:[-'][a-zA-Z]+)*")
ENDINGS = ("", "s", "es", "d", "ed", "ing", "ly", "er", "est", "'s", "n't")
CODE = re.compile(r"[<>{}\\]|--|://|var\(|^[a-z_]+ [a-z_]+$")
"""What stands in style sheets, patterns and queries."""


def texts() -> Iterator[tuple[str, str]]:
    """Each text that can be shown, with the module it stands in."""
    for folder in ("app", "pages"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            for node in ast.walk(tree):
                value = node.value if isinstance(node, ast.Constant) and id(node) not in silent else None
                if isinstance(value, str) and " " in value.strip() and not CODE.search(value):
                    yield value, str(file.relative_to(ROOT))


def stems(word: str) -> set[str]:
    """The word, and what it may be a form of."""
    return {word.removesuffix(ending) + more for ending in ENDINGS for more in ("", "e")}


def main() -> None:
    """Print a line for each rare word: how often, the glossary's form of it, a text, a module."""
    common = {word.lower() for text in topics.values() for word in WORD.findall(text)}
    explained = {word.lower(): name for name in GLOSSARY for word in WORD.findall(name)}
    places: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for text, module in texts():
        for word in {word.lower() for word in WORD.findall(text)}:
            if not stems(word) & common:
                places[word].append((text, module))
    for word, standing in sorted(places.items(), key=lambda item: (-len(item[1]), item[0])):
        name = next((explained[stem] for stem in stems(word) if stem in explained), "-")
        text, module = standing[0]
        print(f"{word} | {len(standing)} | {name} | {' '.join(text.split())[:100]} | {module}")


if __name__ == "__main__":
    main()
