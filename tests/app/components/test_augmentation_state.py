"""What a link may name of the augmentation: the same state comes back, anything else gets its default."""

import pytest

from app.components.augmentation.state import PARAMETERS, AugmentationState
from app.components.query_params import is_unbound


@pytest.mark.parametrize(
    "state",
    [
        AugmentationState(),
        AugmentationState(label=0, operation="rotate", seed=12, real="-7.25", copies="15"),
        AugmentationState(operation="color", real="0.3_1.7_-0.5", copies="0_0_0.05"),
    ],
)
def test_a_link_names_the_whole_state(state: AugmentationState) -> None:
    query = state.as_query()
    assert set(query) == set(PARAMETERS)
    assert AugmentationState.of_query(query) == state


def test_what_is_default_is_left_out_of_the_link() -> None:
    assert set(AugmentationState().as_query().values()) == {""}
    assert AugmentationState.of_query({}) == AugmentationState()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("augmentation_label", "10"),
        ("augmentation_operation", "shear"),
        ("augmentation_seed", "-1"),
        ("augmentation_real", "1_2_3_4"),
        ("augmentation_real", "1e9"),
        ("augmentation_copies", "nan"),
        ("augmentation_copies", "<b>"),
    ],
)
def test_an_invalid_value_gets_its_default(name: str, value: str) -> None:
    assert AugmentationState.of_query({name: value}) == AugmentationState()


def test_no_widget_is_bound_to_its_parameters() -> None:
    assert all(is_unbound(name) for name in PARAMETERS)
