"""Contenders in processes of their own, their steps taken in turns. Must not import torch."""

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
"""Times that the parts are timed, after the turns: they take memory of their own."""


class ContenderError(ValueError):
    """A process that was timed is gone."""


@dataclass(frozen=True)
class Timing:
    """What one case gave, turn by turn."""

    case: Case
    seconds: list[float] = field(default_factory=list)
    """Of an iteration of ours."""
    parts: list[dict[str, float]] = field(default_factory=list)
    """Seconds of the parts of an iteration with a fresh real side."""
    rates: list[float] = field(default_factory=list)
    """Operations a second of this machine's convolution."""
    reference: list[float] = field(default_factory=list)
    """Seconds of an iteration of the reference, in the same turns."""
    differences: list[float] = field(default_factory=list)
    """Relative difference of the two losses; nothing where replay makes them differ."""
    memory: list[int | None] = field(default_factory=list)
    """Bytes above what was in use before the first step: ours, the reference's; None where nobody counts."""
    device: list[str] = field(default_factory=list)
    """Where ours computed, once."""
    image_flops: list[int] = field(default_factory=list)
    """Operations of one image's way through the network, once."""

    @property
    def reference_flops(self) -> int:
        """Operations of an iteration with a fresh real side: a gradient on the images is as much again."""
        return self.image_flops[0] * (self.case.real_images + 2 * self.case.synthetic_images)

    @property
    def flops(self) -> float:
        """Operations of an iteration of ours as direct convolutions need them, with replay on average.

        Winograd's way does fewer, so a share of the machine's rate may be above one.
        """
        real = self.case.real_images / self.case.fresh_every
        return self.image_flops[0] * (real + 2 * self.case.synthetic_images)

    @property
    def images_per_second(self) -> float:
        """Real and synthetic images a second that pass a network."""
        images = self.case.real_images / self.case.fresh_every + self.case.synthetic_images
        return images / median(self.seconds)

    @property
    def part_medians(self) -> dict[str, float]:
        """Seconds of each part, and what an iteration takes beyond them (not with replay)."""
        medians = {name: median(one[name] for one in self.parts) for name in self.parts[0]}
        if not self.case.config.replay:
            medians["bookkeeping"] = max(0.0, median(self.seconds) - sum(medians.values()))
        return medians

    @property
    def real_share(self) -> float:
        """Share of the machine's rate that the real side reaches, augmenting and drawing included."""
        seconds = sum(self.part_medians[name] for name in ("draw", "augment", "real features"))
        return self.image_flops[0] * self.case.real_images / seconds / max(self.rates)

    @property
    def ratios(self) -> list[float]:
        """How many times faster than the reference, turn by turn."""
        return [theirs / ours for ours, theirs in zip(self.seconds, self.reference, strict=True)]


def time_case(case: Case, rounds: int, against_plain: bool = False) -> Iterator[Timing]:
    """Time a case; yields the same growing result after each turn, and once more when it is whole.

    Args:
        case: the problem.
        rounds: turns of each contender, after one that does not count.
        against_plain: whether the plain step (`plain_step.py`) takes its turns beside ours.

    Raises:
        ValueError: the case cannot be computed as asked, with the remedy.
        ContenderError: a contender crashed; what it said is on standard error.
    """
    timing = Timing(case)
    with ExitStack() as stack:
        ours = stack.enter_context(_contender("ours", case))
        theirs = stack.enter_context(_contender("plain", case)) if against_plain else None
        both = [one for one in (ours, theirs) if one]
        for turn in range(rounds + 1):
            order = both if turn % 2 else both[::-1]  # neither always comes after the other
            answers = [_ask(one, "step") for one in order][:: 1 if turn % 2 else -1]
            if not turn:
                continue  # what is slow the first time only
            timing.seconds.append(answers[0]["seconds"])
            if theirs:
                timing.reference.append(answers[1]["seconds"])
                if not case.config.replay:
                    expected = answers[1]["loss"]
                    timing.differences.append(abs(answers[0]["loss"] - expected) / abs(expected))
            yield timing
        timing.memory.extend(_ask(one, "memory")["bytes"] for one in both)
        for _ in range(min(rounds, MAX_PART_TIMINGS)):
            told = _ask(ours, "parts")
            timing.parts.append(told["parts"])
            timing.rates.append(told["rate"])
        timing.image_flops.append(told["image_flops"])
        timing.device.append(told["device"])
        yield timing


@contextmanager
def _contender(kind: str, case: Case) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "dmcore.bench.contender", kind, case.model_dump_json()]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ourselves
    try:
        yield process
    finally:
        process.kill()
        with suppress(BrokenPipeError):  # words that it never read
            process.communicate()


def _ask(process: "subprocess.Popen[str]", word: str) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError):  # it ended: what it said is on standard error
        process.stdin.write(word + "\n")
        process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise ContenderError(f"the step that was timed ended with code {process.wait()}: see its words above")
    answer: dict[str, Any] = json.loads(line)
    if "refusal" in answer:
        raise ValueError(answer["refusal"])
    return answer
