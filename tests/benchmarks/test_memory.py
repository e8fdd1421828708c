"""Peak memory of a full-sized data set: the paper's set-up on 50,000 images of 3x32x32 stays under 2 GB."""

import json
import subprocess
import sys

import pytest

CODE = """
import resource
import numpy as np, torch
from dmcore.config import CondenseConfig
from dmcore.data.images import DataSet, LabelledImages, Statistics
from dmcore.matching import condense
from dmcore.execution.plan import make_plan

random = np.random.default_rng(0)
def part(count):
    images = torch.from_numpy(random.integers(0, 256, (count, 3, 32, 32), np.uint8))
    names = tuple("abcdefghij")
    return LabelledImages(images, torch.arange(count) % 10, names, Statistics((0.5,) * 3, (0.29,) * 3))
data = DataSet("full", "Full size", part(50_000), part(10_000))
config = CondenseConfig(iterations=1)
plan = make_plan(config, data.shape, 10, device="cpu", threads=2)
for step in condense(data, config, plan=plan):
    pass
print(step.iteration, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in kB on Linux")
def test_the_papers_set_up_on_a_full_cifar10_needs_less_than_two_gigabytes():
    run = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    iteration, gigabytes = run.stdout.split()
    print(f"peak memory {float(gigabytes):.2f} GiB")
    assert iteration == "1"
    assert float(gigabytes) < 2e9 / 2**30


BATCH_NORM = """
import json
from dmcore.bench.cases import CASES
from dmcore.bench.contender import _Memory
from dmcore.bench.our_step import OurStep
from dmcore.execution.activation_memory import activation_bytes

case = CASES["batch-1"]
case = case.model_copy(update={"threads": 2, "config": case.config.model_copy(update={"real_batch": 64})})
step, memory = OurStep(case), _Memory()
step(), step()
bytes_ = activation_bytes(case.config.network_spec(), case.shape, case.classes)
inference = case.real_images * bytes_.peak_inference
print(json.dumps([memory.peak_increase(), bytes_.fused_batch(case.real_images), inference]))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")
def test_a_batch_norm_takes_what_its_plan_counts_with():
    output = subprocess.check_output([sys.executable, "-c", BATCH_NORM], text=True, timeout=300)
    needed, counted, whole = json.loads(output)
    print(f"{needed / 1e6:.0f} MB, counted {counted / 1e6:.0f} MB, all maps at once {whole / 1e6:.0f} MB")
    assert 0.5 * counted < needed < 1.2 * counted
    assert counted < 0.7 * whole
