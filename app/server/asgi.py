"""What `dm-explorer` serves: the app's script, and beside it the addresses of its live parts."""

import sys
from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).resolve().parents[1]
if str(FOLDER) not in sys.path:  # Streamlit puts this file's own folder there
    sys.path.insert(0, str(FOLDER))

from app.server.routes import live_routes  # noqa: E402

app = st.App(FOLDER / "app" / "main.py", routes=live_routes())
