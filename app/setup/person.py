"""Who looks at the page: an id of the browser, from the cookie that the server gives to each.

A run keeps a hash of it beside what this person predicted, so that nobody who reads the folder gets a cookie.
"""

import hashlib
import secrets

import streamlit as st

COOKIE = "dm_explorer_person"
_KEY = "form_person"
"""Key in the session, for browsers without cookies."""


def person_id() -> str:
    """Random id of this browser, the same after a reload; without cookies of this session only."""
    cookie: object = st.context.cookies.get(COOKIE)
    if isinstance(cookie, str) and cookie:  # AppTest has a mock
        return cookie
    session_id: str = st.session_state.setdefault(_KEY, secrets.token_urlsafe(16))
    return session_id


def person_hash() -> str:
    """Hash of `person_id`, as runs store it: 32 hexadecimal digits."""
    return hashlib.sha256(person_id().encode()).hexdigest()[:32]
