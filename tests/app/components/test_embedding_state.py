"""What a link may name of the embedding: the same state comes back, anything else gets its default."""

import pytest

from app.components.embedding.state import PARAMETERS, EmbeddingState
from app.components.query_params import is_unbound

DRAWING = "0f" * 261 + "0"


def test_a_link_names_the_whole_state_and_leaves_out_what_is_default() -> None:
    state = EmbeddingState(label=6, other=0, image=3, seed=12, drawing=DRAWING)
    query = state.as_query()
    assert set(query) == set(PARAMETERS)
    assert EmbeddingState.of_query(query) == state
    assert set(EmbeddingState().as_query().values()) == {""}
    assert EmbeddingState.of_query({}) == EmbeddingState()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("embed_label", "10"),
        ("embed_label", "-1"),
        ("embed_other", "bag"),
        ("embed_image", "20"),
        ("embed_seed", "1000"),
        ("embed_drawing", DRAWING[:-1]),
        ("embed_drawing", "<" + DRAWING[1:]),
    ],
)
def test_an_invalid_value_gets_its_default(name: str, value: str) -> None:
    assert EmbeddingState.of_query({name: value}) == EmbeddingState()


def test_a_class_is_never_compared_with_itself() -> None:
    assert EmbeddingState.of_query({"embed_label": "8"}) == EmbeddingState(label=8, other=7)
    assert EmbeddingState.of_query({"embed_label": "0", "embed_other": "0"}).other == 9


def test_no_widget_is_bound_to_its_parameters() -> None:
    assert all(is_unbound(name) for name in PARAMETERS)
