"""Menu of a phone: Streamlit leaves it open over the page that was chosen in it."""

from app.components.scripts import declare_component

_MENU = declare_component("dm_phone_menu", __file__, isolate_styles=False)


def close_phone_menu() -> None:
    """Have the menu close whenever a page is chosen in it."""
    _MENU(key="app_phone_menu")
