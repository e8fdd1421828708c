"""The paper's figure 3 of one moment: one t-SNE of the real images and all that is shown with them.

Every point moves every other one, so each moment has its own map and none of them follows a run; the numbers
are those of any map. Must not draw, nor import torch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.views.feature_space.answer_cache import answer_file
from app.views.feature_space.messages import Array, Message
from app.views.feature_space.projection_client import Failed, Want, get_placer
from app.views.feature_space.projection_requests import JOINT_MAP, compare_maps, kept_file, made_cloud, map_of
from app.views.feature_space.projection_values import CloudChoice, MadeCloud, PlacedSet
from app.views.feature_space.reference_sets import StoredSet
from dmcore.config.formatting import sentence
from dmcore.feature_space.subsample import stars_per_class


@dataclass(frozen=True)
class JointPicture:
    """Where everything stands."""

    key: str
    positions: Array
    """float32 [real, 2]."""
    sets: dict[str, PlacedSet]
    """By panel; random real images under `FRESH_PANEL`."""
    note: str
    """What was done to make the map possible; usually empty."""


def joint_picture(choice: CloudChoice, sets: Sequence[StoredSet], fresh: int) -> object:
    """The joint map of a cloud's real images, these sets and so many fresh real images of each class.

    Returns:
        `JointPicture`; `Making` or `Failed` while there is none.
    """
    cloud = made_cloud(choice)
    if not isinstance(cloud, MadeCloud):
        return cloud
    try:
        stamps = [one.run.snapshot_stamps(one.iteration) for one in sets]
    except (ValueError, OSError) as trouble:
        return Failed(sentence(str(trouble)))
    placer = get_placer()
    key = ("joint", map_of(choice), *((str(one.run.path), one.panel) for one in sets), fresh)

    def ask() -> Message:
        pixels = {one.panel: one.run.snapshot(one.name, one.iteration).pixels for one in sets}
        said = {"do": "joint", "cloud": choice.said(), "sets": list(pixels), "fresh": fresh}
        return Message(
            said,
            {f"{name}/pixels": one[:, : stars_per_class(*one.shape[:2])] for name, one in pixels.items()},
        )

    kept = kept_file(choice, *key, *stamps)
    name = answer_file(Path(), *key, *stamps).stem
    if placer.look(key) is None:
        placer.withdraw("joint")  # a fit takes seconds: nobody waits for those of other moments any more
    placer.want(Want(key, JOINT_MAP, ask, partial(_picture_of, choice, name), kept=kept))
    return placer.look(key)


def _picture_of(choice: CloudChoice, key: str, answer: Message) -> JointPicture:
    compare_maps(choice, answer)
    arrays = answer.arrays
    names = [name.removesuffix("/place") for name in arrays if name.endswith("/place")]
    sets = {
        name: PlacedSet(arrays[f"{name}/place"], arrays[f"{name}/label"], arrays[f"{name}/image"])
        for name in names
    }
    return JointPicture(key, arrays["positions"], sets, answer.said["note"])
