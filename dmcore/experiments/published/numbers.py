"""Numbers that the paper prints, table by table, and those that other papers and repositories print.

The paper: Zhao and Bilen, Dataset Condensation with Distribution Matching, WACV 2023. Accuracies are in
percent, ± is over networks. What is not printed is a dash.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

DC_PAPER = "the paper of DC (Zhao, Mopuri and Bilen, 2021)"
"""Dataset Condensation with Gradient Matching."""
DSA_PAPER = "the paper of DSA (Zhao and Bilen, 2021)"
"""Dataset Condensation with Differentiable Siamese Augmentation."""
DANCE_PAPER = "the paper of DANCE (Zhang et al., 2024)"
REPRINTED = "reprinted by later papers; who measured it first, and how, is not confirmed"
RERUN = "re-run by the authors of DDM (2025), 3 sets of 10 networks (selections: 15 networks)"
"""SaharR1372/DM_Style_matching, docs/results.md."""
SIZES = (1, 10, 50)
"""Images per class of table 1."""
METHODS = {
    "random": "Random",
    "herding": "Herding",
    "k_center": "k-center",
    "k_means": "k-means",
    "forgetting": "Forgetting",
    "dd": "DD",
    "ld": "LD",
    "dc": "DC",
    "dsa": "DSA",
    "dm": "DM",
    "early_stopping": "Early stopping",
    "whole": "Whole set",
}
"""Names for people, in the order of the paper."""
DATA_TITLES = {
    "mnist": "MNIST",
    "cifar10": "CIFAR-10",
    "cifar100": "CIFAR-100",
    "tinyimagenet": "TinyImageNet",
    "imagenet64": "ImageNet-1K, 64×64",
    "fashion_mnist": "Fashion-MNIST",
}

TABLE1 = {
    "mnist": {
        "random": "64.9±3.5 / 95.1±0.9 / 97.9±0.2",
        "herding": "89.2±1.6 / 93.7±0.3 / 94.8±0.2",
        "forgetting": "35.5±5.6 / 68.1±3.3 / 88.2±1.2",
        "dd": "– / 79.5±8.1 / –",
        "ld": "60.9±3.2 / 87.3±0.7 / 93.3±0.3",
        "dc": "91.7±0.5 / 97.4±0.2 / 98.8±0.2",
        "dsa": "88.7±0.6 / 97.8±0.1 / 99.2±0.1",
        "dm": "89.7±0.6 / 97.5±0.1 / 98.6±0.1",
        "whole": "99.6±0.0",
    },
    "cifar10": {
        "random": "14.4±2.0 / 26.0±1.2 / 43.4±1.0",
        "herding": "21.5±1.2 / 31.6±0.7 / 40.4±0.6",
        "forgetting": "13.5±1.2 / 23.3±1.0 / 23.3±1.1",
        "dd": "– / 36.8±1.2 / –",
        "ld": "25.7±0.7 / 38.3±0.4 / 42.5±0.4",
        "dc": "28.3±0.5 / 44.9±0.5 / 53.9±0.5",
        "dsa": "28.8±0.7 / 52.1±0.5 / 60.6±0.5",
        "dm": "26.0±0.8 / 48.9±0.6 / 63.0±0.4",
        "whole": "84.8±0.1",
    },
    "cifar100": {
        "random": "4.2±0.3 / 14.6±0.5 / 30.0±0.4",
        "herding": "8.4±0.3 / 17.3±0.3 / 33.7±0.5",
        "forgetting": "4.5±0.2 / 15.1±0.3 / 30.5±0.3",
        "ld": "11.5±0.4 / – / –",
        "dc": "12.8±0.3 / 25.2±0.3 / –",
        "dsa": "13.9±0.3 / 32.3±0.3 / 42.8±0.4",
        "dm": "11.4±0.3 / 29.7±0.3 / 43.6±0.4",
        "whole": "56.2±0.3",
    },
    "tinyimagenet": {
        "random": "1.4±0.1 / 5.0±0.2 / 15.0±0.4",
        "herding": "2.8±0.2 / 6.3±0.2 / 16.7±0.3",
        "forgetting": "1.6±0.1 / 5.1±0.2 / 15.0±0.3",
        "dm": "3.9±0.2 / 12.9±0.4 / 24.1±0.3",
        "whole": "37.6±0.4",
    },
    "imagenet64": {"random": "0.52 / 1.94 / 7.54", "dm": "1.3 / 5.7 / 11.4"},
}
"""By data set and method, for each of `SIZES`; `whole` has one number. DD and LD used LeNet and AlexNet."""
FASHION_MNIST = {
    "random": "51.4 / 73.8 / 82.5",
    "herding": "67.0 / 71.1 / 71.9",
    "dc": "70.5±0.6 / 82.3±0.4 / 83.6±0.4",
    "dsa": "70.6±0.6 / 84.6±0.3 / 88.7±0.2",
    "dm": "70.7 / 83.5 / 88.1",
    "whole": "93.5",
}
"""By method; not in the paper: each is of its `FASHION_SOURCES`."""
FASHION_SOURCES = {
    "random": REPRINTED,
    "herding": REPRINTED,
    "dc": DC_PAPER,
    "dsa": DSA_PAPER,
    "dm": DANCE_PAPER,
    "whole": REPRINTED,
}
"""Where each row of `FASHION_MNIST` is printed; ± of DC and DSA: table 1 of Nguyen et al. (2021)."""
CIFAR10_RERUN = {
    "random": "– / 33.15±1.67 / –",
    "herding": "– / 38.48±0.64 / –",
    "k_center": "– / 19.84 / –",
    "k_means": "– / 39.31±0.62 / –",
    "forgetting": "– / 9.55 / –",
    "dm": "26.14±0.87 / 48.79±0.87 / 62.87±0.37",
}
"""By method, CIFAR-10, all by the protocol of DM: 1,000 epochs with augmentation; source: `RERUN`."""
TABLE2_SIZE = TABLE3_SIZE = 50
"""Images per class of tables 2 and 3."""
TABLE2 = {
    "dm": {"cifar10": 65.2, "cifar100": 48.0, "tinyimagenet": 28.2},
    "dsa": {"cifar10": 59.9, "cifar100": 44.6},
}
"""By method and data set, 50 per class, learned and tested with batch norm."""
TABLE3 = {
    "convnet": {"convnet": 65.2, "alexnet": 61.3, "vgg11": 59.9, "resnet18": 57.0},
    "alexnet": {"convnet": 60.5, "alexnet": 59.8, "vgg11": 58.9, "resnet18": 54.6},
    "vgg11": {"convnet": 54.2, "alexnet": 52.6, "vgg11": 52.8, "resnet18": 49.1},
    "resnet18": {"convnet": 52.2, "alexnet": 50.9, "vgg11": 49.6, "resnet18": 52.2},
}
"""DM on CIFAR-10, 50 per class, batch norm: learned on, then tested on."""
TABLE3_DSA = {"convnet": 59.9, "alexnet": 53.3, "vgg11": 51.0, "resnet18": 47.3}
"""DSA, learned on a ConvNet: tested on."""
TABLE4 = {
    "random": "26.0 / 48.9 / 63.0",
    "band:10-20": "26.2 / 48.7 / 62.7",
    "band:20-30": "25.9 / 48.1 / 62.1",
    "band:30-40": "26.1 / 50.7 / 62.8",
    "band:40-50": "26.7 / 51.1 / 63.0",
    "band:50-60": "26.8 / 49.9 / 61.9",
    "band:60-70": "27.3 / 48.6 / 60.6",
    "band:70-100": "26.5 / 48.2 / 60.0",
    "all": "26.4 / 50.7 / 62.5",
}
"""DM on CIFAR-10 by embedding networks, for each of `SIZES`; bands are validation accuracies."""
FIGURE4_SIZE = 50
"""Images per class of figure 4."""
FIGURE4_MINUTES = {"dm": 20.0, "dsa": 900.0}
"""Minutes of condensing CIFAR-10 on one GTX 1080; DM takes less than these."""
FIGURE5 = {100: 67.0, 200: 71.2, 500: 76.1, 1000: 79.8, 1250: 80.8}
"""DM on CIFAR-10, by images per class; smaller sets are in table 1."""
CONTINUAL_STEPS = (5, 10)
FIGURES6_7 = {
    "dm": (34.4, 34.6),
    "dsa": (31.7, 30.5),
    "herding": (28.2, 27.4),
    "random": (24.8, 24.8),
}
"""CIFAR-100, 20 per class, by method: final accuracy after each of `CONTINUAL_STEPS` steps."""


class ArchitectureSearch(NamedTuple):
    """One column of table 5."""

    correlation: float | None
    """Spearman's, between proxy and whole set, over the best 5 % of 720 architectures."""
    accuracy: float
    """Percent of the chosen architecture, trained on the whole set."""


TABLE5: Mapping[str, ArchitectureSearch] = {
    "random": ArchitectureSearch(-0.04, 84.0),
    "dsa": ArchitectureSearch(0.68, 82.6),
    "dm": ArchitectureSearch(0.76, 82.8),
    "early_stopping": ArchitectureSearch(0.11, 84.3),
    "whole": ArchitectureSearch(None, 85.9),
}
"""Architecture search on CIFAR-10, 50 per class, by what the 720 networks are trained on."""
TABLE5_MINUTES = {"dm": 142.6, "whole": 3580.2}
"""Minutes of the search on a condensed set of 500 images, and on all 50,000."""
TABLE5_NETWORKS = 720
"""Networks that the search trains, each on the small set and on all images."""
IMAGENET_HOURS = 28
"""Hours of condensing ImageNet-1K at 64×64 on ten GTX 1080."""


class Number(NamedTuple):
    """Printed accuracy in percent."""

    value: float
    std: float | None
    """Over networks; None if not printed."""


def numbers_of(line: str) -> tuple[Number | None, ...]:
    """Parse a line such as `26.0±0.8 / – / 63.0±0.4`; None for each dash."""
    return tuple(_number(text) for text in line.split(" / ")) if line else ()


def _number(text: str) -> Number | None:
    value, _, std = re.sub(r"\s", "", text).partition("±")
    return None if value == "–" else Number(float(value), float(std) if std else None)
