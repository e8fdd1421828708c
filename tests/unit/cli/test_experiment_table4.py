"""Table 4 and the network pool from the command line: building, running, output, errors."""

import json
import re
from pathlib import Path

import pytest
from support.command_line import Command

from dmcore.config import PoolConfig
from dmcore.config.network_source import parse_source
from dmcore.embedding.pool_files import is_intact
from dmcore.embedding.pool_index import PoolFile, PoolIndex
from dmcore.experiments.presets import DataFacts
from dmcore.experiments.published.cells import differences, published_for, published_on_other_data
from dmcore.experiments.report.comparisons import compared_row
from dmcore.experiments.table4 import Table4Config, default_sources

SIZES = ["--epochs", "2", "--iterations", "2", "--width", "4", "--real-batch", "8", "--threads", "1"]
SMALL = ["experiment", "table4", "--dataset", "digits", "--images-per-class", "1", "--seeds", "1"]
SMALL += ["--repeats", "1", "--pool-networks", "1", "--pool-steps", "150", *SIZES]
POOL = ["--dataset", "digits", "--width", "4", "--pool-steps", "30", "--threads", "1"]
CIFAR10 = DataFacts("cifar10", "CIFAR-10", (3, 32, 32), 50_000)


def test_table_4_builds_its_pool_fills_every_row_and_does_nothing_twice(dmcore: Command) -> None:
    code, out, _ = dmcore(*SMALL, "--json")
    printed = json.loads(out)
    assert code == 0
    rows = {entry["row"] for entry in printed["cells"]}
    assert {"Random", "All trained", "1 fixed", "8 fixed", "32 fixed", "Pixels"} < rows
    assert sum("%" in row for row in rows) >= 2
    assert printed["trained"] == len(rows)
    code, out, _ = dmcore(*SMALL, "--json")
    assert (code, json.loads(out)["trained"]) == (0, 0)


def test_rows_can_be_chosen_and_one_without_a_pool_needs_none(dmcore: Command, tmp_path: Path) -> None:
    code, out, _ = dmcore(*SMALL, "--sources", "random,fixed:2,pixels")
    assert code == 0
    assert "2 fixed" in out
    assert "table 4 is of CIFAR-10" in out
    assert not (tmp_path / "cache" / "pools").exists()


def test_an_empty_band_is_named_and_the_other_rows_are_filled(dmcore: Command) -> None:
    code, out, err = dmcore(*SMALL, "--sources", "random,band:99.9-100")
    assert code == 1
    assert "no network of the pool has 99.9 to 100 %" in err
    assert "there are:" in err
    assert "Random" in out


def test_a_pool_is_built_shown_and_grown(dmcore: Command) -> None:
    code, _, err = dmcore("pool", "show", *POOL)
    assert code == 1
    assert "there is no pool of digits" in err
    code, out, _ = dmcore("pool", "build", *POOL, "--networks", "1")
    assert code == 0
    assert "1 network with" in out
    code, out, _ = dmcore("pool", "build", *POOL, "--networks", "2", "--json")
    printed = json.loads(out)
    assert (code, printed["networks"]) == (0, 2)
    assert printed["bytes"] > 0
    assert sum(printed["bands"].values()) == len(printed["states"])
    assert json.loads(dmcore("pool", "show", *POOL, "--json")[1]) == printed


def test_a_network_that_is_gone_or_cut_short_is_trained_again_for_the_table(
    dmcore: Command, tmp_path: Path
) -> None:
    arguments = [*SMALL, "--sources", "all", "--json"]
    assert dmcore(*arguments)[0] == 0
    (file,) = tmp_path.glob("cache/pools/*/*.safetensors")
    file.write_bytes(file.read_bytes()[:-9])
    assert dmcore(*arguments)[0] == 0
    assert is_intact(file)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (["pool", "burn"], "did you mean|choose from build, show"),
        (["pool", "build", "--networks", "0"], "--networks 0: must be at least 1"),
        (["pool", "build", "--pool-steps", "0"], "--pool-steps 0"),
        ([*SMALL, "--sources", "trained"], "--sources trained: choose random, fixed:K"),
        ([*SMALL, "--pool-networks", "0"], "--pool-networks 0: must be at least 1"),
        (["experiment", "table1", "--sources", "all"], "--sources: table1 has no such option, table4 has"),
        (["condense", "--source", "fixed:0"], "--source fixed:0: .*at least one network"),
        (
            ["condense", "--source", "all", "--iterations", "1"],
            "`dmcore pool build --dataset fashion .*`",
        ),
    ],
)
def test_what_cannot_be_honoured_is_refused_in_a_sentence(
    dmcore: Command, tmp_path: Path, typed: list[str], sentence: str
) -> None:
    code, _, err = dmcore(*typed)
    assert code in (1, 2)
    assert re.search(sentence, err), err
    assert not list(tmp_path.glob("runs/*"))  # nothing half-made is left


def test_pixels_have_a_rate_at_which_they_do_not_run_away_and_it_is_named(dmcore: Command) -> None:
    arguments = [*SMALL, "--sources", "pixels", "--iterations", "300"]
    code, out, _ = dmcore(*arguments)
    assert code == 0
    assert "Pixels: learned with a learning rate of 0.1" in out


def test_the_usual_rows_are_the_papers_for_its_data() -> None:
    file = PoolFile(network=0, name="network-0000.safetensors", bytes=1, states=((1, 15.0), (9, 72.0)))
    index = PoolIndex(config=PoolConfig(), dataset="cifar10", data="d", validation="v", files=(file,))
    names = [str(source) for source in default_sources(index, 1, "cifar10")]
    assert names[:2] == ["random", "band:10-20"]
    assert names[7:] == ["band:70-100", "all", "fixed:1", "fixed:8", "fixed:32", "pixels"]
    assert [str(source) for source in default_sources(None, 1, "cifar10")][:2] == ["random", "fixed:1"]


def test_published_numbers_stand_beside_the_rows_the_paper_has() -> None:
    sources = [parse_source(text) for text in ("random", "band:60-70", "band:61-70", "all", "fixed:8")]
    table = Table4Config(preset="paper", sources=tuple(map(str, sources))).table(CIFAR10)
    values = [published_for(table, source.name, "10 per class") for source in sources]
    assert [published and published.value for published in values] == [48.9, 48.6, None, 50.7, None]
    assert values[1] is not None
    assert values[1].source == "the paper, table 4"
    assert differences(table, "60–70 %", "10 per class") == ()
    assert compared_row(table) == "Random"
    assert published_on_other_data(table) == ""
