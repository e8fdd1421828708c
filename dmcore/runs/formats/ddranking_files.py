"""Writer of the files that DD-Ranking 0.2.0 evaluates: images, hard labels, learning rate, configuration.

Its source: https://github.com/NUS-HPC-AI-Lab/DD-Ranking (MIT). It tests on images that it normalises with
constants of its own, so the set is normalised with these. Ours are the same for CIFAR-10.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from dmcore.config import EvaluateConfig
from dmcore.data.catalogue import CATALOGUE
from dmcore.data.images import Statistics
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.condensed import CondensedSet, relabelled
from dmcore.runs.formats.exported_folder import write_folder
from dmcore.runs.formats.ranked_classes import CLASSES, are_numbered, has_ranked_classes

ABOUT = (
    "images.pt is normalised with this mean and std, which are the constants of DD-Ranking 0.2.0 for the "
    "data set: (pixel / 255 - mean) / std. It is in the order of the classes; labels.pt has the class of "
    "each image, lr.pt the learning rate of the published evaluation."
)
_CIFAR = Statistics((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))


@dataclass(frozen=True)
class RankedData:
    """Data set that DD-Ranking can evaluate on: the name that it has there, and how it is normalised."""

    name: str
    statistics: Statistics


RANKED = {"cifar10": RankedData("CIFAR10", _CIFAR), "cifar100": RankedData("CIFAR100", _CIFAR)}
"""By our name. CIFAR-100 is normalised with the constants of CIFAR-10 there."""

_CONFIG = """\
# For DD-Ranking 0.2.0 (pip install ddranking), in this folder:
#
#   import torch
#   from ddranking.config import Config
#   from ddranking.metrics import LabelRobustScoreHard
#
#   images, labels, rate = (torch.load(name) for name in ("images.pt", "labels.pt", "lr.pt"))
#   metric = LabelRobustScoreHard(Config.from_file("config.yaml"))
#   print(metric.compute_metrics(image_tensor=images, hard_labels=labels, syn_lr=rate))
#
# It puts accuracies in percent into the exponent of the score: take the recovery and the improvement from it.
# images.pt is normalised with mean {mean} and std {std}.
# The protocol is the published one of distribution matching: ConvNet with three blocks, DSA, 1,000 epochs.
dataset: {dataset}
real_data_path: ./dataset
ipc: {per_class}
im_size: [{height}, {width}]
model_name: ConvNet-3
use_torchvision: false
use_zca: false
custom_train_trans: null
custom_val_trans: null
data_aug_func: dsa
aug_params:
  scale: 1.2
  rotate: 15
  flip: 0.5
  brightness: 1.0
  saturation: 2.0
  contrast: 0.5
  crop: 0.125
  cutout: 0.5
optimizer: sgd
lr_scheduler: step
step_size: 500
weight_decay: 0.0005
momentum: 0.9
num_epochs: 1000
num_eval: 5
real_batch_size: 256
syn_batch_size: 256
random_data_format: tensor
random_data_path: null
eval_full_data: true
save_path: null
num_workers: 4
device: cuda
dist: false
"""


def check_ranked(dataset: str) -> None:
    """Check that DD-Ranking can evaluate on a data set.

    Raises:
        ValueError: it does not have it.
    """
    if dataset not in RANKED:
        known = " and ".join(CATALOGUE[name].title for name in RANKED)
        raise ValueError(
            f"DD-Ranking evaluates sets of {known}, not of {dataset or 'unknown data'}: export npz or pt "
            "instead"
        )


def write_ddranking(condensed: CondensedSet, stem: Path, run: RunFolder | None) -> list[Path]:
    """Write a folder with images.pt, labels.pt, lr.pt and config.yaml, and the normalisation.

    Raises:
        ValueError: DD-Ranking does not have the data set, or the set has other classes.
    """
    check_ranked(condensed.dataset)
    ranked = RANKED[condensed.dataset]
    renormalised = _renormalised(_in_ranked_order(condensed), ranked.statistics)
    order = torch.argsort(renormalised.label, stable=True)

    def save(folder: Path) -> None:
        torch.save(renormalised.images[order].clone(), folder / "images.pt")
        torch.save(renormalised.label[order].clone(), folder / "labels.pt")
        torch.save(torch.tensor(EvaluateConfig().learning_rate), folder / "lr.pt")
        height, width = condensed.images.shape[-2:]
        config = _CONFIG.format(
            dataset=ranked.name,
            per_class=len(condensed.label) // len(condensed.class_names),
            height=height,
            width=width,
            mean=json.dumps(ranked.statistics.mean),
            std=json.dumps(ranked.statistics.std),
        )
        (folder / "config.yaml").write_text(config, encoding="utf-8")

    return write_folder(stem.with_name(f"{stem.name}-ddranking"), renormalised, ABOUT, save)


def _in_ranked_order(condensed: CondensedSet) -> CondensedSet:
    """The same set with the labels that its classes have in DD-Ranking.

    Raises:
        ValueError: it has other classes.
    """
    dataset, names = condensed.dataset, condensed.class_names
    if not has_ranked_classes(dataset, names):
        title = CATALOGUE[dataset].title
        raise ValueError(
            f"{condensed.name} does not have the {len(CLASSES[dataset])} classes of {title}, which "
            "DD-Ranking tests on: export npz or pt instead"
        )
    if are_numbered(dataset, names):
        return condensed
    ranked = CLASSES[dataset]
    label = relabelled(condensed.label, names, ranked, condensed.name, dataset)
    return replace(condensed, label=label, class_names=ranked)


def _renormalised(condensed: CondensedSet, target: Statistics) -> CondensedSet:
    """The same images normalised with another mean and deviation; unchanged where they are the same."""
    if condensed.statistics == target:
        return condensed
    mean, std, other_mean, other_std = (
        torch.tensor(values, dtype=torch.float64).view(-1, 1, 1)
        for values in (condensed.statistics.mean, condensed.statistics.std, target.mean, target.std)
    )
    images = (condensed.images.double() * std + mean - other_mean) / other_std
    return replace(condensed, images=images.float(), statistics=target)
