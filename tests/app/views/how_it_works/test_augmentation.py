"""The chapter on augmentation: what is sent to the browser, and what is recorded with it and without."""

from functools import partial
from html import escape
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from support.frames import unpack_pixels
from support.pages import components_of, open_page, plain_spaces, text_of

from app import PACKAGE
from app.text.escaping import plain_text
from app.text.provenance import provenance_text
from app.views.how_it_works import augmentation_gain
from app.views.how_it_works.augmentation import AUGMENTATION, MISSING
from app.views.how_it_works.augmentation_gain import AugmentationGain, recorded_gain
from app.views.how_it_works.outcomes import remark_of
from dmcore.experiments.gallery.recorded import find_recorded, recorded_entries
from dmcore.experiments.published.numbers import TABLE1
from dmcore.experiments.report.comparisons import RowComparison
from dmcore.experiments.report.entries import TableEntry

opened = partial(open_page, "how_it_works.py", chapter=AUGMENTATION.name)


def sent(page: AppTest) -> dict[str, Any]:
    """What the script sent to the component."""
    (proto,) = components_of(page, "dm_augmentation")
    return unpack_pixels(proto.bytes)[0]


def html_of(page: AppTest) -> str:
    return "".join(each.proto.body for each in page.get("html"))


def test_distances_and_accuracies_wait_for_the_guess() -> None:
    page = opened()
    assert sent(page)["revealed"] is False
    assert "What does augmentation buy".lower() not in text_of(page).lower()
    page.button(key="how_it_works_guess_zero").click().run()
    assert sent(page)["revealed"] is True
    assert "No: they lie apart." in text_of(page)
    assert "what does augmentation buy" in text_of(page)


def test_a_link_reproduces_its_state() -> None:
    page = opened(guess="change", augmentation_operation="rotate", augmentation_real="12")
    assert sent(page)["state"] == {"label": 9, "operation": "rotate", "seed": 0, "real": "12", "copies": ""}


@pytest.mark.parametrize("term", ["omega", "omega2", "distance"])
def test_each_term_of_the_formula_has_a_part_of_the_picture(term: str) -> None:
    picture = (PACKAGE / "components" / "augmentation" / "component.html").read_text(encoding="utf-8")
    assert f'data-term="{term}"' in html_of(opened())
    assert f'data-term="{term}"' in picture


def test_the_recorded_sets_differ_in_augmentation_alone() -> None:
    gain = recorded_gain()
    assert gain is not None
    ours, theirs = gain.comparison.ours, gain.comparison.theirs
    assert ours.sets == 3
    table, *runs = gain.entries
    assert table.results is not None
    (condense, *_) = {
        cell.recipe.condense.model_copy(update={"seed": 0})
        for cell in table.results.table.cells
        if cell.recipe.condense is not None and cell.row == "DM" and cell.column == "1 per class"
    }
    seeds = set()
    for entry in runs:
        assert entry.run is not None
        config = entry.run.config
        assert config is not None
        assert config.augment == ()
        seeds.add(config.seed)
        changes = {"seed": 0, "augment": condense.augment, "sets": (), "images_per_class": 1}
        assert config.model_copy(update=changes) == condense.model_copy(update=changes)
    assert len(seeds) == len(runs) == theirs.sets
    assert all(len(accuracies) == 3 for accuracies in (*ours.by_set, *theirs.by_set))
    with_it, without = gain.images
    assert with_it.shape == without.shape
    assert np.abs(with_it.astype(int) - without).mean() > 1


def test_the_page_shows_both_sides_with_n_verdict_and_provenance() -> None:
    page = opened(guess="change")
    gain = recorded_gain()
    assert gain is not None
    table = html_of(page)
    for accuracy in gain.accuracies:
        assert accuracy.text in table
        assert accuracy.counts_text in table
    assert gain.comparison.outcome in remark_of(gain.comparison)
    assert escape(remark_of(gain.comparison)) in table
    assert plain_spaces(gain.sentence) in plain_spaces(text_of(page))
    provenance = provenance_text(find_recorded("table1-fashion").provenance)
    assert plain_spaces(plain_text(provenance)) in text_of(page)


def gain_of(ours: tuple[float, ...], theirs: tuple[float, ...]) -> AugmentationGain:
    """A gain of sets with one network each."""
    sides = [
        TableEntry(name, "1 per class", tuple((mean,) for mean in means))
        for name, means in (("With augmentation", ours), ("Without", theirs))
    ]
    images = np.zeros((10, 1, 1, 28, 28), np.uint8)
    return AugmentationGain(RowComparison(*sides), (), (images, images))


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        ((75.0, 75.1, 75.2), (70.0, 70.1, 70.2), "learn more"),
        ((70.0, 70.1, 70.2), (75.0, 75.1, 75.2), "learn less"),
        ((70.0, 71.0, 72.0), (70.5, 71.0, 71.6), "no difference"),
        ((75.0, 75.1), (70.0, 70.1), "no difference"),
    ],
)
def test_the_sentence_follows_the_verdict(
    ours: tuple[float, ...], theirs: tuple[float, ...], words: str
) -> None:
    assert words in gain_of(ours, theirs).sentence


def test_without_recorded_runs_it_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = tuple(entry for entry in recorded_entries() if entry.provenance.kind == "table")
    monkeypatch.setattr(augmentation_gain, "recorded_entries", lambda: tables)
    assert recorded_gain() is None
    assert MISSING in text_of(opened(guess="change"))


def test_where_nothing_is_gained_here_it_says_why_one_does_it_and_what_it_bought_elsewhere() -> None:
    sentence = plain_spaces(gain_of((70.0, 71.0, 72.0), (70.5, 71.0, 71.6)).sentence)
    assert "Why do it then?" in sentence
    dc, dsa = (TABLE1["cifar10"][method].split(" / ")[1].split("±")[0] for method in ("dc", "dsa"))
    assert (
        f"on CIFAR-10 with 10 per class an earlier method went from {dc} % right (DC) to {dsa} %" in sentence
    )
    assert "Why" not in gain_of((75.0, 75.1, 75.2), (70.0, 70.1, 70.2)).sentence
