"""End of a computation whose numbers are no longer finite."""


class DivergedError(ValueError):
    """A loss, a gradient or an image is not finite."""
