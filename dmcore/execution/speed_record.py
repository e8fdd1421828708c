"""Record of how long the elementary pieces of work take on this machine, in the user's cache folder.

A piece is measured once for a moment, or scaled by operations from one of its kind that was; each finished
job corrects the pieces it was made of. Seconds are those of a quiet machine: see `machine.MachineLoad`.
"""

import math
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from dmcore.execution.cost import Piece, PieceKind, Workload
from dmcore.execution.speed_file import RecordedSpeed, SpeedFile

OVERHEAD_OPERATIONS: Mapping[PieceKind, float] = {
    "real_side": 5e8,
    "matching": 2e8,
    "real_gradient": 1e9,
    "synthetic_gradient": 1e9,
    "update": 1.2e8,
    "split_update": 1.2e8,
    "test": 6e8,
}
"""Operations that take as long as the fixed cost of a piece, until two pieces of a network tell it: an update
at width 32 costs that of 110 more images of 8×8 pixels (2 cores, n = 3; at width 128 twice as many
operations)."""
LEAST_OVERHEAD, OVERHEAD_SHARE = 1e7, 0.9
"""Least operations of a fixed cost, and its share of the larger of two pieces at most: on a GPU both may take
equally long."""
SIMILAR = 4.0
"""Factor of operations up to which a piece of a measured network is scaled and not measured."""
FIRST_CORRECTION, LATER_CORRECTION = 0.8, 0.5
"""Weight, of the logarithm, of a finished job against what is recorded: a short measurement is less sure."""
LARGEST_CORRECTION = 8.0
LEAST_SECONDS = 2.0
"""Shorter jobs correct nothing: what happens once, such as opening files, is a large part of them."""
START_SECONDS = 0.4
"""Before the first piece of a job and after its last: a plan, a folder, a checkpoint."""
ASSUMED_RATE = 1e10
"""Operations per second where nothing at all is recorded."""


@dataclass(frozen=True)
class _Speed:
    seconds: float
    operations: float
    jobs: int = 0
    measured_at: int = 0
    """As in `RecordedSpeed`."""

    @property
    def measured(self) -> bool:
        """Whether a measurement or a job told it; else it was scaled from another, and is not stored."""
        return bool(self.measured_at or self.jobs)


class SpeedRecord:
    """Recorded speeds of one machine, device and number of threads. Thread-safe."""

    def __init__(self, cache: Path, machine: str) -> None:
        """Read the record; a damaged file is ignored, and replaced with the next measurement.

        Args:
            cache: the cache root.
            machine: processor, device and threads.
        """
        self._file, self._machine, self._lock = SpeedFile(cache), machine, threading.Lock()
        self._speeds = {
            recorded.piece: _Speed(
                recorded.seconds, recorded.operations, recorded.jobs, recorded.measured_at or 0
            )
            for recorded in self._file.read()
            if recorded.machine == machine
        }

    def missing(self, work: Workload) -> tuple[Piece, ...]:
        """Pieces of a job that have no speed yet."""
        return tuple(piece for piece in work.pieces if piece not in self._speeds)

    def seconds(self, work: Workload) -> float | None:
        """Seconds of a job on the quiet machine; None where a piece has no speed yet."""
        with self._lock:
            if not all(piece in self._speeds for piece in work.pieces):
                return None
            pieces = math.fsum(count * self._speeds[piece].seconds for piece, count in work.counts)
            return pieces + START_SECONDS if pieces else 0.0

    def scaled_seconds(self, workload: Workload) -> float:
        """Seconds of a job on the quiet machine; a piece without a speed is scaled. This may need torch."""
        for piece in self.missing(workload):
            self.scale(piece)
        return self.seconds(workload) or 0.0

    def piece_seconds(self, piece: Piece) -> float:
        """Seconds of a piece; one without a speed is scaled. This may need torch."""
        speed = self._speeds.get(piece)
        return self.scale(piece) if speed is None else speed.seconds

    def covers(self, work: Workload) -> bool:
        """Whether every piece has a speed, or one of its kind was measured to scale from."""
        with self._lock:
            kinds = {piece.kind for piece, speed in self._speeds.items() if speed.measured}
        return all(piece.kind in kinds for piece in self.missing(work))

    def has_similar(self, piece: Piece) -> bool:
        """Whether a piece of its kind and network was measured that is not much larger or smaller."""
        operations, fixed = operations_of(piece), OVERHEAD_OPERATIONS[piece.kind]
        size = operations + fixed  # a fixed cost by measurement, were it wrong, would prevent the next one
        return operations > 0 and any(
            1 / SIMILAR <= (speed.operations + fixed) / size <= SIMILAR for speed in self._of_network(piece)
        )

    def scale(self, piece: Piece) -> float:
        """Add a piece by the speed of the nearest of its kind, in proportion of operations; returns seconds.

        Where nothing of the kind is recorded a usual rate is assumed. A network that cannot be built takes
        no time: whoever trains it says why.
        """
        scaled = self._scaled(piece)
        with self._lock:
            self._speeds[piece] = scaled
        return scaled.seconds

    def expected_seconds(self, work: Workload) -> float:
        """Seconds of a job by the record, which stays as it is; at a usual rate where it is empty."""
        return math.fsum(
            count * (self._speeds.get(piece) or self._scaled(piece)).seconds for piece, count in work.counts
        )

    def add(self, seconds: Mapping[Piece, float]) -> None:
        """Add pieces that were measured together, and store them.

        Raises:
            StorageError: the cache cannot be written to.
        """
        now = time.time_ns()
        measured = {
            piece: _Speed(each, operations_of(piece), measured_at=now) for piece, each in seconds.items()
        }
        with self._lock:
            self._speeds |= measured
        self._store(tuple(measured))

    def correct(
        self, work: Workload, seconds: float, slowdown: float = 1.0, pieces: Collection[Piece] = ()
    ) -> None:
        """Correct the pieces of a finished job, or of the part that was done, by the time it took.

        The error is shared by all its pieces, in proportion. What was only measured for a moment, or scaled,
        of the same kind and architecture is corrected with it: it has the same bias.

        Args:
            work: what was done.
            seconds: how long it took, waits for a person not counted.
            slowdown: by which other processes slowed it down.
            pieces: the only ones that the job came to, where it was stopped before others; if empty, all.

        Raises:
            StorageError: the cache cannot be written to.
        """
        expected = self.seconds(work)
        if expected is None or not expected or seconds < LEAST_SECONDS:
            return
        limit = math.log(LARGEST_CORRECTION)
        error = max(-limit, min(limit, math.log(seconds / slowdown / expected)))
        done = frozenset(pieces or work.pieces)
        kinds = {(piece.kind, piece.network.network) for piece in done}
        with self._lock:
            for piece, speed in self._speeds.items():
                if piece in done or (not speed.jobs and (piece.kind, piece.network.network) in kinds):
                    weight = LATER_CORRECTION if speed.jobs else FIRST_CORRECTION
                    self._speeds[piece] = replace(
                        speed,
                        seconds=speed.seconds * math.exp(weight * error),
                        jobs=speed.jobs + (piece in done),
                    )
        self._store([piece for piece in done if piece in self._speeds])

    def _scaled(self, piece: Piece) -> _Speed:
        operations = operations_of(piece)
        nearest = self._nearest(piece, operations)
        if not operations:
            seconds = 0.0
        elif nearest is None:
            seconds = (operations + OVERHEAD_OPERATIONS[piece.kind]) / ASSUMED_RATE
        else:
            other, speed = nearest
            fixed = self._overhead(other)
            seconds = speed.seconds * (operations + fixed) / (speed.operations + fixed)
        return _Speed(seconds, operations)

    def _overhead(self, piece: Piece) -> float:
        """Fixed cost of pieces of its kind and network, in operations: from a small and a large one.

        Both were measured together, or jobs corrected both: others may differ by what else was computed then.
        """
        speeds = sorted(self._of_network(piece), key=lambda speed: speed.operations)
        together: dict[int, list[_Speed]] = defaultdict(list)
        for speed in speeds:
            together[speed.measured_at].append(speed)
        corrected = [speed for speed in speeds if speed.jobs]
        ends = [(group[0], group[-1]) for group in (corrected, *together.values()) if group]
        far_apart = [pair for pair in ends if pair[1].operations >= SIMILAR * pair[0].operations]
        if not far_apart:
            return OVERHEAD_OPERATIONS[piece.kind]
        small, large = max(far_apart, key=lambda pair: pair[1].operations / (pair[0].operations + 1))
        most = large.operations * OVERHEAD_SHARE / (1 - OVERHEAD_SHARE)
        longer = large.seconds - small.seconds
        if longer <= 0:
            return most
        fixed = (small.seconds * large.operations - large.seconds * small.operations) / longer
        return max(LEAST_OVERHEAD, min(most, fixed))

    def _of_network(self, piece: Piece) -> list[_Speed]:
        """Measured speeds of its kind and network."""
        with self._lock:
            return [
                speed
                for other, speed in self._speeds.items()
                if speed.measured and (other.kind, other.network) == (piece.kind, piece.network)
            ]

    def _nearest(self, piece: Piece, operations: float) -> tuple[Piece, _Speed] | None:
        """The measured piece of the same kind to scale from: of the same network first, then of its size."""

        def distance(measured: tuple[Piece, _Speed]) -> tuple[bool, bool, float]:
            other, speed = measured
            size = abs(math.log((speed.operations + 1) / (operations + 1)))
            return other.network != piece.network, other.network.network != piece.network.network, size

        with self._lock:
            of_kind = [
                (other, speed)
                for other, speed in self._speeds.items()
                if other.kind == piece.kind and speed.measured
            ]
        return min(of_kind, key=distance, default=None)

    def _store(self, pieces: Collection[Piece]) -> None:
        """Write the speeds of these pieces, without those that are scaled."""
        with self._lock:
            measured = {piece: speed for piece in pieces if (speed := self._speeds[piece]).measured}
        self._file.write(
            [
                RecordedSpeed(machine=self._machine, piece=piece, **vars(speed))
                for piece, speed in measured.items()
            ]
        )


def operations_of(piece: Piece) -> float:
    """Floating-point operations of a piece; 0 where its network cannot be built for its images."""
    from dmcore.execution.operation_count import image_operations

    try:
        return float(piece.passes * image_operations(piece.network, piece.shape, piece.classes))
    except ValueError:
        return 0.0
