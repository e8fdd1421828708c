"""Operation count of an iteration, and the convolution rate of this machine in operations per second.

The rate is that of torch's own 3×3 convolution, 128 to 128 channels on 16×16, which is most of the paper's
network: the best of several batches and times.
"""

import time

import torch
from torch.nn import functional

from dmcore.bench.cases import Case
from dmcore.execution.operation_count import image_operations

RATE_BATCHES, RATE_TIMES = (16, 32, 64), 6
_CHANNELS, _SIDE = 128, 16


def image_flops(case: Case) -> int:
    """Floating-point operations of one image's forward pass: two for each multiply-add."""
    return image_operations(case.config.network_spec(), case.shape, case.classes)


def convolution_rate(device: torch.device, threads: int) -> float:
    """Operations per second of the fastest of a few convolutions, float32, channels_last."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    best = 0.0
    with torch.no_grad():
        weight = torch.randn(_CHANNELS, _CHANNELS, 3, 3, device=device)
        weight = weight.to(memory_format=torch.channels_last)
        for batch in RATE_BATCHES:
            maps = torch.randn(batch, _CHANNELS, _SIDE, _SIDE, device=device)
            maps = maps.to(memory_format=torch.channels_last)
            flops = 2 * batch * _SIDE**2 * _CHANNELS**2 * 9
            for _ in range(RATE_TIMES):
                began = time.perf_counter()
                functional.conv2d(maps, weight, padding=1)[0, 0, 0, 0].item()  # waits for the device
                best = max(best, flops / (time.perf_counter() - began))
    torch.set_num_threads(before)
    return best
