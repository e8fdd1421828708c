"""Configuration of figure 3; apart from what computes it, so that `--help` answers without torch."""

from typing import Literal

from dmcore.config import FrozenModel


class Figure3Config(FrozenModel):
    """Figure 3: a map of real and synthetic images."""

    runs: tuple[str, ...] = ()
    """RUN[:NAME]: at least one run, all of one data set; with :NAME one set of a run, else all its sets."""
    features: Literal["trained", "random", "pixels"] = "trained"
    """Feature space; trained (the default): the paper's network, trained once on all real images."""
    map: Literal["tsne", "pca", "joint"] = "tsne"
    """Projection: fixed t-SNE of the real images (the default), two principal components, or the paper's
    joint t-SNE."""
