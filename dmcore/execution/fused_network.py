"""A frozen network's features in fewer operations: the same numbers but for rounding.

Under instance norm a convolution's bias vanishes, and norm, ReLU and pooling fold into one operation. Blocks
whose maps are large go through in smaller pieces than the rest, large convolutions Winograd's way. What has
no such form is computed as the network says. Must not know data or plans.
"""

import threading
from collections.abc import Callable
from itertools import cycle
from weakref import WeakKeyDictionary

from jaxtyping import Float
from torch import Tensor, nn

from dmcore.execution.batch_norm_block import batch_norm_block
from dmcore.execution.frozen_convolution import direct_convolution, direct_padding, flip_weights
from dmcore.execution.fused_norm import norm_relu_pool
from dmcore.execution.microbatches import in_microbatches
from dmcore.execution.winograd import transform_filters, winograd_applies, winograd_convolution
from dmcore.networks.base import Network
from dmcore.networks.instance_norm import NATIVE_PLACES, InstanceNorm

VERSION = 2
"""Counts the changes after which the same weights and images give other roundings; 1 was the first."""
BLOCK_BYTES = 2 * 2**20
"""Maps of one block at once, without gradient: they stay in a core's own cache. Four images of the paper's
first block, which takes 0.6 of the time that it takes with 24."""

Maps = Float[Tensor, "image channel height width"]
Step = Callable[[Tensor, int, int], Tensor]
"""Images, how many workers may share them, and bytes of one block at once."""
_State = tuple[tuple[object, ...], ...]
_prepared: "WeakKeyDictionary[Network, tuple[_State, list[Step]]]" = WeakKeyDictionary()
_preparing = threading.Lock()


def fused_features(
    network: Network, images: Maps, workers: int = 1, block_bytes: int = BLOCK_BYTES
) -> Float[Tensor, "image feature"]:
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
        images = step(images, workers, block_bytes)
    return images.flatten(1)


def cached_filter_bytes(network: Network) -> int:
    """Bytes that are kept of a network's weights beside them, at most: Winograd's filters, both ways."""
    convolutions = (
        one for one in network.modules() if isinstance(one, nn.Conv2d) and winograd_applies(one, 4, 4)
    )
    return sum(8 * 36 * one.in_channels * one.out_channels for one in convolutions)


def is_block_sequence(network: Network) -> bool:
    """Whether all of it are blocks of convolution, norm, ReLU and pooling: only pooled maps exist whole."""
    kinds = (nn.Conv2d, InstanceNorm | nn.BatchNorm2d, nn.ReLU, nn.AvgPool2d)
    return len(network.features) % 4 == 0 and all(map(isinstance, network.features, cycle(kinds)))


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
    return lambda images, workers, block_bytes: function(images)


def _convolution(module: nn.Conv2d, biased: bool) -> Callable[[Tensor], Tensor]:
    making, made = threading.Lock(), list[tuple[Tensor, Tensor]]()
    padding, bias = direct_padding(module), module.bias if biased else None

    def convolve(images: Tensor) -> Tensor:
        if not winograd_applies(module, *images.shape[2:]):
            return (
                module(images)
                if padding is None
                else direct_convolution(images, module.weight, bias, padding)
            )
        with making:
            if not made:
                made.append(
                    (transform_filters(module.weight), transform_filters(flip_weights(module.weight)))
                )
        return winograd_convolution(images, *made[0], bias)

    return convolve


def _block(convolve: Callable[[Tensor], Tensor], norm: InstanceNorm, after: list[nn.Module]) -> Step:
    """Convolution, norm, ReLU and pooling."""
    plain = bool((norm.weight == 1).all()) and not bool(norm.bias.any())

    def fold(maps: Tensor) -> Tensor:
        native_is_faster = maps.shape[2] * maps.shape[3] >= NATIVE_PLACES and not maps.requires_grad
        if plain and not native_is_faster:
            return norm_relu_pool(maps, norm.eps)
        for module in (norm, *after):
            maps = module(maps)
        return maps

    def block(images: Tensor, workers: int, block_bytes: int) -> Tensor:
        if images.requires_grad:
            return fold(convolve(images))
        return in_microbatches(
            lambda some: fold(convolve(some)), images, _at_once(norm.num_channels, images, block_bytes)
        )

    return block


def _batch_block(convolve: Callable[[Tensor], Tensor], norm: nn.BatchNorm2d, after: list[nn.Module]) -> Step:
    """The same with batch norm."""
    pool = nn.Sequential(*after)

    def block(images: Tensor, workers: int, block_bytes: int) -> Tensor:
        if images.requires_grad:
            return pool(norm(convolve(images)))  # type: ignore[no-any-return]
        at_once = _at_once(norm.num_features, images, block_bytes)
        return batch_norm_block(convolve, norm, pool, images, at_once, workers)

    return block


def _at_once(channels: int, images: Tensor, block_bytes: int) -> int:
    """Images whose maps take so many bytes."""
    return block_bytes // (channels * images.shape[2] * images.shape[3] * images.element_size())
