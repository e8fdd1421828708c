"""The chapter on embeddings: what the script sends to the browser, before a guess, after it, from a link."""

from functools import partial
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from support.frames import unpack_pixels
from support.pages import components_of, open_page, text_of

from app import PACKAGE
from app.components.random_network.sheet import image_sheet
from app.views.how_it_works.embedding import EMBEDDING

opened = partial(open_page, "how_it_works.py", chapter=EMBEDDING.name)


def sent(page: AppTest) -> dict[str, Any]:
    """What the script sent to the component, with its images."""
    (proto,) = components_of(page, "dm_embedding")
    head, pixels = unpack_pixels(proto.bytes)
    return head | {"pixels": pixels}


def test_the_other_class_waits_for_the_guess() -> None:
    page = opened()
    assert EMBEDDING.question in text_of(page)
    assert sent(page)["revealed"] is False
    page.button(key="how_it_works_guess_chance").click().run()
    assert sent(page)["revealed"] is True
    text = text_of(page)
    assert "No: even untrained, the two boots mostly lie closer together." in text
    assert EMBEDDING.misconception in text


def test_the_images_are_the_data_sets() -> None:
    head = sent(opened())
    assert head["sheet"]["images"] == [10, 20, 28, 28]
    assert head["pixels"].tobytes() == image_sheet().images.tobytes()


def test_a_link_reproduces_its_state() -> None:
    page = opened(guess="mostly", embed_label="6", embed_other="4", embed_image="2", embed_seed="5")
    assert sent(page)["state"] == {"label": 6, "other": 4, "image": 2, "seed": 5, "drawing": ""}


@pytest.mark.parametrize("term", ["x", "theta", "psi", "mean"])
def test_each_term_of_the_formula_has_a_part_of_the_picture(term: str) -> None:
    formula = "".join(each.proto.body for each in opened().get("html"))
    picture = (PACKAGE / "components" / "embedding" / "component.html").read_text(encoding="utf-8")
    assert f'data-term="{term}"' in formula
    assert f'data-term="{term}"' in picture
