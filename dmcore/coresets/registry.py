"""Registry of coreset selections by name, as the command line takes it; `select` and `prepare`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from dmcore.coresets.coreset import Coreset
from dmcore.coresets.forgetting import forgetting, least_forgotten
from dmcore.coresets.herding import herding
from dmcore.coresets.k_center import k_center
from dmcore.coresets.k_means import k_means
from dmcore.coresets.mean_image import mean_image
from dmcore.coresets.random_selection import random
from dmcore.coresets.source import CoresetSource
from dmcore.data.images import DataSet
from dmcore.execution.plan import Plan
from dmcore.training.whole_set import TrainingProgress, train_whole


@dataclass(frozen=True)
class SelectionMethod:
    """Selection function, and what has to be trained before it."""

    choose: Callable[[DataSet, int, int, CoresetSource], Coreset]
    needs: Literal["nothing", "network", "counts"] = "nothing"


REGISTRY: dict[str, SelectionMethod] = {
    method.choose.__name__: method
    for method in (
        SelectionMethod(random),
        SelectionMethod(mean_image),
        SelectionMethod(herding, "network"),
        SelectionMethod(k_center, "network"),
        SelectionMethod(k_means, "network"),
        SelectionMethod(forgetting, "counts"),
        SelectionMethod(least_forgotten, "counts"),
    )
}


def select(method: str, dataset: DataSet, images_per_class: int, seed: int, source: CoresetSource) -> Coreset:
    """Choose a coreset, as many images of every class: the same images for the same arguments.

    Args:
        method: a name of the registry.
        dataset: its training images are chosen from.
        images_per_class: number of images of each class.
        seed: of the random draws; the network's own seed is in `source`.
        source: the training on the whole data set that some methods use; see `prepare`.

    Raises:
        UntrainedError: the network that the method uses has not been trained yet.
        ValueError: no such method, or a class has fewer images.
    """
    selection = _registered(method)
    _refuse_too_many(dataset, images_per_class)
    return selection.choose(dataset, images_per_class, seed, source)


def prepare(
    method: str, dataset: DataSet, images_per_class: int, source: CoresetSource, plan: Plan | None = None
) -> Iterator[TrainingProgress]:
    """Train the network that `select` needs with these arguments; no events if it needs none.

    `plan` determines where and how to compute; if None, it is made for this machine.

    Raises:
        StorageError: the cache cannot be written to.
        ValueError: as `select`, before anything is trained; or another process trains it.
    """
    selection = _registered(method)
    _refuse_too_many(dataset, images_per_class)
    if selection.needs != "nothing":
        yield from train_whole(
            dataset, source.training, source.cache, plan, counted=selection.needs == "counts"
        )


def _registered(method: str) -> SelectionMethod:
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
