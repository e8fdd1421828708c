"""Key of the server: made at each start; who shows it is the person who started it."""

import hmac
import os
import secrets
import sys

from app.server.access_cookie import AccessCookie

SHORT_LIVED_SECONDS = 120
"""Time for a browser to start in."""
_HANDED_OVER = "DM_EXPLORER_KEY"


def make_key() -> str:
    """Make a key of 256 random bits, fit for an address."""
    return secrets.token_urlsafe(32)


def short_lived_key(key: str, port: int) -> str:
    """Make a key for a browser's command line, which everybody on the machine can see while it runs."""
    number = secrets.token_urlsafe(6)  # two of the same second are two
    return f"{number}~{_signed_with(key, number).issue(port, SHORT_LIVED_SECONDS)}"


class KeyCheck:
    """Check of what browsers show: the key, or one made from it for a browser's command line, valid once.

    Args:
        key: the key of the server.
    """

    def __init__(self, key: str) -> None:
        self._key = key
        self._used: set[str] = set()

    def accepts(self, text: str, port: int) -> bool:
        """Whether a text is the key or an unused short-lived one; that one is used now."""
        if hmac.compare_digest(text.encode(), self._key.encode()):
            return True
        number, _, signed = text.partition("~")
        if text in self._used or not _signed_with(self._key, number).is_valid(signed, port):
            return False
        self._used.add(text)
        return True


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


def _signed_with(key: str, number: str) -> AccessCookie:
    return AccessCookie(f"{key} {number}".encode())
