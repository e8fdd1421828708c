"""Whitening (ZCA) of MTT: fitted on the real training images, undone to get pixels from 0 to 1 back.

A flattened image x with pixels from 0 to 1 became (x − mean) U (S + ε)^(−½) Uᵀ, where U S Uᵀ is the
covariance of the training images.
"""

import torch
from jaxtyping import Float, Float64, UInt8
from torch import Tensor

from dmcore.runs.formats.tensor_checks import check_bytes

EPSILON = 0.1
"""Regularisation that MTT whitens with."""
_AT_ONCE = 1000


def undo_whitening(
    images: Float[Tensor, "image channel height width"],
    real: UInt8[Tensor, "real real_channel real_height real_width"],
    source: str,
) -> Float[Tensor, "image channel height width"]:
    """Undo the whitening of images; the result has pixels from 0 to 1, and some beyond.

    Raises:
        ValueError: images of another size than the real ones, or so large that the covariance has no room.
    """
    if images.shape[1:] != real.shape[1:]:
        raise ValueError(
            f"the images of {source} are {list(images.shape[1:])}, those of the data set "
            f"{list(real.shape[1:])}: name the data set that they were whitened with"
        )
    check_bytes(8 * real[0].numel() ** 2, source)
    mean, covariance = _moments(real)
    values, vectors = torch.linalg.eigh(covariance)
    unwhitening = (vectors * (values.clamp(min=0) + EPSILON).sqrt()) @ vectors.T
    undone: Tensor = images.double().flatten(1) @ unwhitening + mean
    return undone.view(images.shape).float()


def _moments(
    real: UInt8[Tensor, "real real_channel real_height real_width"],
) -> tuple[Float64[Tensor, " pixel"], Float64[Tensor, "pixel pixel"]]:
    """Mean and covariance of flattened images with pixels from 0 to 1."""
    pixels = real[0].numel()
    total, products = torch.zeros(pixels).double(), torch.zeros(pixels, pixels).double()
    for part in torch.split(real, _AT_ONCE):
        flat = part.flatten(1).double() / 255
        total += flat.sum(0)
        products += flat.T @ flat
    mean = total / len(real)
    return mean, (products - len(real) * mean[:, None] * mean) / (len(real) - 1)
