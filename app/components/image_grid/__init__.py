"""Canvas of images that is updated in place and reports clicks, with its JavaScript."""

from app.components.image_grid.component import ImageGrid, Lane, Pick, pack, read_pick, show_image_grid

__all__ = ["ImageGrid", "Lane", "Pick", "pack", "read_pick", "show_image_grid"]
