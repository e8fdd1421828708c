"""What the address holds of this page: the item whose numbers are on screen."""

import streamlit as st

from app.components.query_params import write_param

ITEM = "item"


def open_item(name: str) -> None:
    """Show the numbers of an item; an empty name leads back to all."""
    write_param(ITEM, name)


def chosen_item() -> str:
    """Name of the item in the address; empty for all of them."""
    return str(st.query_params.get(ITEM, ""))
