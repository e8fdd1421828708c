"""What is asked of the placing process for a run: its cloud of real images, and placements of its sets.

A placement is where the images of every set stand on the still map at one iteration, with their numbers.
Values only; must not draw, nor import torch.
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
    MetricRecord,
    ProjectedCloud,
    ProjectedSet,
    RunMetrics,
    RunProjection,
)
from dmcore.feature_space import projection
from dmcore.feature_space.coverage import metrics
from dmcore.feature_space.subsample import stars_per_class
from dmcore.runs.folder import RunFolder

if TYPE_CHECKING:
    from app.jobs.manager import JobManager

MIN_PROJECTION_SECONDS, MAX_PROJECTION_SECONDS = 1.9, 5.0
"""Seconds from one placement of a run at work to the next: pages ask every two."""
MIN_METRICS_SECONDS, MAX_METRICS_SECONDS = 15.0, 60.0
"""Seconds from one measuring of a run at work to the next: it costs three times what placing does."""
TIME_SHARE = 0.05
"""Of the time that placing may take beside a run, and measuring once more."""
CLOUD, SCREEN, JOINT_MAP, HISTORY = range(4)
"""Priorities."""
VERSIONS = (projection.FORMAT, metrics.FORMAT)
"""Of maps and numbers: answers of other versions are not read."""


def request_cloud(choice: CloudChoice, placer: ProjectionClient | None = None) -> Any:
    """The cloud: `ProjectedCloud`, `Making` or `Failed`; wanted if nobody has yet."""
    placer = placer or get_projection_client()
    key = ("cloud", choice.key)
    ask = partial(Message, {"do": "cloud", "cloud": choice.said()})
    placer.want(ProjectionRequest(key, CLOUD, ask, partial(_cloud_of, choice), kept=_cloud_file(choice)))
    return placer.look(key)


def retry_failed(choice: CloudChoice) -> None:
    """Let all that could not be made for a cloud be tried again."""
    get_projection_client().forget_failures(choice.key)


def newest_projection(
    choice: CloudChoice, run: RunFolder, manager: "JobManager", patience: float = 0.0
) -> Any:
    """Where a run's images stand now, or stood a few seconds ago: `RunProjection`, `Failed` or `Making`."""
    cloud = request_cloud(choice)
    if not isinstance(cloud, ProjectedCloud):
        return cloud
    job = manager.current
    snapshot = job.snapshot if job is not None and job.run_id == run.id and job.active else None
    if snapshot is None or not snapshot.pixels:
        kept = stored_iterations(run)
        return stored_projection(choice, run, kept[-1], patience) if kept else None
    placer, key = get_projection_client(), _live_key(choice, run)
    known = placer.look(key)
    last = known if isinstance(known, RunProjection) else None
    measure = last is None or _measuring_is_due(last, snapshot.iteration)
    if measure or (last is not None and _placing_is_due(last, snapshot.iteration)):
        start = last.sets if last is not None else {}
        earlier = last.measured if last is not None and not measure else None
        ask = partial(_place_message, choice, dict(snapshot.pixels), start, measure)
        read = partial(_placement_of, choice, snapshot.iteration, earlier)
        placer.want(
            ProjectionRequest(key, SCREEN, ask, read, then=partial(_remember, choice, run)), again=True
        )
    return placer.wait(key, patience) if known is None and patience else placer.look(key)


def _placing_is_due(last: RunProjection, iteration: int) -> bool:
    wait = min(max(MIN_PROJECTION_SECONDS, last.seconds / TIME_SHARE), MAX_PROJECTION_SECONDS)
    return last.iteration != iteration and time.time() - (last.made_at - last.seconds) >= wait


def _measuring_is_due(last: RunProjection, iteration: int) -> bool:
    measured = last.measured
    wait = min(max(MIN_METRICS_SECONDS, measured.seconds / TIME_SHARE), MAX_METRICS_SECONDS)
    return measured.iteration != iteration and time.time() - (measured.made_at - measured.seconds) >= wait


def stored_projection(choice: CloudChoice, run: RunFolder, iteration: int, patience: float = 0.0) -> Any:
    """Where a run's images stood at a kept iteration: `RunProjection`, `Failed` or `Making`."""
    cloud = request_cloud(choice)
    if not isinstance(cloud, ProjectedCloud):
        return cloud
    placer, want = get_projection_client(), stored_request(choice, run, iteration, SCREEN)
    placer.want(want)
    return placer.wait(want.key, patience) if patience else placer.look(want.key)


def known_projections(choice: CloudChoice, run: RunFolder) -> list[RunProjection]:
    """Every placement that is there, by iteration: of stored moments, and of those seen live."""
    placer = get_projection_client()
    found = [placer.look(stored_key(choice, run, one)) for one in stored_iterations(run)]
    live = placer.look(_seen_key(choice, run)) or ()
    by_iteration = {one.iteration: one for one in (*live, *found) if isinstance(one, RunProjection)}
    return [by_iteration[one] for one in sorted(by_iteration)]


def fresh_projection(choice: CloudChoice, images_per_class: int, patience: float = 0.0) -> Any:
    """As many real images that are not in the cloud, placed and measured: (PlacedSet, numbers)."""
    cloud = request_cloud(choice)
    if not isinstance(cloud, ProjectedCloud):
        return cloud
    placer, key = get_projection_client(), ("fresh", map_id(choice), images_per_class)

    def read(answer: Message) -> tuple[ProjectedSet, tuple[MetricRecord, ...]]:
        check_same_map(choice, answer)
        arrays = answer.arrays
        placed = ProjectedSet(arrays["place"], arrays["label"], arrays["image"], arrays["pictures"])
        return placed, tuple(answer.said["measures"])

    said = {"do": "fresh", "cloud": choice.said(), "images_per_class": images_per_class}
    placer.want(
        ProjectionRequest(key, SCREEN, partial(Message, said), read, kept=projection_cache_file(choice, *key))
    )
    return placer.wait(key, patience) if patience else placer.look(key)


def thumbs(choice: CloudChoice, patience: float = 0.0) -> Any:
    """The real images of the cloud, uint8 [real, channel, height, width]."""
    placer, key = get_projection_client(), ("thumbs", choice.key)
    said = {"do": "thumbs", "cloud": choice.said()}
    placer.want(
        ProjectionRequest(key, SCREEN, lambda: Message(said), lambda answer: answer.arrays["pictures"])
    )
    return placer.wait(key, patience) if patience else placer.look(key)


def stored_request(
    choice: CloudChoice,
    run: RunFolder,
    iteration: int,
    priority: int,
    start: Mapping[str, ProjectedSet] | None = None,
) -> ProjectionRequest:
    """`start`: where the images stood before; left out, at the nearest earlier moment that is known."""

    def ask() -> Message:
        pixels = {name: run.snapshot(name, iteration).pixels for name in run.set_names}
        earlier = [one for one in known_projections(choice, run) if one.iteration < iteration]
        before = start if start is not None else earlier[-1].sets if earlier else {}
        return _place_message(choice, pixels, before)

    key = stored_key(choice, run, iteration)
    try:
        kept = projection_cache_file(choice, *key, *run.snapshot_stamps(iteration))
    except (ValueError, OSError):  # removed meanwhile: asking for it says so
        kept = None
    return ProjectionRequest(key, priority, ask, partial(_placement_of, choice, iteration, None), kept=kept)


def _place_message(
    choice: CloudChoice,
    pixels: Mapping[str, LearnedPixels],
    start: Mapping[str, ProjectedSet],
    measure: bool = True,
) -> Message:
    arrays: dict[str, Array] = {
        f"{name}/pixels": one[:, : stars_per_class(*one.shape[:2])] for name, one in pixels.items()
    }
    arrays |= {f"{name}/start": one.place for name, one in start.items()}
    said = {"do": "place", "cloud": choice.said(), "sets": list(pixels), "measure": measure}
    return Message(said, arrays)


def _placement_of(
    choice: CloudChoice, iteration: int, measured: RunMetrics | None, answer: Message
) -> RunProjection:
    """`measured`: the numbers of an earlier moment; None: those in the answer."""
    check_same_map(choice, answer)
    said, now = answer.said, time.time()
    sets = {
        name.removesuffix("/place"): ProjectedSet(
            place, answer.arrays[f"{name[:-6]}/label"], answer.arrays[f"{name[:-6]}/image"]
        )
        for name, place in answer.arrays.items()
        if name.endswith("/place")
    }
    if measured is None:
        measures = {name: tuple(told) for name, told in said["measures"].items()}
        measured = RunMetrics(iteration, measures, now, said["measuring"])
    return RunProjection(iteration, sets, measured, now, said["seconds"], message_bytes(answer))


def _cloud_of(choice: CloudChoice, answer: Message) -> ProjectedCloud:
    said, arrays = answer.said, answer.arrays
    return ProjectedCloud(
        f"{choice.key}-{said['map_key']}",
        arrays["positions"],
        arrays["label"],
        said["count"],
        said["map_key"],
        said["sentence"],
        said["note"],
    )


def _remember(choice: CloudChoice, run: RunFolder) -> None:
    """Keep what was seen live, for the curves."""
    placer = get_projection_client()
    newest = placer.look(_live_key(choice, run))
    if isinstance(newest, RunProjection):
        seen = (*(placer.look(_seen_key(choice, run)) or ()), newest)[-500:]
        placer.keep(_seen_key(choice, run), seen, len(seen) * newest.bytes)


def map_id(choice: CloudChoice) -> str:
    """Which map the stars stand on: what was placed on another one is not found."""
    cloud = get_projection_client().look(("cloud", choice.key))
    return f"{choice.key} {cloud.map_key if isinstance(cloud, MadeCloud) else ''}"


def check_same_map(choice: CloudChoice, answer: Message) -> None:
    """Drop a cloud that stayed from an earlier visit where the placing process now makes another map.

    Raises:
        ValueError: the answer stands on another map than the cloud that is known.
    """
    placer, key = get_projection_client(), ("cloud", choice.key)
    known = placer.look(key)
    if not isinstance(known, ProjectedCloud) or known.map_key == answer.said["map_key"]:
        return
    if (kept := _cloud_file(choice)) is not None:
        delete_cached_answer(kept)
    placer.forget(key)
    raise ValueError("this is placed on another map than the one that is shown")


def _cloud_file(choice: CloudChoice) -> Path | None:
    """Where a cloud stays; nowhere if nothing tells whether its images have changed."""
    return cache_path(cache_root() / "clouds", *VERSIONS, choice.key) if choice.digest else None


def projection_cache_file(choice: CloudChoice, *depends: object) -> Path | None:
    """Where an answer stays that depends on these; nowhere if the cloud stays nowhere."""
    return cache_path(cache_root() / "placements", *VERSIONS, *depends) if choice.digest else None


def stored_key(choice: CloudChoice, run: RunFolder, iteration: int) -> Key:
    """Under which the placement of a kept iteration is known."""
    return ("stored", map_id(choice), str(run.path), iteration)


def _live_key(choice: CloudChoice, run: RunFolder) -> Key:
    return ("live", map_id(choice), str(run.path))


def _seen_key(choice: CloudChoice, run: RunFolder) -> Key:
    return ("seen", map_id(choice), str(run.path))
