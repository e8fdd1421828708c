"""Base URL path of the server, below which all of its addresses lie."""

import streamlit as st


def below_base(path: str) -> str:
    """The path below the server's base URL path."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{'/' if base else ''}{base}{path}"
