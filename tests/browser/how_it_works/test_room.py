"""Chapters on a projector: question, picture and the number that decides are in sight without scrolling."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE = 60_000
DECIDES = {
    "embedding&guess=mostly": "canvas.shares",
    "the-pull&guess=pixels&pull_phase=6": ".gradient-images canvas",
    "ever-new-networks&guess=new": ".panel:last-child canvas",
    "augmentation&guess=change": ".separate-distance",
}
"""What each chapter comes to."""


@pytest.mark.parametrize("chapter", DECIDES)
def test_what_a_chapter_comes_to_is_in_sight_at_1280_by_720(visit, chapter):
    page = visit(f"how_it_works?chapter={chapter}")
    decides = page.locator(DECIDES[chapter]).first
    expect(decides).to_be_visible(timeout=PATIENCE)
    page.wait_for_function(
        "node => node.getBoundingClientRect().bottom <= innerHeight", arg=decides.element_handle()
    )


@pytest.mark.parametrize(
    ("chapter", "result"),
    [
        ("averaging&guess=mean", ".dm-accuracies tbody tr:last-child"),
        ("augmentation&guess=zero", "canvas.distances"),
    ],
)
def test_a_presenter_s_guess_is_answered_in_sight_at_1280_by_720(visit, chapter, result):
    page = visit(f"how_it_works?chapter={chapter}&presenter=true")
    shown = page.locator(result).first
    expect(shown).to_be_visible(timeout=PATIENCE)
    page.wait_for_function(
        "node => node.getBoundingClientRect().bottom <= innerHeight", arg=shown.element_handle()
    )


@pytest.mark.parametrize("presenter", ["", "&presenter=true"])
@pytest.mark.parametrize("data", ["fashion", "digits"])
def test_the_verdicts_of_the_averaging_are_not_covered(visit, data, presenter):
    page = visit(f"how_it_works?chapter=averaging&guess=mean&averaging_data={data}{presenter}")
    verdicts = page.locator(".dm-accuracies td.remark span")
    for width, height in ((1280, 720), (1366, 768), (1920, 1080), (1024, 768)):
        page.set_viewport_size({"width": width, "height": height})
        expect(verdicts.first).to_be_visible(timeout=PATIENCE)
        expect(page.locator(".averaging button")).to_be_visible(timeout=PATIENCE)
        page.wait_for_function(
            """table => {
              const column = table.closest('[data-testid=stColumn]');
              const box = table.getBoundingClientRect();
              const beside = column.nextElementSibling.getBoundingClientRect();
              return (box.right <= beside.left || box.bottom <= beside.top) && box.right <= innerWidth;
            }""",
            arg=page.locator(".dm-accuracies").element_handle(),
        )


@pytest.mark.parametrize("presenter", ["", "&presenter=true"])
@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (390, 844)])
def test_a_long_change_is_told_whole_in_the_pull(visit, size, presenter):
    page = visit(f"how_it_works?chapter=the-pull&guess=pixels&pull_phase=3{presenter}")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    change = page.locator(".pull .omega")
    expect(change).to_contain_text("change: ", timeout=PATIENCE)
    fits = change.evaluate(
        """node => {
          const high = node.parentElement.clientHeight;
          node.textContent = 'change: colour: brightness +0.40, saturation ×1.97, contrast ×1.20';
          if (node.parentElement.clientHeight !== high) return false;
          const [box, below] = [node, node.parentElement.querySelector('.synthetic-images')]
            .map(each => each.getBoundingClientRect());
          const text = document.createRange();
          text.selectNodeContents(node);
          const all = text.getBoundingClientRect();
          return all.left >= box.left - 1 && all.right <= box.right + 1 && all.bottom <= below.top + 1;
        }"""
    )
    assert fits


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900)])
@pytest.mark.parametrize("guess", ["", "&guess=mostly"])
def test_what_can_be_done_in_the_embedding_is_in_sight(visit, size, guess):
    page = visit(f"how_it_works?chapter=embedding{guess}")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for control in ("button[name=play]", "select[name=label]", ".picks", "button[name=blank]"):
        shown = page.locator(f".embedding {control}")
        expect(shown).to_be_visible(timeout=PATIENCE)
        box = shown.bounding_box()
        assert box["y"] + box["height"] <= size[1], control


@pytest.mark.parametrize("width", [320, 390, 850, 1024, 1160, 1280, 1440])
def test_the_gradient_stays_within_its_box(visit, width):
    page = visit("how_it_works?chapter=the-pull&guess=pixels&pull_phase=6")
    page.set_viewport_size({"width": width, "height": 720})
    expect(page.locator(".gradient-images canvas").first).to_be_visible(timeout=PATIENCE)
    page.wait_for_function(
        """box => [...box.querySelectorAll('.title, .title *')].every(node => {
          const [outer, inner] = [box, node].map(each => each.getBoundingClientRect());
          const {right, bottom, top} = inner;
          return right <= outer.right + 1 && bottom <= outer.bottom + 1 && top >= outer.top - 1;
        })""",
        arg=page.locator(".gradient").element_handle(),
    )


def test_the_mark_of_a_guess_moves_no_plane(visit):
    page = visit("how_it_works?chapter=ever-new-networks&guess=fixed&presenter=true")
    expect(page.locator(".guessed:not([hidden])")).to_be_visible(timeout=PATIENCE)
    tops = page.locator(".panel canvas").evaluate_all(
        "nodes => nodes.map(node => node.getBoundingClientRect().top)"
    )
    assert len(tops) == 4
    assert max(tops) - min(tops) < 1


def test_phases_have_one_height_on_a_phone(visit):
    page = visit("how_it_works?chapter=the-pull&guess=pixels&pull_phase=1")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".pull[data-phase='1']")).to_be_visible(timeout=PATIENCE)
    heights = set()
    for phase in range(1, 8):
        page.locator(".rail button").nth(phase - 1).click()
        expect(page.locator(f".pull[data-phase='{phase}']")).to_be_visible()
        heights.add(page.locator(".pull").bounding_box()["height"])
    assert len(heights) == 1
