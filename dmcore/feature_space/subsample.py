"""How many images of a set stand on the feature map. Must not import torch: pages and the live thread ask."""

MAX_STARS = 500
"""Images of a set that are placed and measured."""


def stars_per_class(classes: int, images_per_class: int) -> int:
    """How many images of each class of a set are placed: all, up to `MAX_STARS` in the set."""
    return min(images_per_class, max(1, MAX_STARS // classes))
