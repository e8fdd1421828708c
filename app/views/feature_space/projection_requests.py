"""Requests to the projection worker: the cloud of real images, and projections of a run's sets.

A projection holds the coordinates of every set's images on the map at one iteration, with their metrics.
"""

import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.data.folders import cache_root
from app.jobs.live_snapshot import LearnedPixels
from app.run.run_view import stored_iterations
from app.views.feature_space.messages import Array, Message, message_bytes
from app.views.feature_space.projection_cache import cache_path, delete_cached_answer
from app.views.feature_space.projection_client import (
    Key,
    ProjectionClient,
    ProjectionRequest,
    get_projection_client,
)
from app.views.feature_space.projection_values import (
    CloudChoice,
    CloudProjection,
    MetricRecord,
    RunMetrics,
    RunProjection,
    SetProjection,
)
from dmcore.feature_space.coverage.metrics import FORMAT as METRICS_FORMAT
from dmcore.feature_space.projection import FORMAT as MAP_FORMAT
from dmcore.feature_space.subsample import stars_per_class
from dmcore.runs.folder import RunFolder

if TYPE_CHECKING:
    from app.jobs.manager import JobManager

MIN_PROJECTION_SECONDS, MAX_PROJECTION_SECONDS = 1.9, 5.0
"""Seconds between two projections of a run in progress: pages poll every two."""
MIN_METRICS_SECONDS, MAX_METRICS_SECONDS = 15.0, 60.0
"""Seconds between two measurements of a run in progress: measuring costs three times what projecting does."""
TIME_SHARE = 0.05
"""Fraction of the time that projecting may take during a run, and measuring once more."""
CLOUD, SCREEN, JOINT_MAP, HISTORY = range(4)
"""Priorities of requests."""
VERSIONS = (MAP_FORMAT, METRICS_FORMAT)
"""Versions of maps and metrics: cached answers of other versions are not read."""


def request_cloud(choice: CloudChoice, client: ProjectionClient | None = None) -> Any:
    """Get or request a cloud: `CloudProjection`, `ProjectionPending` or `ProjectionFailed`."""
    client = client or get_projection_client()
    key = ("cloud", choice.key)
    build_message = partial(Message, {"do": "cloud", "cloud": choice.as_request()})
    client.request(
        ProjectionRequest(
            key, CLOUD, build_message, partial(_parse_cloud, choice), cache_file=_cloud_file(choice)
        )
    )
    return client.get(key)


def retry_failed(choice: CloudChoice) -> None:
    """Let the failed requests of a cloud be tried again."""
    get_projection_client().discard_failures(choice.key)


def newest_projection(
    choice: CloudChoice, run: RunFolder, manager: "JobManager", patience: float = 0.0
) -> Any:
    """Newest projection of a run: `RunProjection`, `ProjectionFailed` or `ProjectionPending`.

    Of a run in progress it may be a few seconds old.
    """
    cloud = request_cloud(choice)
    if not isinstance(cloud, CloudProjection):
        return cloud
    job = manager.current
    snapshot = job.snapshot if job is not None and job.run_id == run.id and job.active else None
    if snapshot is None or not snapshot.pixels:
        stored = stored_iterations(run)
        return stored_projection(choice, run, stored[-1], patience) if stored else None
    client, key = get_projection_client(), _live_key(choice, run)
    known = client.get(key)
    last = known if isinstance(known, RunProjection) else None
    measure = last is None or _metrics_are_due(last, snapshot.iteration)
    if measure or (last is not None and _projection_is_due(last, snapshot.iteration)):
        start = last.sets if last is not None else {}
        earlier = last.metrics if last is not None and not measure else None
        build_message = partial(_projection_message, choice, dict(snapshot.pixels), start, measure)
        parse = partial(_parse_projection, choice, snapshot.iteration, earlier)
        client.request(
            ProjectionRequest(
                key, SCREEN, build_message, parse, on_answer=partial(_store_live_projection, choice, run)
            ),
            again=True,
        )
    return client.wait(key, patience) if known is None and patience else client.get(key)


def _projection_is_due(last: RunProjection, iteration: int) -> bool:
    wait = min(max(MIN_PROJECTION_SECONDS, last.seconds / TIME_SHARE), MAX_PROJECTION_SECONDS)
    return last.iteration != iteration and time.time() - (last.created_at - last.seconds) >= wait


def _metrics_are_due(last: RunProjection, iteration: int) -> bool:
    metrics = last.metrics
    wait = min(max(MIN_METRICS_SECONDS, metrics.seconds / TIME_SHARE), MAX_METRICS_SECONDS)
    return metrics.iteration != iteration and time.time() - (metrics.created_at - metrics.seconds) >= wait


def stored_projection(choice: CloudChoice, run: RunFolder, iteration: int, patience: float = 0.0) -> Any:
    """Projection of a stored iteration: `RunProjection`, `ProjectionFailed` or `ProjectionPending`."""
    cloud = request_cloud(choice)
    if not isinstance(cloud, CloudProjection):
        return cloud
    client, request = get_projection_client(), stored_request(choice, run, iteration, SCREEN)
    client.request(request)
    return client.wait(request.key, patience) if patience else client.get(request.key)


def known_projections(choice: CloudChoice, run: RunFolder) -> list[RunProjection]:
    """All projections in memory, by iteration: of stored iterations, and live ones."""
    client = get_projection_client()
    stored = [client.get(stored_key(choice, run, iteration)) for iteration in stored_iterations(run)]
    live = client.get(_live_history_key(choice, run)) or ()
    by_iteration = {
        projection.iteration: projection
        for projection in (*live, *stored)
        if isinstance(projection, RunProjection)
    }
    return [by_iteration[iteration] for iteration in sorted(by_iteration)]


def fresh_projection(choice: CloudChoice, images_per_class: int, patience: float = 0.0) -> Any:
    """Random real images that are not in the cloud, projected and measured: (`SetProjection`, metrics)."""
    cloud = request_cloud(choice)
    if not isinstance(cloud, CloudProjection):
        return cloud
    client, key = get_projection_client(), ("fresh", map_id(choice), images_per_class)

    def parse(answer: Message) -> tuple[SetProjection, tuple[MetricRecord, ...]]:
        check_same_map(choice, answer)
        arrays = answer.arrays
        projected = SetProjection(arrays["place"], arrays["label"], arrays["image"], arrays["pictures"])
        return projected, tuple(answer.header["measures"])

    header = {"do": "fresh", "cloud": choice.as_request(), "images_per_class": images_per_class}
    client.request(
        ProjectionRequest(
            key, SCREEN, partial(Message, header), parse, cache_file=projection_cache_file(choice, *key)
        )
    )
    return client.wait(key, patience) if patience else client.get(key)


def cloud_thumbnails(choice: CloudChoice) -> Any:
    """Thumbnails of the cloud's real images, uint8 [real, channel, height, width]."""
    client, key = get_projection_client(), ("thumbs", choice.key)
    header = {"do": "thumbs", "cloud": choice.as_request()}
    client.request(
        ProjectionRequest(key, SCREEN, lambda: Message(header), lambda answer: answer.arrays["pictures"])
    )
    return client.get(key)


def stored_request(
    choice: CloudChoice,
    run: RunFolder,
    iteration: int,
    priority: int,
    start: Mapping[str, SetProjection] | None = None,
) -> ProjectionRequest:
    """Request for the projection of a stored iteration.

    `start`: coordinates that the images start from; left out, those of the nearest earlier iteration.
    """

    def build_message() -> Message:
        pixels = {name: run.snapshot(name, iteration).pixels for name in run.set_names}
        earlier = [known for known in known_projections(choice, run) if known.iteration < iteration]
        coordinates = start if start is not None else earlier[-1].sets if earlier else {}
        return _projection_message(choice, pixels, coordinates)

    key = stored_key(choice, run, iteration)
    try:
        cache_file = projection_cache_file(choice, *key, *run.snapshot_stamps(iteration))
    except (ValueError, OSError):  # removed meanwhile: the request fails with the reason
        cache_file = None
    return ProjectionRequest(
        key,
        priority,
        build_message,
        partial(_parse_projection, choice, iteration, None),
        cache_file=cache_file,
    )


def _projection_message(
    choice: CloudChoice,
    pixels: Mapping[str, LearnedPixels],
    start: Mapping[str, SetProjection],
    measure: bool = True,
) -> Message:
    arrays: dict[str, Array] = {
        f"{name}/pixels": images[:, : stars_per_class(*images.shape[:2])] for name, images in pixels.items()
    }
    arrays |= {f"{name}/start": projected.positions for name, projected in start.items()}
    header = {"do": "place", "cloud": choice.as_request(), "sets": list(pixels), "measure": measure}
    return Message(header, arrays)


def _parse_projection(
    choice: CloudChoice, iteration: int, metrics: RunMetrics | None, answer: Message
) -> RunProjection:
    """`metrics`: those of an earlier iteration; None: those in the answer."""
    check_same_map(choice, answer)
    header, now = answer.header, time.time()
    sets = {
        name.removesuffix("/place"): SetProjection(
            positions, answer.arrays[f"{name[:-6]}/label"], answer.arrays[f"{name[:-6]}/image"]
        )
        for name, positions in answer.arrays.items()
        if name.endswith("/place")
    }
    if metrics is None:
        by_set = {name: tuple(records) for name, records in header["measures"].items()}
        metrics = RunMetrics(iteration, by_set, now, header["measuring"])
    return RunProjection(iteration, sets, metrics, now, header["seconds"], message_bytes(answer))


def _parse_cloud(choice: CloudChoice, answer: Message) -> CloudProjection:
    header, arrays = answer.header, answer.arrays
    return CloudProjection(
        f"{choice.key}-{header['map_key']}",
        arrays["positions"],
        arrays["label"],
        header["count"],
        header["map_key"],
        header["sentence"],
        header["note"],
    )


def _store_live_projection(choice: CloudChoice, run: RunFolder) -> None:
    """Store a live projection for the curves."""
    client = get_projection_client()
    newest = client.get(_live_key(choice, run))
    if isinstance(newest, RunProjection):
        history = (*(client.get(_live_history_key(choice, run)) or ()), newest)[-500:]
        client.store(_live_history_key(choice, run), history, len(history) * newest.bytes)


def map_id(choice: CloudChoice) -> str:
    """Identifier of the map that stars are projected onto, part of every key: other maps have other keys."""
    cloud = get_projection_client().get(("cloud", choice.key))
    return f"{choice.key} {cloud.map_key if isinstance(cloud, CloudProjection) else ''}"


def check_same_map(choice: CloudChoice, answer: Message) -> None:
    """Check that an answer is of the known map; else discard the cloud, which is of an earlier visit.

    Raises:
        ValueError: the answer is of another map than the cloud in memory.
    """
    client, key = get_projection_client(), ("cloud", choice.key)
    known = client.get(key)
    if not isinstance(known, CloudProjection) or known.map_key == answer.header["map_key"]:
        return
    if (path := _cloud_file(choice)) is not None:
        delete_cached_answer(path)
    client.discard(key)
    raise ValueError("this projection is of another map than the one that is shown")


def _cloud_file(choice: CloudChoice) -> Path | None:
    """Cache file of a cloud; None without a digest of its images, which tells whether they have changed."""
    return cache_path(cache_root() / "clouds", *VERSIONS, choice.key) if choice.digest else None


def projection_cache_file(choice: CloudChoice, *depends: object) -> Path | None:
    """Cache file of an answer that depends on these values; None if the cloud has none."""
    return cache_path(cache_root() / "placements", *VERSIONS, *depends) if choice.digest else None


def stored_key(choice: CloudChoice, run: RunFolder, iteration: int) -> Key:
    """Key of the projection of a stored iteration."""
    return ("stored", map_id(choice), str(run.path), iteration)


def _live_key(choice: CloudChoice, run: RunFolder) -> Key:
    return ("live", map_id(choice), str(run.path))


def _live_history_key(choice: CloudChoice, run: RunFolder) -> Key:
    return ("seen", map_id(choice), str(run.path))
