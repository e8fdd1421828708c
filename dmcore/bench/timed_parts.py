"""What our contenders share: their machine's rate, and the time of a part of what they compute."""

import time
from collections.abc import Callable
from typing import TypeVar

import torch

from dmcore.bench.arithmetic import convolution_rate, image_flops
from dmcore.bench.cases import Case
from dmcore.execution.cudnn_flags import deterministic_kernels
from dmcore.execution.machine import usable_cores
from dmcore.execution.plan import Plan

Result = TypeVar("Result")


class TimedParts:
    """A case under a plan, whose parts are timed one after the other."""

    def __init__(self, case: Case, plan: Plan) -> None:
        self._case, self._plan = case, plan

    @property
    def image_flops(self) -> int:
        """Operations of one image's forward pass."""
        return image_flops(self._case)

    def rate(self) -> float:
        """Convolution rate of this machine in operations per second."""
        with deterministic_kernels():
            return convolution_rate(self._plan.torch_device, usable_cores(self._case.threads))

    @property
    def device(self) -> str:
        """Device in use."""
        return self._plan.device

    def _timed(self, part: Callable[[], Result]) -> tuple[float, Result]:
        self._wait()
        began = time.perf_counter()
        result = part()
        self._wait()
        return time.perf_counter() - began, result

    def _wait(self) -> None:
        if self._plan.torch_device.type == "cuda":
            torch.cuda.synchronize(self._plan.torch_device)
