"""Checks beside the assertions of tests: a shape that does not fit is refused in a function's first calls."""

import pytest
import torch
from jaxtyping import TypeCheckError
from support.type_checks import CALLS

from dmcore.data.images import Statistics


@pytest.mark.parametrize("attempt", ["first", "again"])  # each test begins anew
def test_the_first_calls_are_checked(attempt: str) -> None:
    statistics, image = Statistics((0.5,), (0.25,)), torch.zeros(1, 8, 8)
    with pytest.raises(TypeCheckError, match="images"):
        statistics.denormalise(image[0])
    for _ in range(CALLS - 1):
        statistics.denormalise(image)
    assert statistics.denormalise(image[0]).shape  # no longer looked at
