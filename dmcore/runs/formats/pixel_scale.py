"""Pixel scale of imported images: normalised, or raw floats from 0 to 1 or 0 to 255.

Normalised images have pixels darker than the mean, so below 0; raw ones have none, and trained on as they are
they would be far brighter than any real image. They are told apart by their range, and never guessed.
"""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from dmcore.data.images import Statistics
from dmcore.runs.formats.tensor_checks import LARGEST_PIXEL

PixelScale = Literal["auto", "normalised", "0-1", "0-255"]
WHITE = {"0-1": 1.0, "0-255": 255.0}
FARTHEST = 20.0
"""Whites: learned pixels overshoot the range of colours by a few times it, not by more than this."""
DARKEST = -0.25
"""Deviations: some pixel of every normalised set is below this, or below a tenth of black."""


def normalised(
    images: Tensor, statistics: Statistics, scale: PixelScale, source: str
) -> Float[Tensor, "image channel height width"]:
    """Normalise images of a pixel scale; normalised ones are returned as float32.

    Args:
        images: uint8 from 0 to 255, or floating-point, [image, channel, height, width].
        statistics: normalisation of the data set, of as many channels.
        scale: what the numbers are; "auto" takes floating-point ones for normalised.
        source: name of the file.

    Raises:
        ValueError: values that are not finite, or whose range is not that of the scale; names the option.
    """
    if images.dtype == torch.uint8:
        if scale not in ("auto", "0-255"):
            raise ValueError(f"the images of {source} are 8-bit, from 0 to 255: leave --pixels {scale} out")
        return statistics.normalise(images)
    pixels = images.float()
    lowest, highest = (float(bound) for bound in torch.aminmax(pixels))
    if not -LARGEST_PIXEL <= lowest <= highest <= LARGEST_PIXEL:  # NaN fails too
        raise ValueError(
            f"the images of {source} are not finite numbers up to {LARGEST_PIXEL:.0f}: "
            "export the set before it diverged"
        )
    if scale == "auto":
        _refuse_raw(lowest, highest, statistics, source)
    elif scale in WHITE:
        white = WHITE[scale]
        if lowest < -white or highest > 2 * white:
            raise ValueError(
                f"the pixels of {source} lie from {lowest:.4g} to {highest:.4g}: they are not {scale}; "
                "choose another --pixels"
            )
        mean, std = (torch.tensor(values).view(-1, 1, 1) for values in (statistics.mean, statistics.std))
        return pixels.div(white).sub_(mean).div_(std)
    return pixels


def _refuse_raw(lowest: float, highest: float, statistics: Statistics, source: str) -> None:
    """Refuse images whose range is not that of normalised ones.

    Raises:
        ValueError: none is clearly darker than the mean, though black is, or some are far from any colour.
    """
    black = min(-mean / std for mean, std in zip(statistics.mean, statistics.std, strict=True))
    has_dark = black == 0 or lowest <= max(black / 10, DARKEST)
    if has_dark and max(-lowest, highest) * min(statistics.std) <= FARTHEST:
        return
    likely = "0-1" if highest <= 1 else "0-255"
    raise ValueError(
        f"the pixels of {source} lie from {lowest:.4g} to {highest:.4g}, where normalised black is "
        f"{black:.2g}: say what they are with --pixels {likely}, or --pixels normalised if they are"
    )
