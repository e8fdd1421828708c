"""ASGI application of `dm-explorer`: the Streamlit script, live endpoints and plotly.js, behind the key."""

import streamlit as st
from starlette.middleware import Middleware

from app import PACKAGE
from app.components.base_path import below_base
from app.server.access import AccessMiddleware, internal_error
from app.server.access_cookie import AccessCookie, load_cookie_secret
from app.server.first_page import read_first_page_ahead
from app.server.first_paint import FirstPaintMiddleware
from app.server.key import take_key
from app.server.private_file import servers_folder
from app.server.routes import live_routes
from app.server.script_routes import script_routes

HEALTH = "/_stcore/health"

app = st.App(
    PACKAGE / "main.py",
    routes=[*live_routes(), *script_routes()],
    middleware=[
        Middleware(
            AccessMiddleware,
            key=take_key(),
            cookie=AccessCookie(load_cookie_secret(servers_folder() / "cookie_secret")),
            allowed_hosts=st.get_option("server.allowedHosts"),
            open_path=below_base(HEALTH),
        ),
        Middleware(FirstPaintMiddleware),
    ],
    exception_handlers={Exception: internal_error},
)
read_first_page_ahead()
