"""Canvas of images that is updated in place and reports clicks, with its JavaScript."""

from app.components.image_grid.component import ImageGrid, Lane, image_row, show_image_grid
from app.components.packed_frame import Pick

__all__ = ["ImageGrid", "Lane", "Pick", "image_row", "show_image_grid"]
