"""Button that copies the page's URL, which holds set-up, run, layer and iteration."""

from app.components.scripts import declare_component

_LINK = declare_component("dm_copy_link", __file__)


def show_copy_link(key: str, label: str = "Copy link") -> None:
    """Draw the button that copies the page's URL."""
    _LINK(key=key, data={"label": label})
