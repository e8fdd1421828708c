"""The user's own tensors as a data set: valid ones are accepted, others refused with a remedy."""

import json
import re
import subprocess
import sys

import torch

from dmcore import CondenseConfig, EvaluateConfig, condense, evaluate
from dmcore.data.images import DataSet, LabelledImages, Statistics

IMAGES = torch.arange(6 * 3 * 8 * 8, dtype=torch.int64).remainder(251).byte().view(6, 3, 8, 8)
LABEL = torch.tensor([0, 1, 2, 0, 1, 2])
NAMES = ("a", "b", "c")
STATISTICS = Statistics((0.5,) * 3, (0.25,) * 3)


def own(images=IMAGES, label=LABEL, statistics=STATISTICS):
    return LabelledImages(images, label, NAMES, statistics)


def test_own_tensors_are_condensed_and_evaluated():
    data = DataSet("mine", "Mine", own(), own())
    config = CondenseConfig(width=8, depth=2, images_per_class=1, real_batch=2, iterations=2)
    *_, last = condense(data, config)
    assert last.iteration == 2
    learned, protocol = last.sets[0], EvaluateConfig(epochs=1, repeats=1)
    *_, tested = evaluate(learned.images, learned.label, data.test, [config.network_spec()], protocol)
    assert 0 <= tested.accuracy <= 100


REFUSED = {
    "LabelledImages(IMAGES / 255, LABEL, NAMES, STATISTICS)": "float32 with 4 dimensions.*give uint8",
    "LabelledImages(IMAGES[0], LABEL, NAMES, STATISTICS)": "uint8 with 3 dimensions",
    "LabelledImages(IMAGES.numpy(), LABEL, NAMES, STATISTICS)": "ndarray, not a tensor: torch.as_tensor",
    "LabelledImages(IMAGES, LABEL[:5], NAMES, STATISTICS)": "6 images came with 5 labels",
    "LabelledImages(IMAGES, LABEL.int(), NAMES, STATISTICS)": "int32: give each image one label in int64",
    "LabelledImages(IMAGES, LABEL + 1, NAMES, STATISTICS)": "outside 0 to 2: there are 3 class names",
    "LabelledImages(IMAGES, LABEL, NAMES, Statistics((0.5,), (0.2,)))": "1 deviations, the images 3 channels",
    "LabelledImages(IMAGES, LABEL, NAMES, Statistics((0.5,) * 3, (0.2, 0.0, 0.2)))": "Statistics.measured",
    "LabelledImages(IMAGES, LABEL, NAMES, Statistics((math.nan,) * 3, (0.2,) * 3))": "cannot normalise",
    "judge(PIXELS, GOOD, [SPEC])": "1 of the 6 images hold",
    "judge(PIXELS, DataSet('mine', 'Mine', GOOD, GOOD), [SPEC])": "not DataSet: give dataset.test",
    "judge(PIXELS.nan_to_num(), GOOD, ['alexnet'])": r"NetworkSpec\(network='alexnet'\)",
}
SCRIPT = """
import json, math, sys, torch
from dmcore import CondenseConfig, EvaluateConfig, evaluate
from dmcore.data.images import DataSet, LabelledImages, Statistics

IMAGES, LABEL = torch.zeros(6, 3, 8, 8, dtype=torch.uint8), torch.tensor([0, 1, 2, 0, 1, 2])
NAMES, STATISTICS = ("a", "b", "c"), Statistics((0.5,) * 3, (0.25,) * 3)
GOOD, SPEC = LabelledImages(IMAGES, LABEL, NAMES, STATISTICS), CondenseConfig().network_spec()
PIXELS = torch.zeros(6, 3, 8, 8)
PIXELS[1, 0, 0, 0] = math.nan

def judge(images, test, networks):
    next(evaluate(images, LABEL, test, networks, EvaluateConfig()))

for given in json.loads(sys.argv[1]):
    try:
        eval(given)
        print("taken")
    except ValueError as refusal:
        print(refusal)
"""
"""In a process of its own, where nobody checks types first."""


def test_what_would_be_learned_from_without_a_word_is_refused():
    command = [sys.executable, "-c", SCRIPT, json.dumps(list(REFUSED))]
    messages = subprocess.check_output(command, text=True, timeout=120).splitlines()
    assert len(messages) == len(REFUSED)
    for sentence, (given, expected) in zip(messages, REFUSED.items(), strict=True):
        assert re.search(expected, sentence), f"{given}: {sentence}"
