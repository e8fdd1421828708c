"""Pixel scale of imported images: normalised, raw floats from 0 to 1 or 0 to 255, or whitened (ZCA).

Normalised images have pixels darker than the mean, so below 0; raw ones have none, and trained on as they are
they would be far brighter than any real image. Whitened ones vary much less than normalised ones. They are
told apart by range, mean and deviation, and by what the layout of a method has; what these leave open is
asked, and never guessed.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from dmcore.data.images import Statistics
from dmcore.runs.formats.tensor_checks import LARGEST_PIXEL

PixelScale = Literal["auto", "normalised", "0-1", "0-255", "zca"]
Convention = Literal["normalised", "unstated", "0-1", "mtt", "mtt-unwhitened", "kip"]
"""What the pixels of a layout are: normalised where the file says so, and mostly where it is unstated; mtt
and kip are normalised or whitened, mtt-unwhitened from 0 to 1 with pixels beyond."""
WHITE = {"0-1": 1.0, "0-255": 255.0}
FARTHEST = 20.0
"""Whites: learned pixels overshoot the range of colours by a few times it, not by more than this."""
DARKEST = -0.25
"""Deviations: some pixel of every normalised set is below this, or below a tenth of black."""
LEAST_DEVIATION = 0.6
"""Of normalised images, whose deviation is about 1; that of images whitened with a regularisation is less."""
GREYS = (0.1, 0.9)
"""Means of the channels of pixels from 0 to 1."""


@dataclass(frozen=True)
class MeasuredPixels:
    """Range of pixels, mean and deviation of each channel."""

    lowest: float
    highest: float
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def of(cls, images: Float[Tensor, "image channel height width"], source: str) -> "MeasuredPixels":
        """Measure images.

        Raises:
            ValueError: pixels that are not finite, or beyond what is stored.
        """
        lowest, highest = (float(bound) for bound in torch.aminmax(images))
        if not -LARGEST_PIXEL <= lowest <= highest <= LARGEST_PIXEL:  # NaN fails too
            raise ValueError(
                f"the images of {source} are not finite numbers up to {LARGEST_PIXEL:.0f}: "
                "export the set before it diverged"
            )
        std, mean = torch.std_mean(images, dim=(0, 2, 3), correction=0)
        return cls(lowest, highest, tuple(mean.tolist()), tuple(std.tolist()))

    def __str__(self) -> str:
        """The measurements in words."""
        mean, std = (" ".join(f"{value:.2g}" for value in values[:3]) for values in (self.mean, self.std))
        return f"from {self.lowest:.4g} to {self.highest:.4g} (mean {mean}, deviation {std})"


class AmbiguousPixelsError(ValueError):
    """Pixels that may be of several scales; the sentence has the measurements and the choice."""

    def __init__(
        self, source: str, measured: MeasuredPixels, reason: str, scales: tuple[PixelScale, PixelScale]
    ) -> None:
        likely, other = scales
        super().__init__(
            f"the pixels of {source} lie {measured}, {reason}: "
            f"say what they are with --pixels {likely}, or --pixels {other} if they are"
        )
        self.measured, self.scales = measured, scales


def settle_scale(
    images: Tensor, statistics: Statistics, scale: PixelScale, convention: Convention, source: str
) -> PixelScale:
    """Scale of images: what is said of them, checked, or what they clearly are.

    Args:
        images: uint8 from 0 to 255, or floating-point, [image, channel, height, width].
        statistics: normalisation of the data set, of as many channels.
        scale: what the user says; "auto" leaves it to the pixels.
        convention: what the pixels of the layout usually are.
        source: name of the file.

    Raises:
        AmbiguousPixelsError: they may be of several scales.
        ValueError: values that are not finite, or whose range is not that of the scale.
    """
    if images.dtype == torch.uint8:
        if scale not in ("auto", "0-255"):
            raise ValueError(f"the images of {source} are 8-bit, from 0 to 255: leave --pixels {scale} out")
        return "0-255"
    measured = MeasuredPixels.of(images.float(), source)
    if scale in WHITE:
        white = WHITE[scale]
        if measured.lowest < -white or measured.highest > 2 * white:
            raise ValueError(
                f"the pixels of {source} lie {measured}: they are not {scale}; choose another --pixels"
            )
    if scale == "zca" and convention == "kip":
        raise ValueError(
            f"the whitening of {source} cannot be undone, as KIP also divides each image by its length: "
            "take them as they are with --pixels normalised"
        )
    return scale if scale != "auto" else _recognised(measured, statistics, convention, source)


def normalised(
    images: Tensor, statistics: Statistics, scale: PixelScale
) -> Float[Tensor, "image channel height width"]:
    """Normalise images of a scale; normalised ones are returned as float32."""
    if images.dtype == torch.uint8:
        return statistics.normalise(images)
    pixels = images.float()
    if scale not in WHITE:
        return pixels
    mean, std = (torch.tensor(values).view(-1, 1, 1) for values in (statistics.mean, statistics.std))
    return pixels.div(WHITE[scale]).sub_(mean).div_(std)


def _recognised(
    measured: MeasuredPixels, statistics: Statistics, convention: Convention, source: str
) -> PixelScale:
    varies_little = max(measured.std) < LEAST_DEVIATION
    if convention == "0-1" and measured.lowest >= 0 and measured.highest <= 1:
        return "0-1"
    if convention == "mtt-unwhitened":
        if _is_like_colours(measured) and measured.lowest >= -1:
            return "0-1"
        reason = "though images whose whitening was undone have a mean between 0.1 and 0.9"
        raise AmbiguousPixelsError(source, measured, reason, ("zca", "0-1"))
    if convention in ("mtt", "kip") and varies_little:
        reason = "where normalised images have a deviation of about 1, so that they may be whitened (ZCA)"
        scales: tuple[PixelScale, PixelScale] = ("zca", "normalised")
        raise AmbiguousPixelsError(source, measured, reason, scales if convention == "mtt" else scales[::-1])
    if convention in ("unstated", "0-1") and varies_little and _is_like_colours(measured):
        reason = "where normalised images have a deviation of about 1, so that they may be from 0 to 1"
        raise AmbiguousPixelsError(source, measured, reason, ("0-1", "normalised"))
    black = min(-mean / std for mean, std in zip(statistics.mean, statistics.std, strict=True))
    has_dark = black == 0 or measured.lowest <= max(black / 10, DARKEST)
    if has_dark and max(-measured.lowest, measured.highest) * min(statistics.std) <= FARTHEST:
        return "normalised"
    likely: PixelScale = "0-1" if measured.highest <= 1 else "0-255"
    reason = f"where normalised black is {black:.2g}"
    raise AmbiguousPixelsError(source, measured, reason, (likely, "normalised"))


def _is_like_colours(measured: MeasuredPixels) -> bool:
    """Whether the channels have means of pixels from 0 to 1."""
    return all(GREYS[0] <= mean <= GREYS[1] for mean in measured.mean)
