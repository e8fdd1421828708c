"""Multi-formation of IDC: an image holds factor × factor smaller ones, which are enlarged for training.

Kim et al. 2022, "Dataset Condensation via Efficient Synthetic-Data Parameterization", section 4. IDC fills
what is missing at the right and lower border with grey and enlarges bilinearly.
"""

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn.functional import interpolate

from dmcore.data.images import Statistics
from dmcore.runs.formats.tensor_checks import check_bytes

GREY = 0.5
"""Pixels, from 0 to 1, that are put where height or width is no multiple of the factor."""
LARGEST_FACTOR = 8


def decode(
    images: Float[Tensor, "image channel height width"],
    label: Int64[Tensor, " image"],
    factor: int,
    statistics: Statistics,
    source: str,
) -> tuple[Float[Tensor, "tile channel height width"], Int64[Tensor, " tile"]]:
    """Split normalised images into factor² tiles each, row by row, each enlarged to the size of an image.

    Raises:
        ValueError: too large, a factor out of range, or images of fewer pixels than that.
    """
    number, channels, height, width = images.shape
    if not 1 <= factor <= min(LARGEST_FACTOR, height, width):
        raise ValueError(
            f"images of {height}×{width} pixels cannot hold {factor}×{factor} images each: "
            f"choose --decode 1 to {min(LARGEST_FACTOR, height, width)}"
        )
    check_bytes(4 * images.numel() * factor**2, source)
    rows, columns = -(-height // factor), -(-width // factor)
    mean, std = (torch.tensor(values).view(-1, 1, 1) for values in (statistics.mean, statistics.std))
    padded = ((GREY - mean) / std).expand(number, channels, rows * factor, columns * factor).clone()
    padded[:, :, :height, :width] = images
    tiles = padded.view(number, channels, factor, rows, factor, columns).permute(2, 4, 0, 1, 3, 5)
    enlarged = interpolate(
        tiles.reshape(-1, channels, rows, columns), size=(height, width), mode="bilinear", align_corners=False
    )
    return enlarged, label.repeat(factor**2)
