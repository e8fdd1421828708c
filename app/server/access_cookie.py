"""Cookie of a browser that has shown the server's key: an expiry date signed with HMAC-SHA256.

Its secret outlives the server, so that open tabs and bookmarks go on working after a restart. Browsers share
cookies between the ports of a host: name and signature hold the port. A foreign server on another port of
this machine is sent the cookie as well, if the person visits it: therefore it is valid for a week only.
"""

import hashlib
import hmac
import secrets
import sys
import time
from pathlib import Path

from app.server.private_file import write_private

SECONDS = 7 * 24 * 3600
"""How long a cookie is valid; each page that is opened renews it."""
SECRET_BYTES = 32


class AccessCookie:
    """Issues and checks access cookies.

    Args:
        secret: key of the signature.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @staticmethod
    def name(port: int) -> str:
        """Name of the cookie for the port that the browser sees."""
        return f"dm_explorer_{port}"

    def issue(self, port: int, seconds: int = SECONDS) -> str:
        """Make a value that is valid for some seconds: `EXPIRY.SIGNATURE`, in seconds since 1970."""
        expiry = str(int(time.time()) + seconds)
        return f"{expiry}.{self._signature(port, expiry)}"

    def is_valid(self, value: str, port: int) -> bool:
        """Whether this secret signed the value for this port, and it has not expired."""
        expiry, _, signature = value.partition(".")
        signed = hmac.compare_digest(signature.encode(), self._signature(port, expiry).encode())
        return signed and int(expiry) > time.time()

    def _signature(self, port: int, expiry: str) -> str:
        return hmac.new(self._secret, f"{port}.{expiry}".encode(), hashlib.sha256).hexdigest()


def load_cookie_secret(path: Path) -> bytes:
    """Read the secret, or make and store it; where that fails it says so and lasts as long as the server."""
    try:
        try:
            secret = bytes.fromhex(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):  # none yet, or damaged: browsers have to show the key again
            secret = b""
        if len(secret) < SECRET_BYTES:
            secret = secrets.token_bytes(SECRET_BYTES)
            write_private(path, secret.hex())
    except OSError as problem:
        sys.stdout.write(
            f"{path} cannot be read or written ({problem.strerror}): "
            "after a restart open the printed address again\n"
        )
        secret = secrets.token_bytes(SECRET_BYTES)
    return secret
