"""ASGI application that `dm-explorer` serves: the Streamlit script and the live endpoints."""

import streamlit as st

from app import PACKAGE
from app.server.routes import live_routes

app = st.App(PACKAGE / "main.py", routes=live_routes())
