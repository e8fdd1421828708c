"""Map of a run's images among the real ones as a small file, shown without computing: `RUN/maps/*.npz`.

It holds the answers of the projection worker to all that a page asks about a finished run: the cloud of real
images, as many random real ones, and the run's images at every stored iteration with their metrics.
"""

import io
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from dmcore.config import NetworkSpec
from dmcore.feature_space.coverage.metrics import FORMAT as METRICS_FORMAT
from dmcore.feature_space.projection import FORMAT as MAP_FORMAT
from dmcore.feature_space.subsample import stars_per_class
from dmcore.files.atomic import storage_errors_explained, write_atomically
from dmcore.files.messages import Array, Message
from dmcore.files.npz import DAMAGED_NPZ
from dmcore.runs.folder import RunFolder

if TYPE_CHECKING:
    from dmcore.data.images import DataSet

Features = Literal["trained", "random", "pixels"]
MapKind = Literal["tsne", "pca"]
VERSIONS = (MAP_FORMAT, METRICS_FORMAT)
"""Versions of maps and metrics: a file of others is not read."""
CLOUD = "cloud"
_HEADS = "heads"


def map_file(run: RunFolder, features: str, kind: str) -> Path:
    """File of a run's map in a feature space."""
    return run.path / "maps" / f"{features}-{kind}.npz"


def fresh_name(images_per_class: int) -> str:
    """Name of the answer with so many random real images of each class."""
    return f"fresh {images_per_class}"


def stored_name(iteration: int) -> str:
    """Name of the answer with the run's images at a stored iteration."""
    return f"iteration {iteration}"


def write_map(
    run: RunFolder,
    dataset: "DataSet",
    cache: Path,
    features: Features = "random",
    kind: MapKind = "tsne",
    on_progress: Callable[[str, float], None] = lambda doing, done: None,
) -> Path:
    """Project the stored iterations of a run onto the map of its data set, measure them, and store it all.

    Args:
        run: a run with images.
        dataset: the real images that it was learned from.
        cache: cache folder for fitted maps.
        features: feature space.
        kind: of map.
        on_progress: called with the activity and the fraction of it that is done (0 to 1).

    Raises:
        ValueError: the real images are others than the run's, or the images are damaged.
        StorageError: the disk is full or refuses.
    """
    from dmcore.feature_space.projection_worker import ProjectionWorker

    spec = NetworkSpec() if run.config is None else run.config.network_spec()
    choice = {
        "key": run.id,
        "dataset": dataset.name,
        "digest": run.description.data.digest or "",
        "data_root": "",
        "cache_root": str(cache),
        "features": features,
        "map": kind,
        "spec": spec.model_dump(mode="json"),
    }
    worker = ProjectionWorker({(dataset.name, ""): dataset})

    def ask(do: str, arrays: Mapping[str, Array], **fields: object) -> Message:
        return worker.answer(Message({"do": do, "cloud": choice, **fields}, arrays), on_progress)

    answers = {CLOUD: ask("cloud", {})}
    for each in sorted({stars_per_class(len(run.class_names), item.images_per_class) for item in run.sets}):
        answers[fresh_name(each)] = ask("fresh", {}, images_per_class=each)
    before: Mapping[str, Array] = {}
    for iteration in run.snapshots():
        arrays = {f"{name}/start": before[f"{name}/place"] for name in run.set_names if before}
        for name in run.set_names:
            pixels = run.snapshot(name, iteration).pixels
            arrays[f"{name}/pixels"] = pixels[:, : stars_per_class(*pixels.shape[:2])]
        answer = ask("place", arrays, sets=run.set_names, measure=True)
        answers[stored_name(iteration)], before = answer, answer.arrays
    path = map_file(run, features, kind)
    with storage_errors_explained(path.parent):
        path.parent.mkdir(exist_ok=True)
    write_atomically(path, _pack(answers))
    return path


def read_map(run: RunFolder, features: str, kind: str) -> Mapping[str, Message]:
    """Answers about a run's map by their names; empty where none are stored, or by an older program.

    Raises:
        ValueError: the file is damaged.
    """
    path = map_file(run, features, kind)
    try:
        return _read_once(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return {}
    except (OSError, *DAMAGED_NPZ) as error:
        raise ValueError(f"{path} is damaged: write the map of run {run.id} again") from error


def _pack(answers: Mapping[str, Message]) -> bytes:
    """Compressed .npz of all arrays, and the headers as JSON."""
    heads = {name: answer.header for name, answer in answers.items()}
    text = json.dumps({"versions": VERSIONS, "answers": heads}, separators=(",", ":")).encode()
    arrays: dict[str, Any] = {_HEADS: np.frombuffer(text, np.uint8)}
    for name, answer in answers.items():
        arrays |= {f"{name}|{part}": array for part, array in answer.arrays.items()}
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


@lru_cache(maxsize=4)
def _read_once(path: Path, changed: int) -> Mapping[str, Message]:
    """`changed`: when the file was changed, in nanoseconds."""
    with np.load(path, allow_pickle=False) as arrays:
        head = json.loads(arrays[_HEADS].tobytes())
        if tuple(head["versions"]) != VERSIONS:
            return {}
        parts: dict[str, dict[str, Array]] = {name: {} for name in head["answers"]}
        for key in arrays.files:
            if key != _HEADS:
                name, _, part = key.partition("|")
                parts[name][part] = arrays[key]
    return {name: Message(header, parts[name]) for name, header in head["answers"].items()}
