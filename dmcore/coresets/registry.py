"""Which selections there are: a name is the function's and the command line's value."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from dmcore.coresets.coreset import Coreset
from dmcore.coresets.forgetting import forgetting, least_forgotten
from dmcore.coresets.herding import herding
from dmcore.coresets.k_center import k_center
from dmcore.coresets.mean_image import mean_image
from dmcore.coresets.random_selection import random
from dmcore.coresets.source import CoresetSource
from dmcore.data.images import DataSet
from dmcore.execution.plan import Plan
from dmcore.training.whole_set import TrainingProgress, train_whole


@dataclass(frozen=True)
class SelectionMethod:
    """How to choose, and what has to have been trained before."""

    choose: Callable[[DataSet, int, int, CoresetSource], Coreset]
    needs: Literal["nothing", "network", "counts"] = "nothing"


REGISTRY: dict[str, SelectionMethod] = {
    one.choose.__name__: one
    for one in (
        SelectionMethod(random),
        SelectionMethod(mean_image),
        SelectionMethod(herding, "network"),
        SelectionMethod(k_center, "network"),
        SelectionMethod(forgetting, "counts"),
        SelectionMethod(least_forgotten, "counts"),
    )
}


def select(method: str, dataset: DataSet, images_per_class: int, seed: int, source: CoresetSource) -> Coreset:
    """Choose as many images of every class: the same ones for the same arguments.

    Args:
        method: a name of the registry.
        dataset: its training images are chosen from.
        images_per_class: how many of each class.
        seed: of what is drawn; the network's own seed is in `source`.
        source: the training on the whole data set that some methods look at; see `prepare`.

    Raises:
        UntrainedError: the network that the method looks through has not been trained yet.
        ValueError: no such method, or a class has fewer images.
    """
    known = _known(method)
    _refuse_too_many(dataset, images_per_class)
    return known.choose(dataset, images_per_class, seed, source)


def prepare(
    method: str, dataset: DataSet, images_per_class: int, source: CoresetSource, plan: Plan | None = None
) -> Iterator[TrainingProgress]:
    """Train what `select` with these arguments needs; no events where it needs nothing.

    `plan` says where and how to compute; left out, it is made for this machine.

    Raises:
        StorageError: the cache cannot be written to.
        ValueError: what `select` would refuse, before anything is trained; or another process trains it.
    """
    known = _known(method)
    _refuse_too_many(dataset, images_per_class)
    if known.needs != "nothing":
        yield from train_whole(dataset, source.training, source.cache, plan, counted=known.needs == "counts")


def _known(method: str) -> SelectionMethod:
    if method not in REGISTRY:
        raise ValueError(f"there is no selection {method!r}: choose from {', '.join(REGISTRY)}")
    return REGISTRY[method]


def _refuse_too_many(dataset: DataSet, images_per_class: int) -> None:
    if images_per_class < 1:
        raise ValueError(f"{images_per_class} images per class: ask for at least 1")
    counts = [len(members) for members in dataset.train.by_class]
    for name, count in zip(dataset.class_names, counts, strict=True):
        if count < images_per_class:
            remedy = (
                f"ask for at most {min(counts)} images per class"
                if min(counts)
                else "leave the class out of the data"
            )
            raise ValueError(
                f"class {name!r} has {count} real images, fewer than {images_per_class}: {remedy}"
            )
