"""What was compared with the published code of the paper's authors, and what was not.

Numbers of both are recorded: those of their code lie in `tests/oracle/data`.
"""

from typing import NamedTuple


class Check(NamedTuple):
    """Comparison with outputs that were recorded from the authors' code."""

    subject: str
    file: str
    """Record in `tests/oracle/data`."""
    outputs: tuple[str, ...]
    """Last parts of the names of the recorded arrays that ours must equal; empty for a list of facts."""
    numbers: int
    """How many recorded numbers these are."""
    tolerance: float
    """Absolute, and relative to the recorded number; the larger of both where they differ; 0: equal."""
    test: str
    """Module in `tests/oracle`."""


CHECKS = (
    Check(
        "Augmentations and their gradients", "augment.npz", ("y", "grad"), 555_264, 1e-4, "test_augment.py"
    ),
    Check(
        "Features, loss and its gradient",
        "dm_loss.npz",
        ("features_real", "loss_per_class", "grad"),
        61_644,
        1e-4,
        "test_matching.py",
    ),
    Check(
        "Ten iterations: losses, pixels, momentum",
        "trajectory.npz",
        ("loss_per_class", "synthetic", "momentum"),
        737_340,
        1e-4,
        "test_matching.py",
    ),
    Check("Outputs of 32 networks", "networks.npz", ("logits",), 1_280, 1e-4, "test_networks.py"),
    Check("Sizes and feature widths of 50 networks", "network_facts.json", (), 50, 0.0, "test_networks.py"),
    Check(
        "29 epochs of training a test network",
        "train.npz",
        ("loss_by_epoch", "logits"),
        154,
        1e-3,
        "test_train.py",
    ),
    Check(
        "DC and DSA: distances and gradients",
        "gradient_matching.npz",
        ("distance", "grad"),
        18_435,
        1e-3,
        "test_gradient_matching.py",
    ),
    Check(
        "DC: two iterations with training in between",
        "gm_trajectory.npz",
        ("loss_per_class", "synthetic", "momentum", "network_after", "inner_loss"),
        490_076,
        1e-3,
        "test_gradient_matching.py",
    ),
)


class Accuracy(NamedTuple):
    """Accuracy of DM by the authors' code and by this program, in the same small set-up."""

    data: str
    images_per_class: int
    theirs: str
    """Percent, with n, as `dmcore/METHOD.md` has it."""
    ours: str
    """Percent, mean ± standard deviation over all networks, with n."""
    recorded: str
    """Source of ours: name of the recorded table."""


ACCURACIES = (
    Accuracy(
        "Fashion-MNIST", 1, "71.0 ± 0.5 (five seeds)", "71.5 ± 1.0 (3 sets × 3 networks)", "table1-fashion"
    ),
    Accuracy(
        "Fashion-MNIST",
        10,
        "78.9 ± 0.4; 78.8 ± 0.5 (two seeds, 5 networks each)",
        "80.4 ± 0.6 (3 sets × 3 networks)",
        "table1-fashion",
    ),
    Accuracy("Digits", 1, "88.7 ± 1.7 (six runs)", "88.4 ± 0.8 (3 sets × 2 networks)", "table1-digits"),
)
SET_UP = (
    "ConvNet of width 32, 500 iterations, 64 real images per class, then 200 epochs; ours on a part of "
    "Fashion-MNIST, 500 training and 100 test images per class. This shows gross errors only. The authors' "
    "numbers are from dmcore/METHOD.md."
)
NOT_CHECKED = (
    "no run at the paper's settings, such as CIFAR-10 on a GPU, is recorded. That this program reaches the "
    "published accuracies is therefore not shown."
)
COMMAND = "dmcore experiment table1 --preset paper --dataset cifar10"
"""What would show it."""
BIBTEX = """@inproceedings{zhao2023dataset,
  title     = {Dataset Condensation with Distribution Matching},
  author    = {Zhao, Bo and Bilen, Hakan},
  booktitle = {Proceedings of the IEEE/CVF Winter Conference on Applications of Computer Vision (WACV)},
  year      = {2023}
}"""
LICENCE = "No licence has been chosen yet."
"""Of the program: the repository has no licence file."""
