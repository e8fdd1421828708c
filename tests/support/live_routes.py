"""Client of the addresses that the live parts of a page ask, without a server."""

from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.server.routes import live_routes


def live_client() -> TestClient:
    """A client as a browser on this machine; in a `with` block its application is shut down at the end."""
    return TestClient(Starlette(routes=live_routes()), base_url="http://localhost")
