"""The chapters start no run: one server is enough for all."""

import pytest


@pytest.fixture(scope="session")
def app(app_without_runs):
    return app_without_runs
