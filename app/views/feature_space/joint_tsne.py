"""The paper's figure 3 of one moment: one t-SNE of the real images and all that is shown with them.

Every point moves every other one, so each moment has its own map and none of them follows a run; the numbers
are those of any map. Must not draw, nor import torch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.views.feature_space.messages import Array, Message
from app.views.feature_space.projection_cache import cache_path
from app.views.feature_space.projection_client import (
    ProjectionFailed,
    ProjectionRequest,
    get_projection_client,
)
from app.views.feature_space.projection_requests import (
    JOINT_MAP,
    check_same_map,
    map_id,
    projection_cache_file,
    request_cloud,
)
from app.views.feature_space.projection_values import CloudChoice, ProjectedCloud, ProjectedSet
from app.views.feature_space.reference_sets import StoredSet
from dmcore.config.formatting import sentence
from dmcore.feature_space.subsample import stars_per_class


@dataclass(frozen=True)
class JointProjection:
    """Where everything stands."""

    key: str
    positions: Array
    """float32 [real, 2]."""
    sets: dict[str, ProjectedSet]
    """By panel; random real images under `FRESH_PANEL`."""
    note: str
    """What was done to make the map possible; usually empty."""


def joint_projection(choice: CloudChoice, sets: Sequence[StoredSet], fresh: int) -> object:
    """The joint map of a cloud's real images, these sets and so many fresh real images of each class.

    Returns:
        `JointProjection`; `Making` or `ProjectionFailed` while there is none.
    """
    cloud = request_cloud(choice)
    if not isinstance(cloud, ProjectedCloud):
        return cloud
    try:
        stamps = [one.run.snapshot_stamps(one.iteration) for one in sets]
    except (ValueError, OSError) as trouble:
        return ProjectionFailed(sentence(str(trouble)))
    placer = get_projection_client()
    key = ("joint", map_id(choice), *((str(one.run.path), one.panel) for one in sets), fresh)

    def ask() -> Message:
        pixels = {one.panel: one.run.snapshot(one.name, one.iteration).pixels for one in sets}
        said = {"do": "joint", "cloud": choice.said(), "sets": list(pixels), "fresh": fresh}
        return Message(
            said,
            {f"{name}/pixels": one[:, : stars_per_class(*one.shape[:2])] for name, one in pixels.items()},
        )

    kept = projection_cache_file(choice, *key, *stamps)
    name = cache_path(Path(), *key, *stamps).stem
    if placer.look(key) is None:
        placer.withdraw("joint")  # a fit takes seconds: nobody waits for those of other moments any more
    placer.want(ProjectionRequest(key, JOINT_MAP, ask, partial(_picture_of, choice, name), kept=kept))
    return placer.look(key)


def _picture_of(choice: CloudChoice, key: str, answer: Message) -> JointProjection:
    check_same_map(choice, answer)
    arrays = answer.arrays
    names = [name.removesuffix("/place") for name in arrays if name.endswith("/place")]
    sets = {
        name: ProjectedSet(arrays[f"{name}/place"], arrays[f"{name}/label"], arrays[f"{name}/image"])
        for name in names
    }
    return JointProjection(key, arrays["positions"], sets, answer.said["note"])
