"""The page Random or trained?: the pool is built, bands become rows, what cannot be filled says why."""

import shlex
from functools import partial
from typing import Any

import pytest
import tyro
from support.fresh_interpreter import assert_no_torch
from support.jobs import ended
from support.live_routes import live_client
from support.pages import components_of, figures_of, lines_of, open_page, tables_of, text_of
from support.small_tables import DIGITS
from support.waiting import until

from app.data.folders import cache_root
from app.jobs.manager import JobManager
from app.jobs.pool_work import PoolWork
from app.tables.state import TableState, table_id
from app.views.network_distribution.live import live_distribution
from app.views.network_distribution.plot import distribution_figure
from app.views.network_distribution.pool_status import pool_status
from app.views.network_distribution.sections import help_text, row_meaning, sources_of
from dmcore.cli.experiment import Experiment
from dmcore.cli.flags import config_of
from dmcore.config.network_source import parse_source
from dmcore.embedding.pool_index import OUTSIDE, PoolFile, PoolIndex, by_band, find_index
from dmcore.embedding.pool_request import PoolRequest
from dmcore.experiments.presets import DataFacts
from dmcore.experiments.report.entries import compared_entries
from dmcore.experiments.report.notes import PublishedMarker
from dmcore.experiments.results import CellResult, NetworkResult, Results
from dmcore.experiments.table import Table
from dmcore.experiments.table4 import Table4Config, source_kinds

opened = partial(open_page, "network_distribution.py", table4_data="Digits")
TINY = Table4Config(
    dataset="digits",
    sources=("random", "all"),
    images_per_class=(1,),
    **{"seeds": 1, "repeats": 1, "iterations": 2, "epochs": 1, "width": 8},
    **{"pool_networks": 2, "pool_steps": 8},
)
TINY_POOL = TINY.pool_request(DIGITS)
TINY_QUERY: dict[str, Any] = {
    **{"sources": ["random", "all"], "per_class": "1", "table4_seeds": "1", "table4_repeats": "1"},
    **{"table4_iterations": "2", "table4_epochs": "1", "table4_width": "8"},
    **{"table4_pool_networks": "2", "table4_pool_steps": "8"},
}
"""The address of `TINY`."""


def index_of(request: PoolRequest, *accuracies: float) -> PoolIndex:
    """A pool whose networks have one state each."""
    files = tuple(
        PoolFile(network=number, name=f"network-{number}", bytes=10**6, states=((8, accuracy),))
        for number, accuracy in enumerate(accuracies)
    )
    return PoolIndex(
        config=request.config, dataset=request.dataset, data="0", validation="144 of them", files=files
    )


def with_numbers(table: Table, **by_row: float) -> Results:
    """Each cell of a row has two networks around its number."""
    filled = {
        index: CellResult(
            digest=f"{cell.row}/{cell.column}/{cell.recipe.seed}",
            network_results=tuple(
                NetworkResult(
                    repeat=repeat, accuracy=number + repeat + cell.recipe.seed, file=f"{index}/{repeat}"
                )
                for repeat in (0, 1)
            ),
        )
        for index, cell in enumerate(table.cells)
        if (number := by_row.get(cell.row)) is not None
    }
    return Results(table=table, cell_results=filled)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"sources": ()},
        {"sources": (), "images_per_class": (1, 10)},
        {"sources": ("pixels", "fixed:2", "band:40-60", "interpolated:0.5"), "seeds": 4},
        {"preset": "paper", "sources": (), "pool_networks": None, "pool_steps": None, "width": None},
    ],
)
@pytest.mark.parametrize("networks", [0, 1, 2])
def test_the_command_line_fills_the_same_table_as_the_page(
    process_manager: JobManager, changes: dict[str, Any], networks: int
) -> None:
    chosen = TINY.model_copy(update=changes)
    index = index_of(chosen.pool_request(DIGITS), *(40.0, 90.0)[:networks]) if networks else None
    chosen = chosen.with_rows(DIGITS, index)
    if index is not None:
        folder = cache_root() / "pools" / "some"
        folder.mkdir(parents=True)
        (folder / "index.json").write_text(index.model_dump_json())
        for pool_file in index.files:
            with (folder / pool_file.name).open("wb") as file:
                file.truncate(pool_file.bytes)  # as long as the index says: shorter ones are left out
    words = shlex.split(chosen.command_for(DIGITS, index))
    assert words[:3] == ["dmcore", "experiment", "table4"]
    typed = config_of(tyro.cli(Experiment, args=words[2:]), Table4Config)
    assert typed.table(DIGITS, cache_root()).key == chosen.table(DIGITS).key


def test_without_a_pool_the_page_offers_to_build_it_and_to_fill_the_rest(
    process_manager: JobManager,
) -> None:
    page = opened()
    text = text_of(page).replace("\\", "")
    assert "Do the embedding networks have to be trained?" in text
    assert "None is trained yet. 20 networks" in text
    assert "Rows of trained networks are added here once these are trained" in text
    assert "There are no numbers yet: " in text
    labels = [button.label for button in page.button]
    assert labels == ["Run this table", "Build the pool"]
    code = "\n".join(block.value for block in page.code)
    assert "dmcore pool build --dataset digits --networks 20 --width 32" in code
    assert "dmcore experiment table4 --preset laptop" in code
    pool, table = lines_of(page)
    assert "not built yet" in pool
    assert (
        "not started | 0 of 60 networks" in table
    )  # random, three of fixed ones, pixels; 2 sizes, 3 sets, 2 each
    assert "The paper's table 4 is of CIFAR-10" in text


def test_the_pool_is_built_and_the_table_filled_and_every_view_of_them_tells(
    process_manager: JobManager,
) -> None:
    page = opened(**TINY_QUERY)
    assert "All trained: can be run once the networks are trained" in text_of(page)
    page.button(key="pool_build").click().run()
    assert not page.exception
    job = process_manager.job_about("pool", TINY_POOL.pool)
    assert job is not None
    assert ended(job) == "finished"
    page.run()
    assert "built | 2 networks" in lines_of(page)[0]
    (histogram,) = figures_of(page)
    assert "Histogram of the validation accuracies of 16 states" in histogram["alt"]
    assert "pool_build" not in [button.key for button in page.button]

    assert find_index("digits", TINY_POOL.config, cache_root()) is not None
    table = TINY.table(DIGITS)
    page.button(key="table_run").click().run()
    filling = process_manager.job_about("table", table.key)
    assert filling is not None
    assert ended(filling) == "finished"
    page.run()
    assert not page.exception
    assert "finished | 2 of 2 networks trained and tested" in lines_of(page)[1]
    histogram, figure = figures_of(page)
    assert figure["subject"] == table_id(table)
    assert "Random, 1 per class" in figure["alt"]
    assert "All trained, 1 per class" in figure["alt"]
    assert any("Random above" in table and "All trained" in table for table in tables_of(page))
    with live_client() as client:
        answered = client.get(f"/live/tables/{table_id(table)}/distribution").json()
        assert answered["figure"] == figure["figure"]
        query = {"asked": pool_status(process_manager, TINY_POOL).query_text}
        assert client.get("/live/pools/histogram", params=query).json()["figure"] == histogram["figure"]
        line = client.get("/live/pools/status", params=query).json()
        assert (
            client.get("/live/pools/status", params={**query, "moment": line["revision"]}).status_code == 204
        )
        assert client.get("/live/pools/status", params={"asked": "{}"}).status_code == 404

    page = opened(**TINY_QUERY, below="What it sees")
    assert "What an embedding sees" in [subheader.value for subheader in page.subheader]
    page = opened(**TINY_QUERY, below="What was learned")
    assert "only the networks differ" in text_of(page)
    assert len(components_of(page, "dm_image_grid")) == 1


def test_a_pool_waits_behind_a_run_is_stopped_and_goes_on(process_manager: JobManager) -> None:
    long = TINY_POOL.model_copy(update={"config": TINY_POOL.config.model_copy(update={"pool_steps": 10**6})})
    first = process_manager.submit(PoolWork(request=long))
    page = opened(**TINY_QUERY)
    assert page.button(key="pool_build").label == "Build the pool after the running job"
    page.button(key="pool_build").click().run()
    assert "queued" in lines_of(page)[0]
    page.button(key="pool_cancel").click().run()
    assert process_manager.queued == ()
    page = opened(**{**TINY_QUERY, "table4_pool_steps": "1000000"})
    until(lambda: first.activity.startswith("0 of 2 networks"), seconds=120)
    page.run()
    assert "being built" in lines_of(page)[0]
    page.button(key="pool_pause").click().run()
    until(lambda: first.state == "paused", seconds=120)
    page.run()
    assert page.button(key="pool_pause").label == "Go on"
    page.button(key="pool_stop").click().run()
    assert ended(first) == "stopped"
    page.run()
    assert page.button(key="pool_build").label == "Build the pool"


@pytest.mark.parametrize("typed", ["bands", "fixed:0", "band:60-40", "interpolated:2", "fixed:x"])
def test_a_source_that_is_none_is_a_sentence(process_manager: JobManager, typed: str) -> None:
    page = opened(**{**TINY_QUERY, "sources": ["random", typed]})
    (warning,) = page.warning
    assert warning.value.replace("\\", "").startswith(f"“{typed}” names no networks: ")
    assert "table_run" not in [button.key for button in page.button]
    assert page.button(key="pool_build").label == "Build the pool"


def test_an_empty_band_says_which_are_full_and_offers_to_train_more(process_manager: JobManager) -> None:
    assert ended(process_manager.submit(PoolWork(request=TINY_POOL))) == "finished"
    page = opened(**{**TINY_QUERY, "sources": ["random", "band:99-100"]})
    assert "No network of the pool has 99 to 100 % validation accuracy (there are: " in text_of(page).replace(
        "\\", ""
    )
    page.button(key="pool_grow").click().run()
    assert not page.exception
    grown = process_manager.current
    assert grown is not None
    assert isinstance(grown.work, PoolWork)
    assert grown.work.request.networks == 12
    assert page.query_params["table4_pool_networks"] in ("12", ["12"])
    assert ended(grown) == "finished"
    page.run()
    assert pool_status(process_manager, grown.work.request).networks == 12
    page.button(key="table_run").click().run()
    until(lambda: not process_manager.busy, seconds=120)
    page.run()
    assert "1 of 2 cells cannot be computed" in lines_of(page)[1]
    assert "99–100" in text_of(page) or "≥ 99 %" in text_of(page)


def test_states_stand_in_the_first_band_that_holds_them() -> None:
    states = index_of(TINY_POOL, 10, 39.9, 40, 100).states()
    bands = tuple(map(parse_source, ["band:10-40", "band:40-60", "band:90-100"]))
    assert by_band(states, bands) == {"10–40 %": [10, 39.9], "40–60 %": [40], "≥ 90 %": [100]}
    assert by_band(states, bands[1:])[OUTSIDE] == [10, 39.9]


def test_only_neighbours_of_one_ordered_kind_are_joined() -> None:
    sources = ("random", "band:10-40", "band:40-60", "all", "pixels")
    chosen = TINY.model_copy(update={"sources": sources, "seeds": 3})
    table = chosen.with_rows(DIGITS, index_of(TINY_POOL, 20, 50)).table(DIGITS)
    # bands that are not the usual ones stand at the end
    assert table.rows == ("Random", "All trained", "Pixels", "10–40 %", "40–60 %")
    results = with_numbers(table, **{"Random": 50, "10–40 %": 52, "40–60 %": 53, "Pixels": 40})
    state = TableState(results, None, None, "")
    figure = live_distribution(state, {}).figure
    data = figure["data"]
    assert isinstance(data, list)
    thin, joined, sets, means, published = data
    assert thin["y"] == [51.5] * 3
    assert (joined["x"], joined["y"]) == ([3, 4, None], [53.5, 54.5, None])
    assert means["x"] == [0, 2, 3, 4]
    assert len(sets["x"]) == 4 * 3
    assert published["x"] == []
    mark = PublishedMarker("Random", "1 per class", 26.0, "the paper, table 1")
    drawn = distribution_figure(source_kinds(table), table.columns, compared_entries(results), [mark])["data"]
    assert isinstance(drawn, list)
    assert drawn[-1]["y"] == [26.0, 26.0, None]
    assert drawn[-1]["line"]["dash"] == "dot"


def test_the_papers_numbers_are_drawn_only_where_the_experiment_is_the_same() -> None:
    cifar = DataFacts("cifar10", "CIFAR-10", (3, 32, 32), 50_000)
    paper = Table4Config(preset="paper", dataset="cifar10", sources=("random", "band:40-50"))

    def dotted(chosen: Table4Config) -> list[float]:
        state = TableState(Results(table=chosen.table(cifar), cell_results={}), None, None, "")
        data = live_distribution(state, {}).figure["data"]
        assert isinstance(data, list)
        return [y for trace in data if trace.get("line", {}).get("dash") == "dot" for y in trace["y"]]

    assert dotted(paper)[:6] == [26.0, 26.0, None, 26.7, 26.7, None]
    assert dotted(paper.model_copy(update={"iterations": 1000})) == []


def test_the_page_does_not_import_torch() -> None:
    assert_no_torch(
        *(
            f"app.views.network_distribution.{module}"
            for module in ("embedding_view", "form", "pool_view", "sections")
        )
    )


def test_it_opens_on_the_data_that_results_were_recorded_of(
    process_manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DM_GALLERY")
    page = open_page("network_distribution.py")
    assert page.selectbox(key="table4_data").value == "Digits"
    text = text_of(page)
    assert "not on Fashion-MNIST" not in text
    assert "Rows of trained networks are added" not in text  # the recorded figure has them
    assert "Random: another random network in each iteration" in text


def test_the_names_of_the_rows_are_explained_with_those_that_there_are() -> None:
    texts = ("random", "band:4-18", "band:18-57", "all", "fixed:1", "fixed:8")
    sources = [parse_source(text) for text in texts]
    assert row_meaning(sources) == (
        "Random: another random network in each iteration. 1 or 8 fixed: the same random networks again "
        "and again. A range such as 4–18 %: networks trained until they were right so often. All trained: "
        "trained networks of any accuracy."
    )
    table = Table4Config(preset="laptop", dataset="digits", sources=("random", "band:4-18")).table(DIGITS)
    assert sources_of(table) == [parse_source("random"), parse_source("band:4-18")]
    assert "such as 4–18 %, is all states with a validation accuracy from 4 to below 18 %" in help_text(table)
    assert "40–50" not in help_text(table)
