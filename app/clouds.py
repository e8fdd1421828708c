"""What is asked of the placing process for a run: its cloud of real images, and placements of its sets.

A placement is where the images of every set stand on the still map at one iteration, with their numbers.
Those of stored iterations make a film of the run. Values only; must not draw, nor import torch.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.kept_answers import answer_file, drop_answer
from app.live import LearnedPixels
from app.messages import Array, Message, bytes_of
from app.placements import CloudChoice, MadeCloud, PlacedSet, Placement, Told
from app.placer import AFTER_FAILURE, Failed, Key, Making, Placer, Want, get_placer
from app.run_view import kept_iterations
from app.settings import cache_root
from dmcore import projection
from dmcore.coverage import numbers
from dmcore.runs import RunFolder
from dmcore.stars import stars_per_class

if TYPE_CHECKING:
    from app.jobs import JobManager

FRESHEST = 1.9
"""Seconds from the beginning of one placement of a run at work to the next: pages ask every two."""
SELDOMEST = 5.0
"""Seconds after which it goes on in any case: the first placement also makes what it measures with."""
PLACING_SHARE = 0.1
"""Of the time that placing and measuring may take beside a run; measured: 0.2 costs the run a fifth."""
LOOKED_AT = 20.0
"""For so many seconds after a page looked, a run's history is placed further."""
CLOUD, SCREEN, JOINT_MAP, HISTORY = range(4)
"""Priorities."""
VERSIONS = (projection.FORMAT, numbers.FORMAT)
"""Of maps and numbers: answers of other versions are not read."""


def made_cloud(choice: CloudChoice, placer: Placer | None = None) -> Any:
    """The cloud: `MadeCloud`, `Making` or `Failed`; wanted if nobody has yet."""
    placer = placer or get_placer()
    key = ("cloud", choice.key)
    ask = partial(Message, {"do": "cloud", "cloud": choice.said()})
    placer.want(Want(key, CLOUD, ask, partial(_cloud_of, choice), kept=_cloud_file(choice)))
    return placer.look(key)


def forget_failure(choice: CloudChoice) -> None:
    """Let all that could not be made for a cloud be tried again."""
    get_placer().forget_failures(choice.key)


def newest_placement(
    choice: CloudChoice, run: RunFolder, manager: "JobManager", patience: float = 0.0
) -> Any:
    """Where a run's images stand now, or stood a few seconds ago: `Placement`, `Failed` or `Making`."""
    cloud = made_cloud(choice)
    if not isinstance(cloud, MadeCloud):
        return cloud
    job = manager.current
    snapshot = job.snapshot if job is not None and job.run_id == run.id and job.active else None
    if snapshot is None or not snapshot.pixels:
        kept = kept_iterations(run)
        return stored_placement(choice, run, kept[-1], patience) if kept else None
    placer, key = get_placer(), _live_key(choice, run)
    known = placer.look(key)
    start = known.sets if isinstance(known, Placement) else {}
    began_at = known.made_at if isinstance(known, Failed) else 0.0
    if isinstance(known, Placement):
        began_at = known.made_at - known.seconds
    wait = AFTER_FAILURE if isinstance(known, Failed) else FRESHEST
    if isinstance(known, Placement):
        wait = min(max(wait, known.seconds / PLACING_SHARE), SELDOMEST)
    same = isinstance(known, Placement) and known.iteration == snapshot.iteration
    if time.time() - began_at >= wait and not same:
        ask = partial(_place_message, choice, dict(snapshot.pixels), start)
        read = partial(_placement_of, choice, snapshot.iteration)
        placer.want(Want(key, SCREEN, ask, read, then=partial(_remember, choice, run)), again=True)
    return placer.wait(key, patience) if known is None and patience else placer.look(key)


def stored_placement(choice: CloudChoice, run: RunFolder, iteration: int, patience: float = 0.0) -> Any:
    """Where a run's images stood at a kept iteration: `Placement`, `Failed` or `Making`."""
    cloud = made_cloud(choice)
    if not isinstance(cloud, MadeCloud):
        return cloud
    placer, want = get_placer(), _stored_want(choice, run, iteration, SCREEN)
    placer.want(want)
    return placer.wait(want.key, patience) if patience else placer.look(want.key)


def known_placements(choice: CloudChoice, run: RunFolder) -> list[Placement]:
    """Every placement that is there, by iteration: of stored moments, and of those seen live."""
    placer = get_placer()
    found = [placer.look(_stored_key(choice, run, one)) for one in kept_iterations(run)]
    live = placer.look(_seen_key(choice, run)) or ()
    by_iteration = {one.iteration: one for one in (*live, *found) if isinstance(one, Placement)}
    return [by_iteration[one] for one in sorted(by_iteration)]


def want_history(choice: CloudChoice, run: RunFolder, manager: "JobManager") -> int:
    """Have the stored moments placed one after the other while nothing is at work; how many lack.

    Each begins where the one before ended, so that stars move and do not jump.
    """
    placer, now = get_placer(), time.monotonic()
    came = now - _history_looked_at.get((choice.key, run.id), -LOOKED_AT) >= LOOKED_AT
    _history_looked_at[(choice.key, run.id)] = now
    if not isinstance(placer.look(("cloud", choice.key)), MadeCloud):
        return len(kept_iterations(run))
    found = [placer.look(_stored_key(choice, run, one)) for one in kept_iterations(run)]
    lacking = [one for one in found if not isinstance(one, Placement | Failed)]
    if lacking and (came or not manager.busy):
        _want_next(choice, run, manager)
        found = [placer.look(_stored_key(choice, run, one)) for one in kept_iterations(run)]
    return sum(not isinstance(one, Placement | Failed) for one in found)


def fresh_placement(choice: CloudChoice, images_per_class: int, patience: float = 0.0) -> Any:
    """As many real images that are not in the cloud, placed and measured: (PlacedSet, numbers)."""
    cloud = made_cloud(choice)
    if not isinstance(cloud, MadeCloud):
        return cloud
    placer, key = get_placer(), ("fresh", map_of(choice), images_per_class)

    def read(answer: Message) -> tuple[PlacedSet, tuple[Told, ...]]:
        compare_maps(choice, answer)
        arrays = answer.arrays
        placed = PlacedSet(arrays["place"], arrays["label"], arrays["image"], arrays["pictures"])
        return placed, tuple(answer.said["measures"])

    said = {"do": "fresh", "cloud": choice.said(), "images_per_class": images_per_class}
    placer.want(Want(key, SCREEN, partial(Message, said), read, kept=kept_file(choice, *key)))
    return placer.wait(key, patience) if patience else placer.look(key)


def thumbs(choice: CloudChoice, patience: float = 0.0) -> Any:
    """The real images of the cloud, uint8 [real, channel, height, width]."""
    placer, key = get_placer(), ("thumbs", choice.key)
    said = {"do": "thumbs", "cloud": choice.said()}
    placer.want(Want(key, SCREEN, lambda: Message(said), lambda answer: answer.arrays["pictures"]))
    return placer.wait(key, patience) if patience else placer.look(key)


_history_looked_at: dict[tuple[str, str], float] = {}


def _want_next(choice: CloudChoice, run: RunFolder, manager: "JobManager") -> None:
    """The first stored moment that is not placed, while somebody looks; beside a run only from the disk."""
    placer = get_placer()
    seen = _history_looked_at.get((choice.key, run.id), -LOOKED_AT)
    if time.monotonic() - seen > LOOKED_AT:
        return
    before: Mapping[str, PlacedSet] = {}
    for iteration in kept_iterations(run):
        known = placer.look(_stored_key(choice, run, iteration))
        if isinstance(known, Making):
            return  # the next one begins where it ends
        if known is None:
            want = _stored_want(choice, run, iteration, HISTORY, before)
            if not placer.recall(want) and not manager.busy:
                placer.want(replace(want, then=partial(_want_next, choice, run, manager)))
                return  # the next one begins where it ends
            known = placer.look(want.key)
        before = known.sets if isinstance(known, Placement) else before


def _stored_want(
    choice: CloudChoice,
    run: RunFolder,
    iteration: int,
    priority: int,
    start: Mapping[str, PlacedSet] | None = None,
) -> Want:
    """`start`: where the images stood before; left out, at the nearest earlier moment that is known."""

    def ask() -> Message:
        pixels = {name: run.snapshot(name, iteration).pixels for name in run.set_names}
        earlier = [one for one in known_placements(choice, run) if one.iteration < iteration]
        before = start if start is not None else earlier[-1].sets if earlier else {}
        return _place_message(choice, pixels, before)

    key = _stored_key(choice, run, iteration)
    try:
        kept = kept_file(choice, *key, *run.snapshot_stamps(iteration))
    except (ValueError, OSError):  # removed meanwhile: asking for it says so
        kept = None
    return Want(key, priority, ask, partial(_placement_of, choice, iteration), kept=kept)


def _place_message(
    choice: CloudChoice, pixels: Mapping[str, LearnedPixels], start: Mapping[str, PlacedSet]
) -> Message:
    arrays: dict[str, Array] = {
        f"{name}/pixels": one[:, : stars_per_class(*one.shape[:2])] for name, one in pixels.items()
    }
    arrays |= {f"{name}/start": one.place for name, one in start.items()}
    said = {"do": "place", "cloud": choice.said(), "sets": list(pixels)}
    return Message(said, arrays)


def _placement_of(choice: CloudChoice, iteration: int, answer: Message) -> Placement:
    compare_maps(choice, answer)
    sets = {
        name.removesuffix("/place"): PlacedSet(
            place, answer.arrays[f"{name[:-6]}/label"], answer.arrays[f"{name[:-6]}/image"]
        )
        for name, place in answer.arrays.items()
        if name.endswith("/place")
    }
    measures = {name: tuple(told) for name, told in answer.said["measures"].items()}
    return Placement(iteration, sets, measures, time.time(), answer.said["seconds"], bytes_of(answer))


def _cloud_of(choice: CloudChoice, answer: Message) -> MadeCloud:
    said, arrays = answer.said, answer.arrays
    return MadeCloud(
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
    placer = get_placer()
    newest = placer.look(_live_key(choice, run))
    if isinstance(newest, Placement):
        seen = (*(placer.look(_seen_key(choice, run)) or ()), newest)[-500:]
        placer.keep(_seen_key(choice, run), seen, len(seen) * newest.bytes)


def map_of(choice: CloudChoice) -> str:
    """Which map the stars stand on: what was placed on another one is not found."""
    cloud = get_placer().look(("cloud", choice.key))
    return f"{choice.key} {cloud.map_key if isinstance(cloud, MadeCloud) else ''}"


def compare_maps(choice: CloudChoice, answer: Message) -> None:
    """Drop a cloud that stayed from an earlier visit where the placing process now makes another map.

    Raises:
        ValueError: the answer stands on another map than the cloud that is known.
    """
    placer, key = get_placer(), ("cloud", choice.key)
    known = placer.look(key)
    if not isinstance(known, MadeCloud) or known.map_key == answer.said["map_key"]:
        return
    if (kept := _cloud_file(choice)) is not None:
        drop_answer(kept)
    placer.forget(key)
    raise ValueError("this is placed on another map than the one that is shown")


def _cloud_file(choice: CloudChoice) -> Path | None:
    """Where a cloud stays; nowhere if nothing tells whether its images have changed."""
    return answer_file(cache_root() / "clouds", *VERSIONS, choice.key) if choice.digest else None


def kept_file(choice: CloudChoice, *depends: object) -> Path | None:
    """Where an answer stays that depends on these; nowhere if the cloud stays nowhere."""
    return answer_file(cache_root() / "placements", *VERSIONS, *depends) if choice.digest else None


def _stored_key(choice: CloudChoice, run: RunFolder, iteration: int) -> Key:
    return ("stored", map_of(choice), str(run.path), iteration)


def _live_key(choice: CloudChoice, run: RunFolder) -> Key:
    return ("live", map_of(choice), str(run.path))


def _seen_key(choice: CloudChoice, run: RunFolder) -> Key:
    return ("seen", map_of(choice), str(run.path))
