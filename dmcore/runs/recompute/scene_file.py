"""Scenes of a run's first updates as small files, to be drawn without computing: `RUN/scenes/SET-LABEL.npz`.

They follow from the run's configuration: writing them again gives the same files on the same machine.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dmcore.files.atomic import storage_errors_explained, write_atomically
from dmcore.files.npz import DAMAGED_NPZ
from dmcore.runs.folder import RunFolder
from dmcore.runs.recompute.scene import UpdateScene, update_scene

if TYPE_CHECKING:
    from dmcore.data.images import DataSet

FIRST_UPDATES = 6
"""Updates whose scenes are stored: 0 to 5, in which noise becomes recognisable."""
_HEAD = "head"


def scene_file(run: RunFolder, set_name: str, label: int) -> Path:
    """File of the scenes of a class of a set."""
    return run.path / "scenes" / f"{set_name}-{label}.npz"


def write_scenes(run: RunFolder, dataset: "DataSet", count: int = FIRST_UPDATES) -> list[Path]:
    """Recompute the first updates of a run and store their scenes, one file for each set and class.

    Raises:
        ValueError: see `dmcore.runs.recompute.update`.
        StorageError: the disk is full or refuses.
    """
    from dmcore.runs.recompute.update import recompute_first_updates

    scenes: dict[Path, list[UpdateScene]] = {}
    for update in recompute_first_updates(run, dataset, count):
        for name in run.set_names:
            for label in range(len(run.class_names)):
                scene = update_scene(run, update, name, label)
                scenes.setdefault(scene_file(run, name, label), []).append(scene)
    for path, of_class in scenes.items():
        with storage_errors_explained(path.parent):
            path.parent.mkdir(exist_ok=True)
        write_atomically(path, pack_scenes(of_class))
    return list(scenes)


def read_scenes(run: RunFolder, set_name: str, label: int) -> tuple[UpdateScene, ...]:
    """Read the stored scenes of a class of a set, by iteration; empty where there are none.

    Raises:
        ValueError: the file is damaged.
    """
    path = scene_file(run, set_name, label)
    try:
        return unpack_scenes(path.read_bytes())
    except FileNotFoundError:
        return ()
    except (OSError, *DAMAGED_NPZ) as error:
        raise ValueError(f"{path} is damaged: write the scenes of run {run.id} again") from error


def pack_scenes(scenes: Sequence[UpdateScene]) -> bytes:
    """Pack scenes as a compressed .npz: all arrays, and the other fields as JSON."""
    arrays: dict[str, Any] = {}
    heads = []
    for index, scene in enumerate(scenes):
        head: dict[str, object] = {}
        for field in fields(scene):
            value = getattr(scene, field.name)
            if isinstance(value, tuple):
                head[field.name] = len(value)
                arrays |= {f"{index}/{field.name}/{part}": array for part, array in enumerate(value)}
            elif isinstance(value, np.ndarray):
                arrays[f"{index}/{field.name}"] = value
            else:
                head[field.name] = value
        heads.append(head)
    text = json.dumps(heads, separators=(",", ":"), allow_nan=False).encode()
    file = io.BytesIO()
    arrays[_HEAD] = np.frombuffer(text, np.uint8)
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def unpack_scenes(content: bytes) -> tuple[UpdateScene, ...]:
    """Inverse of `pack_scenes`.

    Raises:
        OSError, DAMAGED_NPZ: it is something else.
    """
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        heads = json.loads(arrays[_HEAD].tobytes())
        return tuple(_scene(head, index, arrays) for index, head in enumerate(heads))


def _scene(head: dict[str, Any], index: int, arrays: Any) -> UpdateScene:
    values = dict(head)
    for field in fields(UpdateScene):
        name = f"{index}/{field.name}"
        if name in arrays:
            values[field.name] = arrays[name]
        elif field.name.endswith("_maps"):
            values[field.name] = tuple(arrays[f"{name}/{part}"] for part in range(head[field.name]))
    return UpdateScene(**values)
