"""Key of the server: made at each start; who shows it is the person who started it."""

import os
import secrets
import sys

from app.server.access_cookie import AccessCookie

SHORT_LIVED_SECONDS = 120
_HANDED_OVER = "DM_EXPLORER_KEY"


def make_key() -> str:
    """Make a key of 256 random bits, fit for an address."""
    return secrets.token_urlsafe(32)


def short_lived_key(key: str, port: int) -> str:
    """Make a key for a browser's command line, which everybody on the machine can see while it runs."""
    return AccessCookie(key.encode()).issue(port, SHORT_LIVED_SECONDS)


def is_short_lived_key(text: str, key: str, port: int) -> bool:
    """Whether a text is a `short_lived_key` made from this key, and has not expired."""
    return AccessCookie(key.encode()).is_valid(text, port)


def hand_over(key: str) -> None:
    """Leave the key for the application that is started next in this process."""
    os.environ[_HANDED_OVER] = key


def take_key() -> str:
    """Take the launcher's key, so that no child process inherits it; without a launcher make one."""
    key = os.environ.pop(_HANDED_OVER, None)
    if key is None:
        key = make_key()
        sys.stdout.write(f"dm-explorer asks for a key: add /?key={key} to the address of this server\n")
        sys.stdout.flush()
    return key
