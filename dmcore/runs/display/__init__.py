"""Runs as people see them: display images (uint8, NumPy) and titles of runs, sets and images.

The images are of the learned pixels, their change, momentum and gradients.
"""

from dmcore.runs.display.images import DisplayImages, images_at, to_display_images

__all__ = ["DisplayImages", "images_at", "to_display_images"]
