"""What `dm-explorer` serves: the app's script, and beside it the addresses of its live parts."""

import streamlit as st

from app import PACKAGE
from app.server.routes import live_routes

app = st.App(PACKAGE / "main.py", routes=live_routes())
