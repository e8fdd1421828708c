"""Questions to the projection worker: the cloud of real images, and images projected onto its map."""

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from app.answers.process import ProcessAnswers
from app.answers.question import FORGET_SECONDS, Answer, OutdatedError, Progress, Question
from app.answers.singleton import Singleton
from app.data.folders import cache_root
from app.jobs.manager import get_manager
from app.jobs.run_view import LearnedPixels
from app.views.feature_space.projection_values import (
    FRESH_PANEL,
    CloudChoice,
    CloudProjection,
    FreshImages,
    JointProjection,
    SetProjection,
    StoredSet,
    parse_sets,
)
from app.views.feature_space.recorded_maps import recorded_answers
from dmcore.feature_space.subsample import stars_per_class
from dmcore.files.message_cache import (
    cache_path,
    delete_cached_message,
    read_cached_message,
    write_cached_message,
)
from dmcore.files.messages import Array, Message
from dmcore.runs.folder import RunFolder
from dmcore.runs.recompute.map_file import CLOUD as CLOUD_ANSWER
from dmcore.runs.recompute.map_file import VERSIONS, fresh_name

WORKER = "dmcore.feature_space.projection_process"
CLOUD, SCREEN, JOINT_MAP, HISTORY = range(4)
"""Priorities of questions; a stored iteration that nobody looks at has HISTORY and its number."""


def _is_busy() -> bool:
    manager = get_manager.existing()
    return manager is not None and manager.busy


get_projections = Singleton(lambda: ProcessAnswers("projection", WORKER, _is_busy))
"""The service of this process whose answers the projection worker computes."""


@dataclass(frozen=True)
class MapQuestion(Question[Answer]):
    """Question to the projection worker: a message, how its answer is parsed, and where that is cached."""

    do: ClassVar[str]
    """What the worker is asked to do."""
    choice: CloudChoice
    priority: int = field(default=SCREEN, compare=False, kw_only=True)
    after_job: bool = field(default=False, compare=False, kw_only=True)
    forget_seconds: float = field(default=FORGET_SECONDS, compare=False, kw_only=True)

    def message(self) -> Message:
        """The message, built when it is sent.

        Raises:
            ValueError, OSError: what it is about is missing or damaged.
        """
        return self.request()

    def request(self, arrays: Mapping[str, Array] | None = None, **fields: object) -> Message:
        """Message with what is to be done, the choice of the cloud, and these fields in its header."""
        return Message({"do": self.do, "cloud": self.choice.as_request(), **fields}, arrays or {})

    def parse(self, answer: Message) -> Answer:
        """The worker's answer as a value for pages.

        Raises:
            OutdatedError: it is of another map.
        """
        raise NotImplementedError

    def cache_file(self) -> Path | None:
        """Where the answer is cached on disk for the next visit; None: nowhere."""
        return None

    def answer(self) -> Generator[Progress, None, Answer]:
        """Ask the projection worker.

        Raises:
            ValueError: it cannot be answered; with the remedy.
            OutdatedError: it is of another map.
        """
        file = self.cache_file()  # before the files are read: it tells what they are
        try:
            message = self.message()
        except OSError as trouble:  # such as a snapshot that was removed meanwhile
            raise ValueError(str(trouble)) from trouble
        answer = yield from get_projections().exchange(message)
        value = self.parse(answer)
        if file is not None:
            write_cached_message(file, answer)
        return value

    def recorded(self) -> Message | None:
        """The answer that came with the program; None where it did not."""
        return None

    def load(self) -> Answer | None:
        """Read the answer from the disk cache, or where it is not there, from what came with the program."""
        file = self.cache_file()
        answer = (read_cached_message(file) if file is not None else None) or self.recorded()
        try:
            return None if answer is None else self.parse(answer)
        except (
            ValueError,
            OSError,
            KeyError,
            TypeError,
            AttributeError,
            OutdatedError,
        ):  # the file was changed
            return None


@dataclass(frozen=True)
class Cloud(MapQuestion[CloudProjection]):
    """Question for the real images of a cloud, projected."""

    do = "cloud"
    priority: int = field(default=CLOUD, compare=False, kw_only=True)
    forget_seconds: float = field(default=math.inf, compare=False, kw_only=True)

    def parse(self, answer: Message) -> CloudProjection:
        """The projected cloud."""
        header, arrays = answer.header, answer.arrays
        return CloudProjection(
            f"{self.choice.key}-{header['map_key']}",
            arrays["positions"],
            arrays["label"],
            header["count"],
            header["map_key"],
            header["sentence"],
            header["note"],
        )

    def cache_file(self) -> Path | None:
        """Its file; None without a digest of the images, which tells whether they have changed."""
        digest = self.choice.digest
        return cache_path(cache_root() / "clouds", *VERSIONS, self.choice.key) if digest else None

    def recorded(self) -> Message | None:
        """That of a recorded run on the same cloud."""
        return recorded_answers(self.choice).get(CLOUD_ANSWER)


@dataclass(frozen=True)
class Thumbnails(MapQuestion[Array]):
    """Question for the cloud's real images, uint8 [real, channel, height, width]."""

    do = "thumbs"

    def parse(self, answer: Message) -> Array:
        """The images."""
        return answer.arrays["pictures"]


@dataclass(frozen=True)
class OnMapQuestion(MapQuestion[Answer]):
    """Question about images on the map of a cloud; on another map it is another question."""

    map_key: str
    """Digest of the map, as of `CloudProjection`."""

    @property
    def map_id(self) -> str:
        """Identifier of the map in the names of cached answers."""
        return f"{self.choice.key} {self.map_key}"

    def depends(self) -> tuple[object, ...]:
        """What the answer depends on, for the name of its file; () where it is not cached.

        Raises:
            ValueError, OSError: what it is about is missing.
        """
        return ()

    def cache_file(self) -> Path | None:
        """Its file; None where it is not cached."""
        try:
            depends = self.depends() if self.choice.digest else ()
        except (ValueError, OSError):  # removed meanwhile: the question fails with the reason
            return None
        return cache_path(cache_root() / "placements", *VERSIONS, *depends) if depends else None

    def answer(self) -> Generator[Progress, None, Answer]:
        """Ask the projection worker; raises as `MapQuestion` does.

        A map that came with the program gives way where this machine fits another one: its own counts from
        then on.
        """
        try:
            return (yield from super().answer())
        except OutdatedError:
            cloud, answers = Cloud(self.choice), get_projections()
            if not answers.look(cloud).known and cloud.recorded() is not None:
                answers.put(cloud, (yield from cloud.answer()))
            raise

    def recorded_as(self, name: str, run: RunFolder | None = None) -> Message | None:
        """Recorded answer with a name, of a run or of any on this cloud; None where it is of another map."""
        answers = recorded_answers(self.choice, run)
        is_of_map = CLOUD_ANSWER in answers and answers[CLOUD_ANSWER].header["map_key"] == self.map_key
        return answers.get(name) if is_of_map else None

    def check_map(self, answer: Message) -> None:
        """Check that an answer is of this map; else forget the cloud, which is of an earlier visit.

        Raises:
            OutdatedError: the answer is of another map.
        """
        if answer.header["map_key"] == self.map_key:
            return
        cloud, answers = Cloud(self.choice), get_projections()
        known = answers.look(cloud).value
        if known is not None and known.map_key == self.map_key:
            if (file := cloud.cache_file()) is not None:
                delete_cached_message(file)
            answers.discard(Cloud, cloud.__eq__)
        raise OutdatedError


@dataclass(frozen=True)
class Fresh(OnMapQuestion[FreshImages]):
    """Question for random real images that are not in the cloud, projected and measured."""

    do = "fresh"
    images_per_class: int

    def message(self) -> Message:
        """Request for the images."""
        return self.request(images_per_class=self.images_per_class)

    def parse(self, answer: Message) -> FreshImages:
        """The images and their metrics."""
        self.check_map(answer)
        arrays = answer.arrays
        projected = SetProjection(arrays["place"], arrays["label"], arrays["image"], arrays["pictures"])
        return FreshImages(projected, tuple(answer.header["measures"]))

    def depends(self) -> tuple[object, ...]:
        """The number of images."""
        return "fresh", self.map_id, self.images_per_class

    def recorded(self) -> Message | None:
        """That of a recorded run on the same map."""
        return self.recorded_as(fresh_name(self.images_per_class))


@dataclass(frozen=True)
class Joint(OnMapQuestion[JointProjection]):
    """Question for the joint t-SNE of the cloud, stored sets and random real images: the paper's figure 3.

    Every point moves every other one, so each iteration has its own map and none of them follows a run.
    Metrics are the same on any map.
    """

    do = "joint"
    sets: tuple[StoredSet, ...]
    fresh: int
    """Random real images of each class."""
    priority: int = field(default=JOINT_MAP, compare=False, kw_only=True)

    def message(self) -> Message:
        """Request for the map."""
        pixels = {
            stored.panel: stored.run.snapshot(stored.name, stored.iteration).pixels for stored in self.sets
        }
        fresh = {FRESH_PANEL: self.fresh} if self.fresh else {}
        return self.request(first_images(pixels), sets=list(pixels), fresh=fresh)

    def parse(self, answer: Message) -> JointProjection:
        """The map; its key tells it from those of other iterations."""
        self.check_map(answer)
        key = cache_path(Path(), *self.depends()).stem
        return JointProjection(key, answer.arrays["positions"], parse_sets(answer), answer.header["note"])

    def depends(self) -> tuple[object, ...]:
        """The sets and the change tokens of their files."""
        stamps = [stored.run.snapshot_stamps(stored.iteration) for stored in self.sets]
        sets = ((str(stored.run.path), stored.panel) for stored in self.sets)
        return ("joint", self.map_id, *sets, self.fresh, *stamps)


def first_images(pixels: Mapping[str, LearnedPixels]) -> dict[str, Array]:
    """The images of each class that are projected, by the names of arrays in a message."""
    return {
        f"{name}/pixels": images[:, : stars_per_class(*images.shape[:2])] for name, images in pixels.items()
    }
