"""Scene of a matching step of DC or DSA in eight phases, from the network to its training.

The scene travels once; phases, play and keys are the browser's, nothing is reported. Its look is the pull's.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.components.matching.sentences import PHASES, phase_sentences
from app.components.packed_frame import pack_frame
from app.components.scripts import declare_component
from app.text.narration import describe_operation
from dmcore.config import GradientMatchingConfig
from dmcore.runs.recompute.matching_scene import MatchingScene

_PARTS = (
    *("../packed_frame", "../keyboard", "../room", "../pull/painting"),
    *("scene", "layers", "training", "mount"),
)
_MATCHING = declare_component("dm_matching", __file__, _PARTS, styles=("../pull/component",))


@dataclass(frozen=True)
class Matching:
    """Content of the component; its fields are what its scripts read."""

    scene: MatchingScene
    phases: Sequence[str]
    """Name of each."""
    sentences: Sequence[str]
    """On each."""
    augmentation: str
    """In words."""
    remote: bool
    """Whether Page Down and Page Up, a presentation remote's keys, go from phase to phase."""
    below: float
    """Rem of what is to be in sight below it."""


def show_matching(
    key: str,
    scene: MatchingScene,
    config: GradientMatchingConfig,
    class_name: str,
    *,
    remote: bool = False,
    below: float = 0,
) -> None:
    """Draw the scene, or update it in place.

    Args:
        key: widget key.
        scene: of a class.
        config: of the run.
        class_name: name of the class.
        remote: whether a presentation remote's keys go from phase to phase.
        below: rem of what is to be in sight below it.
    """
    is_number = scene.next_loss is None or math.isfinite(scene.next_loss)
    matching = Matching(
        scene=scene if is_number else replace(scene, next_loss=None),
        phases=PHASES,
        sentences=phase_sentences(scene, config, class_name),
        augmentation=describe_operation(scene.operation, scene.parameters, scene.real.shape[1]),
        remote=remote,
        below=below,
    )
    _MATCHING(key=key, data=pack_frame(vars(matching)))
