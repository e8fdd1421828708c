"""How a table's networks are trained, in words: steps are counted, not assumed."""

import pytest

from app.tables.texts import steps_text
from dmcore.experiments.presets import catalogue_facts
from dmcore.experiments.table1 import Table1Config


@pytest.mark.parametrize(
    ("sizes", "methods", "expected"),
    [
        ((1, 10, 100), ("random", "whole"), ": 360 steps, fewer than the 800 at 100 per class"),
        ((1, 10), ("random", "whole"), ": 360 steps, more than the 200 at 10 per class"),
        ((1, 10), ("random",), ""),
    ],
)
def test_steps_on_all_real_images_are_compared_with_those_on_the_largest_set(
    sizes: tuple[int, ...], methods: tuple[str, ...], expected: str
) -> None:
    facts = catalogue_facts("digits")
    assert facts is not None
    config = Table1Config.model_validate({"dataset": "digits", "images_per_class": sizes, "methods": methods})
    assert steps_text(config.table(facts)) == expected
