"""A frozen network's features in fewer operations: the same numbers but for rounding.

Under instance norm a convolution's bias vanishes, and norm, ReLU and pooling fold into one operation. Blocks
whose maps are large go through in smaller pieces than the rest, large convolutions Winograd's way. What has
no such form is computed as the network says. Must not know data or plans.
"""

import threading
from collections.abc import Callable
from weakref import WeakKeyDictionary

from jaxtyping import Float
from torch import Tensor, nn

from dmcore.networks.base import Network
from dmcore.networks.batch_block import batch_block
from dmcore.networks.folded import folded
from dmcore.networks.instance_norm import NATIVE_PLACES, InstanceNorm
from dmcore.networks.pieces import in_pieces
from dmcore.networks.winograd import filters, suits, turned, winograd

BLOCK_BYTES = 2 * 2**20
"""Maps of one block at once, without gradient: they stay in a core's own cache. Four images of the paper's
first block, which takes 0.6 of the time that it takes with 24."""

Maps = Float[Tensor, "image channel height width"]
Step = Callable[[Tensor, int], Tensor]
"""Images and how many workers may share them."""
_State = tuple[tuple[object, ...], ...]
_prepared: "WeakKeyDictionary[Network, tuple[_State, list[Step]]]" = WeakKeyDictionary()
_preparing = threading.Lock()


def quick_features(network: Network, images: Maps, workers: int = 1) -> Float[Tensor, "image feature"]:
    """`network.embed(images)` of a network that is frozen; differentiable in the images.

    What is made of the weights (Winograd's filters) is kept until they change. What is not frozen, not in
    train mode or not on a CPU is computed as the network says. Only images that meet in a batch norm are
    shared among workers here: others are given to them in groups.
    """
    state = tuple(
        (one.data_ptr(), one._version, one.dtype, one.requires_grad) for one in network.parameters()
    )
    on_cpu = images.device.type == "cpu" and len(images) > 0
    if not on_cpu or not network.training or any(learns for *_, learns in state):
        return network.embed(images)
    with _preparing:  # once for all workers
        known = _prepared.get(network)
        if known is None or known[0] != state:
            known = _prepared[network] = (state, _steps(list(network.features)))
    for step in known[1]:
        images = step(images, workers)
    return images.flatten(1)


def _steps(modules: list[nn.Module]) -> list[Step]:
    """The modules one after the other, those that belong together as one step."""
    steps: list[Step] = []
    while modules:
        match modules:
            case [nn.Conv2d() as one, InstanceNorm() as norm, nn.ReLU(), nn.AvgPool2d(), *_]:
                steps.append(_block(_convolution(one, biased=False), norm, modules[2:4]))
                del modules[:4]
            case [nn.Conv2d() as one, nn.BatchNorm2d() as norm, nn.ReLU(), nn.AvgPool2d(), *_]:
                steps.append(_batch_block(_convolution(one, biased=True), norm, modules[2:4]))
                del modules[:4]
            case [nn.Conv2d() as one, *_]:
                normed = len(modules) > 1 and isinstance(modules[1], InstanceNorm)
                steps.append(_alone(_convolution(one, biased=not normed)))
                del modules[:1]
            case [one, *_]:
                steps.append(_alone(one))
                del modules[:1]
    return steps


def _alone(function: Callable[[Tensor], Tensor]) -> Step:
    return lambda images, workers: function(images)


def _convolution(module: nn.Conv2d, biased: bool) -> Callable[[Tensor], Tensor]:
    making, made = threading.Lock(), list[tuple[Tensor, Tensor]]()

    def convolve(images: Tensor) -> Tensor:
        if not suits(module, *images.shape[2:]):
            return module(images)  # type: ignore[no-any-return]
        with making:
            if not made:
                made.append((filters(module.weight), filters(turned(module.weight))))
        return winograd(images, *made[0], module.bias if biased else None)

    return convolve


def _block(convolve: Callable[[Tensor], Tensor], norm: InstanceNorm, after: list[nn.Module]) -> Step:
    """Convolution, norm, ReLU and pooling."""
    plain = bool((norm.weight == 1).all()) and not bool(norm.bias.any())

    def fold(maps: Tensor) -> Tensor:
        native_is_faster = maps.shape[2] * maps.shape[3] >= NATIVE_PLACES and not maps.requires_grad
        if plain and not native_is_faster:
            return folded(maps, norm.eps)
        for module in (norm, *after):
            maps = module(maps)
        return maps

    def block(images: Tensor, workers: int) -> Tensor:
        if images.requires_grad:
            return fold(convolve(images))
        return in_pieces(lambda some: fold(convolve(some)), images, _at_once(norm.num_channels, images))

    return block


def _batch_block(convolve: Callable[[Tensor], Tensor], norm: nn.BatchNorm2d, after: list[nn.Module]) -> Step:
    """The same with batch norm."""
    pool = nn.Sequential(*after)

    def block(images: Tensor, workers: int) -> Tensor:
        if images.requires_grad:
            return pool(norm(convolve(images)))  # type: ignore[no-any-return]
        return batch_block(convolve, norm, pool, images, _at_once(norm.num_features, images), workers)

    return block


def _at_once(channels: int, images: Tensor) -> int:
    """Images whose maps stay in a core's own cache."""
    return BLOCK_BYTES // (channels * images.shape[2] * images.shape[3] * images.element_size())
