"""What an embedding sees: the section of a page, the thread behind it, and what is drawn."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from support.fresh_interpreter import assert_no_torch, run_fresh
from support.pages import html_of, text_of
from support.waiting import until

from app.answers.question import Answer, Question
from app.answers.service import Answers
from app.jobs.page_answers import get_page_answers
from app.views.network_distribution.embedding_plot import (
    maps_grid,
    mean_std_text,
    pairs_figure,
    sources_table,
)
from app.views.network_distribution.embedding_queries import (
    DistancesQuery,
    FeatureMapsQuery,
    ImageCountsQuery,
)
from app.views.network_distribution.embedding_view import lack_text, pool_notice
from dmcore import load_dataset
from dmcore.config import PoolConfig
from dmcore.config.network_source import RANDOM, NetworkSource
from dmcore.embedding.pool_index import comparable_sources, find_index
from dmcore.execution.plan import Plan
from dmcore.feature_space.distances import MeanAndStd
from dmcore.training.network_pool import build_pool

TINY = PoolConfig(width=8, depth=2, pool_steps=40)
COUNT = ImageCountsQuery("digits")


@pytest.fixture(scope="module")
def pools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cache = tmp_path_factory.mktemp("cache")
    for _ in build_pool(load_dataset("digits"), TINY, 2, cache, Plan()):
        pass
    return cache


@pytest.fixture
def cache(pools: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("DM_CACHE", str(pools))
    get_page_answers.release()
    yield pools
    get_page_answers.release()


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("DM_CACHE", str(tmp_path))
    get_page_answers.release()
    yield tmp_path
    get_page_answers.release()


def computed(question: Question[Answer]) -> Answer:
    pieces = question.answer()
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            value: Answer = end.value
            return value


def section(networks: int = 2) -> AppTest:
    return AppTest.from_string(
        "from app.views.network_distribution.embedding_view import show_embedding\n"
        "from dmcore.embedding.pool_request import PoolRequest\n"
        f"show_embedding(PoolRequest(dataset='digits', config={TINY.model_dump()}, networks={networks}))\n",
        default_timeout=60,
    )


def full_text(page: AppTest) -> str:
    """The page's text, that of its tables too."""
    return " | ".join([text_of(page), *html_of(page)]).replace("\\", "")


def settled(page: AppTest) -> AppTest:
    """The page once nothing is on its way any more."""
    until(lambda: "Computing" not in full_text(page.run()), interval=0.05)
    return page


def test_with_a_pool_the_page_shows_three_stages_and_every_source(cache: Path) -> None:
    page = settled(section())
    text = full_text(page)
    assert "the pool's first network before training" in text
    assert "Random: rank correlation 0." in text
    index = find_index("digits", TINY, cache)
    names = [source.name for source in comparable_sources(index, "digits", 2)]
    assert names[:2] == ["Random", "1 fixed"]
    assert names[-2:] == ["All trained", "Pixels"]
    assert len(names) >= 7
    for name in names:
        assert f"'Source'>{name}</td>".replace("\u00a0", " ") in text
    assert not page.info
    assert not page.warning
    options = next(box for box in page.selectbox if box.key == "embedding_source").options
    assert options == names


def test_another_source_and_another_image_are_drawn(cache: Path) -> None:
    page = settled(section())
    next(box for box in page.selectbox if box.key == "embedding_source").set_value("pixels")
    assert "every pair lies on the diagonal" in full_text(settled(page))
    page.number_input[0].set_value(page.number_input[0].max).run()
    next(box for box in page.selectbox if box.key == "embedding_class").set_value(8)
    page = settled(page)
    assert page.number_input[0].value <= page.number_input[0].max, "class 8 has fewer images than class 0"


def test_without_a_pool_random_networks_and_pixels_are_shown_and_it_is_said(empty_cache: Path) -> None:
    page = settled(section())
    text = full_text(page)
    assert "There is no pool of trained networks yet" in text
    assert "A random network, before any training" in text
    assert next(box for box in page.selectbox if box.key == "embedding_source").options == [
        "Random",
        "1 fixed",
        "Pixels",
    ]


def test_a_pool_with_fewer_networks_than_asked_for_is_said(cache: Path) -> None:
    text = full_text(settled(section(networks=5)))
    assert "The pool has 2 of 5 networks: results are of these 2" in text
    assert pool_notice(1, 2).endswith("results are of this one until it is built further.")


def test_a_damaged_pool_is_a_sentence_in_its_rows_and_the_others_stand(
    pools: Path, empty_cache: Path
) -> None:
    import shutil

    shutil.copytree(pools, empty_cache, dirs_exist_ok=True)
    for file in empty_cache.glob("pools/*/network-*.safetensors"):
        file.write_bytes(bytes(file.stat().st_size))  # as long as it was, so it is in the index
    text = full_text(settled(section()))
    assert "Network 0 of the pool is damaged or missing" in text
    assert "Random: rank correlation 0." in text


def test_data_that_are_not_here_are_a_sentence() -> None:
    failure = get_page_answers().ask(ImageCountsQuery("/no/such/folder"), patience=None).failure
    assert failure is not None
    assert failure.sentence.endswith(".")


def test_nothing_is_computed_while_a_run_is() -> None:
    run_is_on = threading.Event()
    run_is_on.set()
    answers = Answers("test", run_is_on.is_set)
    look = answers.ask(COUNT, patience=30)
    assert look.pending, "the page is not held up"
    assert lack_text(look) == "Computed when the current run has ended or is paused …"
    time.sleep(0.3)
    assert answers.look(COUNT).pending
    run_is_on.clear()
    counted = answers.ask(COUNT, patience=None).value
    assert counted is not None
    assert sum(count for _, count in counted) == 360
    answers.shutdown()


def test_the_image_comes_before_its_maps_and_these_before_the_distances() -> None:
    maps = FeatureMapsQuery("digits", TINY, 0, 0, 0)
    assert COUNT.priority < maps.priority < DistancesQuery("digits", TINY, 0, RANDOM).priority


def test_a_process_that_ends_while_it_computes_ends_well() -> None:
    script = (
        "from app.answers.service import Answers\n"
        "from app.views.network_distribution.embedding_queries import DistancesQuery\n"
        "from dmcore.config import PoolConfig\n"
        "from dmcore.config.network_source import RANDOM\n"
        "Answers('test').ask(DistancesQuery('digits', PoolConfig(), 0, RANDOM), 0.5)\n"
    )
    ended = run_fresh(script)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_view_does_not_import_torch() -> None:
    assert_no_torch("app.views.network_distribution.embedding_view")


def test_tiles_are_rows_of_stages_and_columns_of_channels(cache: Path) -> None:
    result = computed(FeatureMapsQuery("digits", TINY, 2, 3, 0))
    grid = maps_grid(result)
    assert [lane.title for lane in grid.lanes] == ["After block 1, maps of 6×6", "After block 2, maps of 3×3"]
    assert [lane.pixels.shape for lane in grid.lanes] == [(3, 8, 3, 6, 6), (3, 8, 3, 3, 3)]
    assert grid.class_names[0] == "Random"
    assert grid.class_names[1].startswith("Half trained, ")
    assert grid.class_names[2].startswith("Trained, ")
    assert grid.packed()


def test_dots_are_pairs_of_one_class_and_of_two_and_pixels_lie_on_the_diagonal(cache: Path) -> None:
    result = computed(DistancesQuery("digits", TINY, 0, NetworkSource("pixels")))
    np.testing.assert_array_equal(result.pixels, result.features)
    figure = pairs_figure(result)
    two_classes, one_class = figure["data"]  # type: ignore[misc]
    assert (two_classes["name"], one_class["name"]) == ("two classes", "one class")
    assert len(one_class["x"]) == len(two_classes["x"]) == 500
    assert result.all_pairs == MeanAndStd(1.0, 0.0, 1)
    assert result.separation.mean == result.pixel_separation


def test_the_table_escapes_and_says_what_lacks(cache: Path) -> None:
    result = computed(DistancesQuery("digits", TINY, 0, RANDOM))
    table = sources_table({"Random": result, "<b>": "Damaged & gone."})
    assert "&lt;b&gt;" in table
    assert "Damaged &amp; gone." in table
    assert mean_std_text(result.all_pairs).replace("\u00a0", " ") in table.replace("\u00a0", " ")
    assert "data-heading='n'>5<" in table
    assert mean_std_text(MeanAndStd(float("nan"), 0.0, 3)) == "–"
    assert mean_std_text(MeanAndStd(-0.25, 0.0, 1)) == "−0.25"
