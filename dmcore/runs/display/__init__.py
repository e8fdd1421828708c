"""Display images of runs (uint8, NumPy): of the learned pixels, their change, momentum and gradients."""

from dmcore.runs.display.images import DisplayImages, images_at, to_display_images

__all__ = ["DisplayImages", "images_at", "to_display_images"]
