"""Deterministic stratified train/test split, for data sets without test images.

The split is a function of the labels alone: whoever loads the same data tests on the same images.
"""

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from dmcore.randomness import numpy_generator


def split_stratified(
    label: Int64[ndarray, " image"], test_count: int
) -> tuple[Int64[ndarray, " train"], Int64[ndarray, " test"]]:
    """Split into positions of training and test images, both ascending, with each class in proportion.

    Args:
        label: class of each image.
        test_count: number of test images, over all classes.

    Raises:
        ValueError: a class has fewer than two images.
    """
    present, sizes = np.unique(label, return_counts=True)
    if sizes.min() < 2:
        raise ValueError(
            "a class has one image only: at least two are needed, one to learn from and one to test"
        )
    exact = sizes * (test_count / len(label))
    share = np.clip(np.floor(exact).astype(np.int64), 1, sizes - 1)
    # largest remainder method: the classes with the largest ones give one more until the count is reached
    for position in np.argsort(share - exact, kind="stable")[: max(0, test_count - int(share.sum()))]:
        share[position] = min(share[position] + 1, sizes[position] - 1)
    rank = numpy_generator(0, 0, "split").random(len(label))
    chosen = [
        members[np.argsort(rank[members], kind="stable")[:count]]
        for members, count in zip((np.flatnonzero(label == index) for index in present), share, strict=True)
    ]
    in_test = np.zeros(len(label), dtype=bool)
    in_test[np.concatenate(chosen)] = True
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)
