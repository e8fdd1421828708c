"""Joint t-SNE of real and synthetic images at one iteration, as in the paper's figure 3.

Every point moves every other one, so each iteration has its own map and none of them follows a run. Metrics
are the same on any map.
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
from app.views.feature_space.projection_values import CloudChoice, CloudProjection, SetProjection
from app.views.feature_space.reference_sets import StoredSet
from dmcore.config.formatting import sentence
from dmcore.feature_space.subsample import stars_per_class


@dataclass(frozen=True)
class JointProjection:
    """Coordinates of the cloud and of all sets on a joint t-SNE."""

    key: str
    positions: Array
    """float32 [real, 2]."""
    sets: dict[str, SetProjection]
    """By panel; random real images under `FRESH_PANEL`."""
    note: str
    """What was done to make the map possible; usually empty."""


def joint_projection(choice: CloudChoice, sets: Sequence[StoredSet], fresh: int) -> object:
    """Get or request the joint t-SNE of a cloud, these sets and `fresh` random real images of each class.

    Returns:
        `JointProjection`; `ProjectionPending` or `ProjectionFailed` while there is none.
    """
    cloud = request_cloud(choice)
    if not isinstance(cloud, CloudProjection):
        return cloud
    try:
        stamps = [stored.run.snapshot_stamps(stored.iteration) for stored in sets]
    except (ValueError, OSError) as trouble:
        return ProjectionFailed(sentence(str(trouble)))
    client = get_projection_client()
    key = ("joint", map_id(choice), *((str(stored.run.path), stored.panel) for stored in sets), fresh)

    def build_message() -> Message:
        pixels = {stored.panel: stored.run.snapshot(stored.name, stored.iteration).pixels for stored in sets}
        header = {"do": "joint", "cloud": choice.as_request(), "sets": list(pixels), "fresh": fresh}
        return Message(
            header,
            {
                f"{name}/pixels": images[:, : stars_per_class(*images.shape[:2])]
                for name, images in pixels.items()
            },
        )

    cache_file = projection_cache_file(choice, *key, *stamps)
    name = cache_path(Path(), *key, *stamps).stem
    if client.get(key) is None:
        client.cancel("joint")  # a fit takes seconds: nobody waits for those of other iterations any more
    client.request(
        ProjectionRequest(
            key,
            JOINT_MAP,
            build_message,
            partial(_parse_joint_projection, choice, name),
            cache_file=cache_file,
        )
    )
    return client.get(key)


def _parse_joint_projection(choice: CloudChoice, key: str, answer: Message) -> JointProjection:
    check_same_map(choice, answer)
    arrays = answer.arrays
    names = [name.removesuffix("/place") for name in arrays if name.endswith("/place")]
    sets = {
        name: SetProjection(arrays[f"{name}/place"], arrays[f"{name}/label"], arrays[f"{name}/image"])
        for name in names
    }
    return JointProjection(key, arrays["positions"], sets, answer.header["note"])
