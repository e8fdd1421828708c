"""Shapes and types of dmcore are checked in every test; recorded numbers lie in `tests/oracle/data`."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from support.type_checks import begin_test, check_types

LIBRARY = Path(__file__).resolve().parents[1] / "dmcore"
# Pydantic checks its own models, and beartype refuses the `Self` of their validators.
CHECKED = [
    ".".join(path.relative_to(LIBRARY.parent).with_suffix("").parts)
    for path in sorted(LIBRARY.rglob("*.py"))
    if path.name != "__init__.py" and "(BaseModel)" not in path.read_text(encoding="utf-8")
]
check_types(CHECKED)

import torch  # noqa: E402

if TYPE_CHECKING:
    from dmcore.data.images import DataSet

LONGEST_FIRST = (
    "browser/test_app.py",
    "browser/test_looks.py",
    "app/jobs/test_online_evaluation.py",
    "browser/test_feature_space.py",
    "browser/test_accuracy.py",
    "browser/test_time_machine.py",
    "app/views/feature_space/test_page.py",
    "browser/test_live_views.py",
    "browser/test_spectators.py",
    "browser/test_online_evaluation.py",
    "browser/test_distribution.py",
    "browser/how_it_works/test_chapters.py",
    "faults/test_gradient_runs_kill.py",
    "faults/test_runs_kill.py",
    "faults/test_fault_injection.py",
    "faults/test_fuzz.py",
    "faults/test_absurd_arguments.py",
    "unit/test_race.py",
)
"""Files that take a minute or more: begun last, one of them would leave the other process without work."""
TESTS = Path(__file__).parent
WAIT_FOR_OTHERS = tuple(TESTS / name for name in ("app", "browser", "faults"))
"""They wait for threads, processes and browsers; one that fails by chance on a busy machine is run again."""
ORACLE = TESTS / "oracle" / "data"
NO_FILES = [name for name in LONGEST_FIRST if not (TESTS / name).is_file()]
assert not NO_FILES, f"LONGEST_FIRST names files that do not exist: {', '.join(NO_FILES)}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {TESTS / name: rank for rank, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))
    for item in items:
        waits = any(item.path.is_relative_to(folder) for folder in WAIT_FOR_OTHERS)
        if waits or item.get_closest_marker("timed"):
            item.add_marker(pytest.mark.flaky(reruns=1, reruns_delay=2))


def pytest_runtest_setup() -> None:
    begin_test()


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session", autouse=True)
def _cache_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests measure and train does not lie in the cache of who runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DM_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def digits() -> "DataSet":
    """The digits of scikit-learn, 8x8 pixels; frozen, so that all tests may share them."""
    from dmcore.data.load import load_dataset

    return load_dataset("digits")


@pytest.fixture(scope="session")
def oracle() -> Callable[[str], Any]:
    """`oracle("augment.npz")` loads a file of numbers recorded from the authors' code."""

    def load(name: str) -> Any:
        path = ORACLE / name
        return json.loads(path.read_text()) if path.suffix == ".json" else np.load(path)

    return load
