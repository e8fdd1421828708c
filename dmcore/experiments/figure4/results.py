"""Results of a race as one JSON file: the accuracy of each lane at each moment. Never imports torch.

A race has a folder below the runs root, with its lanes' states to resume from and their images at each
moment.
"""

import io
from pathlib import Path

import numpy as np

from dmcore.config.methods import Method
from dmcore.experiments.figure4.config import MOMENTS, Figure4Config
from dmcore.files.atomic import storage_errors_explained, write_atomically
from dmcore.files.checked_json import Record, read_record, write_record
from dmcore.files.npz import DAMAGED_NPZ
from dmcore.runs.display.images import DisplayImages

FOLDER, FILE, LOCK = "races", "results.json", "race.lock"


class RacePoint(Record):
    """A lane tested at a moment."""

    seed: int
    """Of the race."""
    method: Method
    moment: int
    """0 is the start; a lane whose event takes long may skip some."""
    seconds: float
    """The lane's clock, which counts its own turns only."""
    iterations: float
    """Iterations, with the share of the one at work."""
    accuracies: tuple[float, ...]
    """Percent of all test images, of each network."""

    @property
    def accuracy(self) -> float:
        """Mean of the networks, in percent."""
        return float(np.mean(self.accuracies))


class LaneFailure(Record):
    """A lane that could not go on."""

    seed: int
    method: Method
    sentence: str


class RaceResults(Record):
    """Content of the results file of a race."""

    config: Figure4Config
    points: tuple[RacePoint, ...] = ()
    failures: tuple[LaneFailure, ...] = ()
    data: str = ""
    """Digest of the data set."""
    data_title: str = ""
    class_names: tuple[str, ...] = ()
    machine: str = ""
    """Processor, device and threads that all lanes had; more than one if it was resumed elsewhere."""

    @property
    def seeds(self) -> tuple[int, ...]:
        """Races that have begun."""
        return tuple(sorted({point.seed for point in self.points}))

    @property
    def complete_seeds(self) -> tuple[int, ...]:
        """Races in which every lane has ended."""
        lanes = self.config.lanes
        return tuple(seed for seed in self.seeds if all(self.ended(method, seed) for method in lanes))

    @property
    def compared_seeds(self) -> tuple[int, ...]:
        """Races that numbers are of: those that are complete; before there is one, the first."""
        return self.complete_seeds or self.seeds[:1]

    @property
    def complete(self) -> bool:
        """Whether every lane of every race has ended."""
        seeds = range(self.config.seeds)
        return all(self.ended(method, seed) for seed in seeds for method in self.config.lanes)

    @property
    def tests(self) -> tuple[int, int]:
        """Number of tests done, and of all; moments that a lane skipped or missed count as done."""
        lanes = [(method, seed) for seed in range(self.config.seeds) for method in self.config.lanes]
        done = sum(
            MOMENTS + 1 if self.ended(*lane) else max((p.moment + 1 for p in self.of(*lane)), default=0)
            for lane in lanes
        )
        return done, self.config.count_tests()

    @property
    def pictured(self) -> tuple[RacePoint, ...]:
        """Points whose images a page shows: the last of each lane in the first race."""
        lanes = (self.of(method, 0) for method in self.config.lanes)
        return tuple(points[-1] for points in lanes if points)

    def of(self, method: Method, seed: int) -> tuple[RacePoint, ...]:
        """Points of a lane, in the order of time."""
        return tuple(point for point in self.points if (point.method, point.seed) == (method, seed))

    def failure(self, method: Method, seed: int) -> str:
        """Why a lane could not go on; else empty."""
        named = (failure for failure in self.failures if (failure.method, failure.seed) == (method, seed))
        return next((failure.sentence for failure in named), "")

    def ended(self, method: Method, seed: int) -> bool:
        """Whether a lane has been tested at its last moment, or has failed."""
        points = self.of(method, seed)
        return bool(self.failure(method, seed)) or bool(points and points[-1].moment == MOMENTS)


def race_folder(runs_root: Path, config: Figure4Config) -> Path:
    """Folder of a race."""
    return runs_root / FOLDER / f"{config.name}-{config.key}"


def read_race(runs_root: Path, config: Figure4Config, data: str = "") -> RaceResults:
    """Stored results of a race; none where there are none, or of other data than those of this digest.

    Raises:
        DamagedFileError: the file is damaged.
    """
    try:
        stored = read_race_file(race_folder(runs_root, config) / FILE)
    except FileNotFoundError:
        return RaceResults(config=config)
    same = stored.config.key == config.key and (not data or stored.data in ("", data))
    return stored if same else RaceResults(config=config)


def read_race_file(file: Path) -> RaceResults:
    """Read one results file.

    Raises:
        FileNotFoundError: there is no such file.
        DamagedFileError: it is damaged.
    """
    return read_record(RaceResults, file, "delete it, and run the race again")


def write_race(folder: Path, results: RaceResults) -> None:
    """Write the results file atomically.

    Raises:
        StorageError: the disk is full or refuses.
    """
    with storage_errors_explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    write_record(folder / FILE, results)


def write_images(folder: Path, point: RacePoint, images: DisplayImages) -> None:
    """Write the images that a lane had at a point: uint8 [class, image, channel, height, width].

    Raises:
        StorageError: the disk is full or refuses.
    """
    content = io.BytesIO()
    np.save(content, images)
    write_atomically(_images_file(folder, point), content.getvalue())


def read_images(folder: Path, point: RacePoint) -> DisplayImages | None:
    """Images that a lane had at a point; None where they are missing or damaged."""
    try:
        images = np.load(_images_file(folder, point), allow_pickle=False)
    except (OSError, *DAMAGED_NPZ):
        return None
    return images if images.dtype == np.uint8 and images.ndim == 5 else None


def _images_file(folder: Path, point: RacePoint) -> Path:
    return folder / f"{point.method}-{point.seed}-{point.moment}.npy"
