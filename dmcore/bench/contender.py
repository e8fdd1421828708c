"""One contender in its own process: takes a step when asked, says how long it took and what it needed.

`python -m dmcore.bench.contender ours|plain CASE`; CASE is a `Case` as JSON. Reads words from standard
input, a line each, and answers each with a line of JSON.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import torch

from dmcore.bench.cases import Case
from dmcore.bench.our_step import OurStep
from dmcore.bench.plain_step import plain_step

STEPS = {"ours": OurStep, "plain": plain_step}
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def main() -> None:
    """Answer until standard input ends."""
    kind, case = sys.argv[1], Case.model_validate_json(sys.argv[2])
    try:
        step = STEPS[kind](case)
        memory = _Memory()
        for line in sys.stdin:
            _say(_answer(line.strip(), step, case, memory))
    except (ValueError, MemoryError, torch.OutOfMemoryError) as refusal:
        _say({"refusal": str(refusal) or "out of memory"})


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)  # noqa: T201 - what standard output is for


def _answer(word: str, step: Any, case: Case, memory: "_Memory") -> dict[str, Any]:
    if word == "parts":
        facts = {"rate": step.rate(), "image_flops": step.image_flops, "device": step.device}
        return {"parts": step.parts(), **facts}
    if word == "memory":
        return {"bytes": memory.risen()}
    began = time.perf_counter()
    losses = [step() for _ in range(case.steps)]
    return {"seconds": (time.perf_counter() - began) / case.steps, "loss": losses[-1]}


class _Memory:
    """How much more memory than now was in use at most since now, where the system can say."""

    def __init__(self) -> None:
        self._on_card = torch.cuda.is_available() and torch.cuda.memory_allocated() > 0
        if self._on_card:
            torch.cuda.reset_peak_memory_stats()
            self._before = torch.cuda.memory_allocated()
        elif _CLEAR.exists():
            _CLEAR.write_text("5")  # Linux: forget the peak so far
            self._before = psutil.Process().memory_info().rss

    def risen(self) -> int | None:
        """Bytes: of the graphics card where it is in use, else of the process; None where nobody counts."""
        if self._on_card:
            return torch.cuda.max_memory_allocated() - self._before
        if not _CLEAR.exists():
            return None
        (line,) = (one for one in _STATUS.read_text().splitlines() if one.startswith("VmHWM"))
        return max(0, int(line.split()[1]) * 1024 - self._before)


if __name__ == "__main__":
    main()
