"""Timing of benchmark cases in rounds: contenders in processes of their own, their steps alternating."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from dmcore.bench.cases import Case

MAX_PART_TIMINGS = 10
"""Largest number of timings of the parts, after the rounds: they take memory of their own."""
REAL_PARTS = ("draw", "augment", "real features", "real gradients")
"""Parts that are the real side."""


class ContenderError(ValueError):
    """A contender's process has ended unexpectedly."""


@dataclass(frozen=True)
class Timing:
    """Measurements of one case, round by round."""

    case: Case
    seconds: list[float] = field(default_factory=list)
    """Seconds of one of our units."""
    parts: list[dict[str, float]] = field(default_factory=list)
    """Seconds of the parts of a unit with a fresh real side."""
    rates: list[float] = field(default_factory=list)
    """Convolution rate of this machine in operations per second."""
    reference: list[float] = field(default_factory=list)
    """Seconds of a unit of the reference, in the same rounds."""
    differences: list[float] = field(default_factory=list)
    """Relative difference of the two losses; empty with replay, which makes them differ."""
    memory: list[int | None] = field(default_factory=list)
    """Bytes above what was in use before the first step: ours, the reference's; None if not counted."""
    device: list[str] = field(default_factory=list)
    """Device of our contender, a single entry."""
    image_flops: list[int] = field(default_factory=list)
    """Operations of one image's forward pass, a single entry."""

    @property
    def reference_flops(self) -> int:
        """Operations of a unit with a fresh real side."""
        return self.image_flops[0] * (self.case.real_passes + self.case.other_passes)

    @property
    def flops(self) -> float:
        """Operations of one of our units with direct convolutions; with replay the average.

        Winograd convolutions need fewer, so a share of the machine's rate may be above one.
        """
        real = self.case.real_passes / self.case.fresh_every
        return self.image_flops[0] * (real + self.case.other_passes)

    @property
    def flops_per_second(self) -> float:
        """Operations per second, by the median unit."""
        return self.flops / median(self.seconds)

    @property
    def images_per_second(self) -> float:
        """Real and synthetic images per second that pass a network."""
        case = self.case
        images = case.real_images / case.fresh_every + case.synthetic_images + case.trained_images
        return images / median(self.seconds)

    @property
    def part_medians(self) -> dict[str, float]:
        """Median seconds of each part, and without replay the rest of a unit as `bookkeeping`."""
        medians = {name: median(part[name] for part in self.parts) for name in self.parts[0]}
        if not self.case.replays:
            medians["bookkeeping"] = max(0.0, median(self.seconds) - sum(medians.values()))
        return medians

    @property
    def real_share(self) -> float:
        """Share of the machine's rate that the real side reaches, augmenting and drawing included."""
        seconds = sum(seconds for name, seconds in self.part_medians.items() if name in REAL_PARTS)
        return self.image_flops[0] * self.case.real_passes / seconds / max(self.rates)

    @property
    def ratios(self) -> list[float]:
        """Speed-up against the reference, round by round."""
        return [theirs / ours for ours, theirs in zip(self.seconds, self.reference, strict=True)]

    @property
    def facts(self) -> dict[str, Any]:
        """JSON object of the measurements: seconds, bytes, operations per second."""
        facts: dict[str, Any] = {
            "name": self.case.name,
            "method": self.case.config.method,
            "unit": self.case.unit,
            "device": self.device[0],
            "precision": self.case.precision,
            "n": len(self.seconds),
            "seconds": self.seconds,
            "parts": self.part_medians,
            "images_per_second": self.images_per_second,
            "flops": self.flops,
            "flops_per_second": self.flops_per_second,
            "convolution_rate": max(self.rates),
            "share_of_rate": self.flops_per_second / max(self.rates),
            "real_share_of_rate": self.real_share,
            "peak_bytes": self.memory[0],
        }
        if self.reference:
            facts |= {
                "reference_seconds": self.reference,
                "ratio": median(self.ratios),
                "reference_peak_bytes": self.memory[1],
                "largest_loss_difference": max(self.differences, default=None),
            }
        return facts


def time_case(case: Case, rounds: int, against_plain: bool = False) -> Iterator[Timing]:
    """Time a case; yields the same growing result after each round, and once more when it is complete.

    Args:
        case: the benchmark case.
        rounds: number of rounds, after one that does not count.
        against_plain: whether the plain step (`plain_step.py`) is timed alternately with ours.

    Raises:
        ValueError: the case cannot be computed as requested, with the remedy.
        ContenderError: a contender crashed; its output is on standard error.
    """
    timing = Timing(case)
    with ExitStack() as stack:
        ours = stack.enter_context(_contender("ours", case))
        theirs = stack.enter_context(_contender("plain", case)) if against_plain else None
        contenders = [contender for contender in (ours, theirs) if contender]
        for number in range(rounds + 1):
            order = contenders if number % 2 else contenders[::-1]  # neither always comes after the other
            answers = [_request(contender, "step") for contender in order][:: 1 if number % 2 else -1]
            # after a training of many epochs two equal computations are far apart: the last digits decide
            if theirs and not case.replays and not (number and case.trained_images):
                expected = answers[1]["loss"]
                timing.differences.append(abs(answers[0]["loss"] - expected) / abs(expected))
            if not number:
                continue  # includes what is slow the first time only
            timing.seconds.append(answers[0]["seconds"])
            if theirs:
                timing.reference.append(answers[1]["seconds"])
            yield timing
        timing.memory.extend(_request(contender, "memory")["bytes"] for contender in contenders)
        for _ in range(min(rounds, MAX_PART_TIMINGS)):
            answer = _request(ours, "parts")
            timing.parts.append(answer["parts"])
            timing.rates.append(answer["rate"])
        timing.image_flops.append(answer["image_flops"])
        timing.device.append(answer["device"])
        yield timing


@contextmanager
def _contender(kind: str, case: Case) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "dmcore.bench.contender", kind, case.model_dump_json()]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ourselves
    try:
        yield process
    finally:
        process.kill()
        with suppress(BrokenPipeError):  # requests that it never read
            process.communicate()


def _request(process: "subprocess.Popen[str]", request: str) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError):  # it ended: its output is on standard error
        process.stdin.write(request + "\n")
        process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise ContenderError(
            f"the step that was timed ended with code {process.wait()}: see its message above"
        )
    answer: dict[str, Any] = json.loads(line)
    if "refusal" in answer:
        raise ValueError(answer["refusal"])
    return answer
