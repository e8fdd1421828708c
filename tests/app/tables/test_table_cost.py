"""Cost beside the buttons of tables: what is known of a data set that is no named one."""

from types import SimpleNamespace

import pytest

from app.tables import cost
from dmcore.runs.description import DataDescription

FOLDER = DataDescription(
    name="/data/mine",
    title="mine",
    class_names=("a", "b"),
    mean=(0.5,),
    std=(0.2,),
    channels=1,
    height=8,
    width=8,
)


def test_an_imported_run_does_not_make_the_tables_of_its_data_set_cost_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted = FOLDER.model_copy(update={"train_count": 100, "test_count": 20})
    runs = [SimpleNamespace(description=SimpleNamespace(data=data)) for data in (FOLDER, counted)]
    monkeypatch.setattr(cost, "list_runs", lambda root: runs)
    shape = cost._data_of("/data/mine")
    assert shape is not None
    assert (shape.train, shape.test) == (100, 20)
    runs.pop()
    assert cost._data_of("/data/mine") is None
