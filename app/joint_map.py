"""The paper's figure 3 of one moment: one t-SNE of the real images and all that is shown with them.

Every point moves every other one, so each moment has its own map and none of them follows a run; the numbers
are those of any map. Must not draw, nor import torch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from app.clouds import SCREEN, kept_file, map_of
from app.map_beside import StoredSet
from app.messages import Array, Message
from app.placements import CloudChoice, PlacedSet
from app.placer import Want, get_placer
from dmcore.stars import stars_per_class

FRESH_PANEL = "fresh"


@dataclass(frozen=True)
class JointPicture:
    """Where everything stands."""

    key: str
    positions: Array
    """float32 [real, 2]."""
    sets: dict[str, PlacedSet]
    """By panel; random real images under `FRESH_PANEL`."""


def joint_picture(choice: CloudChoice, sets: Sequence[StoredSet], fresh: int) -> object:
    """The joint map of a cloud's real images, these sets and so many fresh real images of each class.

    Returns:
        `JointPicture`; `Making` or `Failed` while there is none.
    """
    placer = get_placer()
    stamps = [one.run.snapshot_stamps(one.iteration) for one in sets]
    key = ("joint", map_of(choice), *((str(one.run.path), one.panel) for one in sets), fresh)

    def ask() -> Message:
        pixels = {one.panel: one.run.snapshot(one.name, one.iteration).pixels for one in sets}
        said = {"do": "joint", "cloud": choice.said(), "sets": list(pixels), "fresh": fresh}
        return Message(
            said,
            {f"{name}/pixels": one[:, : stars_per_class(*one.shape[:2])] for name, one in pixels.items()},
        )

    kept = kept_file(*key, *stamps)
    placer.want(Want(key, SCREEN, ask, partial(_picture_of, kept.stem), kept=kept))
    return placer.look(key)


def _picture_of(key: str, answer: Message) -> JointPicture:
    arrays = answer.arrays
    names = [name.removesuffix("/place") for name in arrays if name.endswith("/place")]
    sets = {
        name: PlacedSet(
            arrays[f"{name}/place"],
            arrays[f"{name}/label"],
            arrays[f"{name}/image"],
            arrays.get(f"{name}/pictures"),
        )
        for name in names
    }
    return JointPicture(key, arrays["positions"], sets)
