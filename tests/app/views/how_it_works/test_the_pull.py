"""Chapter on the pull: what a link shows, what is hidden before the guess, and what is missing is said."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from support.frames import unpack_frame
from support.pages import components_of, open_page, plain_spaces, text_of

from app.components.pull.state import PullState
from app.data.recorded import OPENING_RUN
from app.text.provenance import provenance_text
from app.views.how_it_works.the_pull import THE_PULL, first_class, remember_state
from dmcore.experiments.gallery.recorded import find_recorded
from dmcore.runs.folder import RunFolder
from dmcore.runs.recompute.scene_file import read_scenes

opened = partial(open_page, "how_it_works.py", chapter=THE_PULL.name)


@pytest.fixture
def recorded() -> RunFolder:
    run = find_recorded(OPENING_RUN).run
    assert run is not None
    return run


def drawn(page: AppTest) -> dict[str, Any]:
    (proto,) = components_of(page, "dm_pull")
    return unpack_frame(proto.bytes)[0]


def test_it_opens_with_the_ankle_boot_at_iteration_0_and_asks(recorded: RunFolder) -> None:
    page = opened()
    assert THE_PULL.question in text_of(page)
    head = drawn(page)
    assert head["revealed"] is False
    assert head["class_names"][head["label"]] == "Ankle boot"
    assert [scene["iteration"] for scene in head["scenes"]] == [0, 1, 2, 3, 4, 5]
    stored = read_scenes(recorded, recorded.set_names[0], head["label"])
    assert [scene["loss"] for scene in head["scenes"]] == [scene.loss for scene in stored]
    assert head["state"] == {"iteration": 0, "phase": 0, "label": head["label"], "image": 0, "formula": 0}
    provenance = provenance_text(find_recorded(OPENING_RUN).provenance)
    assert plain_spaces(provenance) in plain_spaces(text_of(page))


def test_what_happens_to_the_network_is_told_only_after_the_guess() -> None:
    def first_phase(**query: str) -> str:
        return " ".join(sentences[0] for sentences in drawn(opened(**query))["sentences"])

    assert "never trained" in first_phase(guess="both")
    asked = first_phase()
    assert "random." in asked
    assert "never trained" not in asked
    assert "thrown away" not in asked
    assert not any(word in str(THE_PULL.sentence) for word in ("better", "step by step", "pixels"))


def test_a_link_names_iteration_phase_class_and_image() -> None:
    link = {"pull_iteration": "3", "pull_phase": "6", "pull_label": "1", "pull_image": "4"}
    head = drawn(opened(guess="pixels", **link))
    assert head["revealed"] is True
    assert head["class_names"][head["label"]] == "Trouser"
    assert head["state"] == {"iteration": 3, "phase": 6, "label": 1, "image": 4, "formula": 0}


def test_a_class_that_is_not_there_is_the_first_one() -> None:
    head = drawn(opened(guess="pixels", pull_label="77"))
    assert head["class_names"][head["label"]] == "Ankle boot"


def test_the_first_class_is_no_choice(recorded: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    stored: dict[str, str] = {}
    monkeypatch.setattr("app.views.how_it_works.the_pull.remember", stored.update)
    remember_state(recorded, PullState(phase=5, label=first_class(recorded)))
    assert stored == {
        "pull_iteration": "",
        "pull_phase": "5",
        "pull_label": "",
        "pull_image": "",
        "pull_formula": "",
    }
    remember_state(recorded, PullState(phase=5, label=1))
    assert stored["pull_label"] == "1"


def test_without_a_gallery_the_page_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DM_GALLERY", str(tmp_path))
    page = opened()
    assert not page.exception
    assert "The recorded run is not here: install the program again" in text_of(page)
    assert not components_of(page, "dm_pull")
