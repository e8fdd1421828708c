"""CPU fast path of a frozen network: operator fusion, Winograd and cache-blocked micro-batches.

The same numbers as the network's own but for rounding. Under instance norm a convolution's bias cancels, and
norm, ReLU and pooling are fused into one operation. Blocks with large maps run in smaller micro-batches than
the rest, wide convolutions by Winograd. Layers without a fast form are computed as the network says.
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
from dmcore.networks.instance_norm import NATIVE_POSITIONS, InstanceNorm

VERSION = 2
"""Version of the arithmetic: raised when the same weights and images give other roundings."""
BLOCK_BYTES = 2 * 2**20
"""Maps in a micro-batch of a block in inference, so that they stay in a core's own cache. Four images of the
paper's first block, which takes 0.6 of the time that it takes with 24."""

Maps = Float[Tensor, "image channel height width"]
FusedStep = Callable[[Tensor, int, int], Tensor]
"""Called with images, the number of workers that may share them, and the bytes of a block's micro-batch."""
_WeightsKey = tuple[tuple[object, ...], ...]
_compiled: "WeakKeyDictionary[Network, tuple[_WeightsKey, list[FusedStep]]]" = WeakKeyDictionary()
_compiling = threading.Lock()


def fused_features(
    network: Network, images: Maps, workers: int = 1, block_bytes: int = BLOCK_BYTES
) -> Float[Tensor, "image feature"]:
    """`network.embed(images)` of a frozen network by the fast path; differentiable in the images.

    Winograd's transformed filters are cached until the weights change. A network that is not frozen, not in
    train mode or not on a CPU is computed as it is. Only the batch of a batch norm is shared among workers
    here: other images are divided among them by the caller.
    """
    weights_key = tuple(
        (parameter.data_ptr(), parameter._version, parameter.dtype, parameter.requires_grad)
        for parameter in network.parameters()
    )
    on_cpu = images.device.type == "cpu" and len(images) > 0
    if not on_cpu or not network.training or any(requires_grad for *_, requires_grad in weights_key):
        return network.embed(images)
    with _compiling:  # once for all workers
        compiled = _compiled.get(network)
        if compiled is None or compiled[0] != weights_key:
            compiled = _compiled[network] = (weights_key, _fused_steps(list(network.features)))
    for step in compiled[1]:
        images = step(images, workers, block_bytes)
    return images.flatten(1)


def cached_filter_bytes(network: Network) -> int:
    """Largest size of the cached Winograd filters of a network, forward and backward."""
    convolutions = (
        module
        for module in network.modules()
        if isinstance(module, nn.Conv2d) and winograd_applies(module, 4, 4)
    )
    return sum(8 * 36 * module.in_channels * module.out_channels for module in convolutions)


def is_block_sequence(network: Network) -> bool:
    """Whether a network is nothing but blocks of convolution, norm, ReLU and pooling, which can be fused."""
    kinds = (nn.Conv2d, InstanceNorm | nn.BatchNorm2d, nn.ReLU, nn.AvgPool2d)
    return len(network.features) % 4 == 0 and all(map(isinstance, network.features, cycle(kinds)))


def _fused_steps(modules: list[nn.Module]) -> list[FusedStep]:
    """Pattern-match the modules in order; those of a block are fused into one step."""
    steps: list[FusedStep] = []
    while modules:
        match modules:
            case [nn.Conv2d() as convolution, InstanceNorm() as norm, nn.ReLU(), nn.AvgPool2d(), *_]:
                steps.append(_block(_convolution(convolution, biased=False), norm, modules[2:4]))
                del modules[:4]
            case [nn.Conv2d() as convolution, nn.BatchNorm2d() as norm, nn.ReLU(), nn.AvgPool2d(), *_]:
                steps.append(_batch_block(_convolution(convolution, biased=True), norm, modules[2:4]))
                del modules[:4]
            case [nn.Conv2d() as convolution, *_]:
                normed = len(modules) > 1 and isinstance(modules[1], InstanceNorm)
                steps.append(_unfused(_convolution(convolution, biased=not normed)))
                del modules[:1]
            case [module, *_]:
                steps.append(_unfused(module))
                del modules[:1]
    return steps


def _unfused(function: Callable[[Tensor], Tensor]) -> FusedStep:
    return lambda images, workers, block_bytes: function(images)


def _convolution(module: nn.Conv2d, biased: bool) -> Callable[[Tensor], Tensor]:
    transforming, cached = threading.Lock(), list[tuple[Tensor, Tensor]]()
    padding, bias = direct_padding(module), module.bias if biased else None

    def convolve(images: Tensor) -> Tensor:
        if not winograd_applies(module, *images.shape[2:]):
            if padding is None:
                return module(images)  # type: ignore[no-any-return]
            return direct_convolution(images, module.weight, bias, padding)
        with transforming:
            if not cached:
                cached.append(
                    (transform_filters(module.weight), transform_filters(flip_weights(module.weight)))
                )
        return winograd_convolution(images, *cached[0], bias)

    return convolve


def _block(convolve: Callable[[Tensor], Tensor], norm: InstanceNorm, after: list[nn.Module]) -> FusedStep:
    """Block of convolution, instance norm, ReLU and pooling."""
    identity_affine = bool((norm.weight == 1).all()) and not bool(norm.bias.any())

    def norm_and_pool(maps: Tensor) -> Tensor:
        native_is_faster = maps.shape[2] * maps.shape[3] >= NATIVE_POSITIONS and not maps.requires_grad
        if identity_affine and not native_is_faster:
            return norm_relu_pool(maps, norm.eps)
        for module in (norm, *after):
            maps = module(maps)
        return maps

    def block(images: Tensor, workers: int, block_bytes: int) -> Tensor:
        if images.requires_grad:
            return norm_and_pool(convolve(images))
        return in_microbatches(
            lambda batch: norm_and_pool(convolve(batch)),
            images,
            _images_in_block(norm.num_channels, images, block_bytes),
        )

    return block


def _batch_block(
    convolve: Callable[[Tensor], Tensor], norm: nn.BatchNorm2d, after: list[nn.Module]
) -> FusedStep:
    """Block of convolution, batch norm, ReLU and pooling."""
    pool = nn.Sequential(*after)

    def block(images: Tensor, workers: int, block_bytes: int) -> Tensor:
        if images.requires_grad:
            return pool(norm(convolve(images)))  # type: ignore[no-any-return]
        most = _images_in_block(norm.num_features, images, block_bytes)
        return batch_norm_block(convolve, norm, pool, images, most, workers)

    return block


def _images_in_block(channels: int, images: Tensor, block_bytes: int) -> int:
    """Number of images whose maps take `block_bytes`."""
    return block_bytes // (channels * images.shape[2] * images.shape[3] * images.element_size())
