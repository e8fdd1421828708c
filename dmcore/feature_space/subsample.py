"""Number of images per class that are projected onto the feature map. Pages read it, so it stays light."""

MAX_STARS = 500
"""Images of a set that are projected and measured, at most."""


def stars_per_class(classes: int, images_per_class: int) -> int:
    """Number of images of each class that are projected: all, up to `MAX_STARS` in the set."""
    return min(images_per_class, max(1, MAX_STARS // classes))
