"""Combining a changed configuration with the one before into a race of sets."""

import pytest

from dmcore.config import CondenseConfig, SetChange
from dmcore.config.race import combined_race

BASE = CondenseConfig(dataset="digits", images_per_class=1, width=8, depth=2, real_batch=8, iterations=200)


def test_a_race_is_offered_where_one_of_the_four_fields_is_the_only_difference() -> None:
    changed = BASE.model_copy(update={"image_lr": 10.0})
    race = combined_race(changed, BASE)
    assert race is not None
    assert [spec.image_lr for spec in race.all_sets()] == [1.0, 10.0]
    again = combined_race(BASE.model_copy(update={"image_lr": 0.1}), race)
    assert again is not None
    assert [spec.image_lr for spec in again.all_sets()] == [1.0, 10.0, 0.1]


@pytest.mark.parametrize(
    "update",
    [
        {"norm": "batch"},
        {"seed": 1},
        {"image_lr": 10.0, "momentum": 0.9},
        {"sets": tuple(SetChange(image_lr=rate) for rate in (0.1, 0.5, 2.0, 5.0, 10.0))},
        {},
    ],
)
def test_other_networks_two_changes_or_too_many_sets_are_no_race(update: dict) -> None:
    assert combined_race(BASE.model_copy(update=update), BASE) is None
