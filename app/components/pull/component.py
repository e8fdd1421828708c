"""Linked scene of an update: images, network, features, two means, arrow, pixels, and Algorithm 1 beside it.

The scenes travel once; phases, slow motion and keys are the browser's. The script is told what a reader has
chosen, for the address.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields

import streamlit as st

from app.components.packed_frame import pack_frame
from app.components.pull.sentences import LINES_IN_WORDS, comparison_in_words, phase_sentences
from app.components.pull.state import PullState
from app.components.scripts import declare_component
from app.text.narration import describe_operation
from dmcore.config import CondenseConfig
from dmcore.runs.recompute.scene import UpdateScene

_PARTS = (
    *("../packed_frame", "../reported_state", "../keyboard", "../room"),
    *("scenes", "phases", "plane", "painting", "pictures", "links", "showing", "controls", "mount"),
)
ANSWER = "It is never trained."
"""Begins what the first phase tells of the network only after a prediction."""
_PULL = declare_component("dm_pull", __file__, _PARTS)


@dataclass(frozen=True)
class Pull:
    """Content of the component; its fields are what its scripts read."""

    scenes: Sequence[UpdateScene]
    """One or more updates of one class."""
    sentences: Sequence[Sequence[str]]
    """Of each scene, one for each phase."""
    details: Sequence[str]
    """Of each scene, what its loss is compared with; empty: nothing."""
    words: Sequence[str]
    """For each phase, the line of Algorithm 1 that it belongs to, in words."""
    augmentations: Sequence[str]
    """Of each scene, in words."""
    class_names: Sequence[str]
    """To choose from; of one class no choice is shown."""
    label: int
    """Position of the class in `class_names`."""
    iterations: int
    """Iterations of the run."""


def pull_of(
    scenes: Sequence[UpdateScene],
    config: CondenseConfig,
    class_names: Sequence[str],
    label: int,
    *,
    detailed: bool = False,
) -> Pull:
    """Content for scenes of one class, with their sentences; `detailed` compares with what was recorded."""
    return Pull(
        scenes=scenes,
        sentences=[phase_sentences(scene, config, class_names[label]) for scene in scenes],
        details=[comparison_in_words(scene) if detailed else "" for scene in scenes],
        words=LINES_IN_WORDS,
        augmentations=[
            describe_operation(scene.operation, scene.parameters, scene.real.shape[1]) for scene in scenes
        ],
        class_names=class_names,
        label=label,
        iterations=config.iterations,
    )


def show_pull(
    key: str,
    pull: Pull,
    state: PullState,
    on_change: Callable[[PullState], None],
    *,
    revealed: bool = True,
    page_keys: bool = False,
    remote: bool = False,
    below: float = 0,
) -> None:
    """Draw the scene.

    Args:
        key: widget key.
        pull: what is drawn.
        state: iteration, phase and image that are shown.
        on_change: called, as a Streamlit callback, with what the reader has chosen.
        revealed: whether gradient and step are shown; else the phases before them only.
        page_keys: whether keys anywhere on the page are the scene's, not only those pressed in it.
        remote: whether Page Down and Page Up, a presentation remote's keys, go from phase to phase.
        below: rem of what is to be in sight below it.
    """

    def report() -> None:
        reported = st.session_state[key].get("state")
        if isinstance(reported, Mapping):
            on_change(PullState.of_report(reported))

    sentences = pull.sentences if revealed else [_undisclosed(each) for each in pull.sentences]
    content = {
        **{field.name: getattr(pull, field.name) for field in fields(pull)},
        "sentences": sentences,
        "state": asdict(state),
        "revealed": revealed,
        "page_keys": page_keys,
        "remote": remote,
        "below": below,
    }
    _PULL(key=key, data=pack_frame(content), on_state_change=report)


def _undisclosed(sentences: Sequence[str]) -> list[str]:
    """The sentences of the phases without what a reader is to predict: that no network is trained."""
    return [sentence.partition(ANSWER)[0].rstrip() for sentence in sentences]
