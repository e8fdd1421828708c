"""Validation of training and test images before any classifier is trained."""

from torch import Tensor

from dmcore.data.images import LabelledImages


def check_trainable(images: Tensor, label: Tensor, test: LabelledImages) -> None:
    """Raise if no network can be trained on these images or tested on these test images.

    Raises:
        ValueError: no images, no test images, different shapes, labels outside the classes, pixels that are
            not finite.
    """
    if not isinstance(test, LabelledImages):
        raise ValueError(f"test images are LabelledImages, not {type(test).__name__}: give dataset.test")
    if not len(images):
        raise ValueError("there are no images to train on: choose a set with at least one image")
    if not len(test):
        raise ValueError("there are no test images: evaluate on a data set that has a test folder or split")
    if images.shape[1:] != test.images.shape[1:]:
        ours, theirs = ("×".join(map(str, tensor.shape[1:])) for tensor in (images, test.images))
        raise ValueError(
            f"the set's images are {ours} but the test images are {theirs}: "
            "evaluate on the data set the images were condensed from"
        )
    if len(label) != len(images):
        raise ValueError(f"{len(images)} images came with {len(label)} labels: give each image one label")
    classes = len(test.class_names)
    if int(label.min()) < 0 or int(label.max()) >= classes:
        raise ValueError(f"a label lies outside 0 to {classes - 1}: the test data have {classes} classes")
    if images.is_floating_point() and not bool(images.isfinite().all()):
        damaged = int((~images.isfinite()).flatten(1).any(dim=1).sum())
        raise ValueError(
            f"{damaged} of the {len(images)} images hold pixels that are not finite: they come from a run "
            "that diverged (lower its learning rate), or the file is damaged"
        )
