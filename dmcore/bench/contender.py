"""Process of one benchmark contender: times steps and parts on request and reports its memory.

`python -m dmcore.bench.contender ours|plain CASE`; CASE is a `Case` as JSON. Reads requests (`step`, `parts`,
`memory`) from standard input, a line each, and answers each with a line of JSON.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import torch

from dmcore.bench.cases import Case
from dmcore.bench.our_gradient_step import OurGradientStep
from dmcore.bench.our_step import OurStep
from dmcore.bench.plain_gradient_step import PlainGradientStep
from dmcore.bench.plain_step import plain_step
from dmcore.config import CondenseConfig

STEPS = {"ours": OurStep, "plain": plain_step}
GRADIENT_STEPS = {"ours": OurGradientStep, "plain": PlainGradientStep}
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def main() -> None:
    """Answer requests until standard input ends."""
    kind, case = sys.argv[1], Case.model_validate_json(sys.argv[2])
    try:
        steps = STEPS if isinstance(case.config, CondenseConfig) else GRADIENT_STEPS
        step = steps[kind](case)
        memory = _Memory()
        for line in sys.stdin:
            _send(_answer(line.strip(), step, case, memory))
    except (ValueError, MemoryError, torch.OutOfMemoryError) as refusal:
        _send({"refusal": str(refusal) or "out of memory"})


def _send(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)  # noqa: T201 - what standard output is for


def _answer(request: str, step: Any, case: Case, memory: "_Memory") -> dict[str, Any]:
    if request == "parts":
        facts = {"rate": step.rate(), "image_flops": step.image_flops, "device": step.device}
        return {"parts": step.parts(), **facts}
    if request == "memory":
        return {"bytes": memory.peak_increase()}
    began = time.perf_counter()
    losses = [step() for _ in range(case.steps)]
    return {"seconds": (time.perf_counter() - began) / case.steps, "loss": losses[-1]}


class _Memory:
    """Peak memory above what is in use at creation, if the system can report it."""

    def __init__(self) -> None:
        self._on_card = torch.cuda.is_available() and torch.cuda.memory_allocated() > 0
        if self._on_card:
            torch.cuda.reset_peak_memory_stats()
            self._before = torch.cuda.memory_allocated()
        elif _CLEAR.exists():
            _CLEAR.write_text("5")  # Linux: forget the peak so far
            self._before = psutil.Process().memory_info().rss

    def peak_increase(self) -> int | None:
        """Bytes: of the graphics card if it is in use, else of the process; None if it is not counted."""
        if self._on_card:
            return torch.cuda.max_memory_allocated() - self._before
        if not _CLEAR.exists():
            return None
        (line,) = (text for text in _STATUS.read_text().splitlines() if text.startswith("VmHWM"))
        return max(0, int(line.split()[1]) * 1024 - self._before)


if __name__ == "__main__":
    main()
