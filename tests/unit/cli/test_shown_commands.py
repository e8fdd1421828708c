"""Commands that are shown beside results: they are accepted as they stand, and give the number again."""

import json
import shlex
from collections.abc import Iterator
from itertools import pairwise

import pytest
from support.command_line import Command
from support.small_runs import TINY

from dmcore.cli import _parse
from dmcore.cli.flags import condense_config, config_of
from dmcore.config import METHODS, EvaluateConfig, Method
from dmcore.config.command_line import (
    evaluate_command,
    evaluate_commands,
    recompute_command,
    short_evaluate_options,
)
from dmcore.config.protocols import QUICK, whole_set_protocol, without_repeats
from dmcore.experiments.figure4.config import Figure4Config
from dmcore.experiments.gallery.entries import ENTRIES, GalleryRun, GalleryTable
from dmcore.experiments.gallery.recorded import recorded_entries
from dmcore.experiments.own_table import ComparedSet, OwnTableConfig
from dmcore.experiments.registry import EXPERIMENTS


def parsed(shown: str) -> Iterator[tuple[str, object]]:
    """Names of the commands in a text that is shown, and what the command line makes of them."""
    for command in shown.replace("\n", " && ").split(" && "):
        program, name, *options = shlex.split(command)
        assert program == "dmcore"
        yield name, _parse([name, *options])


@pytest.mark.parametrize("entry", recorded_entries(), ids=lambda entry: entry.name)
def test_the_command_of_a_recorded_result_gives_it_again(entry) -> None:
    (condense, *tests) = parsed(entry.provenance.command)
    if entry.provenance.kind == "table":
        name, experiment = condense
        assert (name, tests) == ("experiment", [])
        of_gallery = next(each for each in ENTRIES if each.name == entry.name)
        assert isinstance(of_gallery, GalleryTable)
        assert config_of(experiment, EXPERIMENTS[of_gallery.config.name]) == of_gallery.config
        return
    if entry.provenance.kind == "race":
        name, experiment = condense
        assert (name, tests) == ("experiment", [])
        assert entry.race is not None
        assert config_of(experiment, Figure4Config).key == entry.race.config.key
        return
    assert all(option in entry.provenance.command for option in ("--dataset ", "--seed "))
    run = entry.run
    assert run is not None
    assert (condense[0], condense_config(condense[1])) == ("condense", run.config)
    recomputed = {}
    for name, evaluate in tests:
        assert (name, evaluate.name, evaluate.iteration) == ("evaluate", "latest", None)
        recomputed |= dict.fromkeys(evaluate.kind.split(","), config_of(evaluate, EvaluateConfig))
    last = [each for each in run.results() if each.kind != "condensed" or each.iteration == run.iteration()]
    assert {*recomputed} == {result.kind for result in last}
    for result in last:
        protocol = recomputed[result.kind]
        assert without_repeats(protocol) == without_repeats(result.protocol)
        counts = protocol.networks, protocol.repeats, protocol.seed
        assert counts == (result.protocol.networks, result.protocol.repeats, result.protocol.seed)


@pytest.mark.parametrize("entry", [each for each in ENTRIES if isinstance(each, GalleryRun)])
def test_what_is_recorded_next_has_the_same_command(entry) -> None:
    recorded = {each.name: each.provenance.command for each in recorded_entries()}
    assert recorded.get(entry.name, entry.command) == entry.command


def test_the_commands_of_a_table_of_own_sets_test_them_as_it_does() -> None:
    sets = (ComparedSet("a", "real-1", 4, 1, "A"), ComparedSet("b", "real-10", 9, 10, "B"))
    table = OwnTableConfig(dataset="digits", sets=sets, networks=("convnet", "mlp"), epochs=7, repeats=2)
    commands = list(parsed(table.command_line))
    assert len(commands) == len(sets)
    for (name, evaluate), compared in zip(commands, sets, strict=True):
        assert (name, evaluate.dataset, evaluate.iteration) == ("evaluate", "digits", compared.iteration)
        assert evaluate.name == f"{compared.run}:{compared.set}"
        protocol = EvaluateConfig(networks=("convnet", "mlp"), epochs=7, repeats=2)
        assert config_of(evaluate, EvaluateConfig) == protocol
    assert table.command_line.count("--seed 0") == len(sets)


@pytest.mark.parametrize(
    "protocol",
    [
        EvaluateConfig(),
        EvaluateConfig(networks=("mlp", "convnet"), repeats=2, epochs=3, seed=5),
        EvaluateConfig(learning_rate=0.003, weight_decay=0, augment=()),
        EvaluateConfig(augment=("crop", "flip"), batch=7),
    ],
)
def test_a_protocol_comes_back_from_its_command(protocol: EvaluateConfig) -> None:
    command = evaluate_command("latest", protocol, ("condensed", "all_real"), iteration=3, dataset="digits")
    ((_, evaluate),) = parsed(command)
    assert config_of(evaluate, EvaluateConfig) == protocol
    assert (evaluate.kind, evaluate.iteration, evaluate.dataset) == ("condensed,all_real", 3, "digits")


@pytest.mark.parametrize("method", METHODS)
def test_the_protocol_holds_whatever_the_method_of_the_run(method: Method) -> None:
    for protocol in (QUICK, EvaluateConfig(augment=("flip",), epochs=3)):
        ((_, evaluate),) = parsed(evaluate_command("latest", protocol, method=method))
        assert evaluate.settled_config(method) == protocol
    ((_, evaluate),) = parsed(f"dmcore evaluate latest {short_evaluate_options(QUICK, method)}")
    assert evaluate.settled_config(method) == QUICK
    table = OwnTableConfig(
        dataset="digits", sets=(ComparedSet("a", "s", 4, 1, "A", method),), networks=("mlp",)
    )
    ((_, evaluate),) = parsed(table.command_line)
    assert evaluate.settled_config(method).augment is None


def test_a_protocol_of_its_own_makes_a_command_of_its_own() -> None:
    first, start, whole = evaluate_commands(
        "latest",
        [("condensed", QUICK), ("random_real", QUICK), ("all_real", whole_set_protocol(QUICK))],
        of_start=True,
    )
    assert "--kind condensed,random_real " in first
    assert "--iteration 0" in start
    assert "--kind all_real " in whole
    assert "--epochs 60 " in whole


def test_the_line_runs_as_it_stands_and_gives_the_same_number_again(dmcore: Command) -> None:
    config = TINY.model_copy(update={"dataset": "digits", "iterations": 2})
    protocol = EvaluateConfig(epochs=1, repeats=1, networks=("mlp",))
    line = recompute_command(config, [("condensed", protocol), ("random_real", protocol)])
    told = []
    for _ in range(2):
        for command in line.split(" && "):
            code, out, err = dmcore(*shlex.split(command)[1:], "--json", "--device", "cpu", "--threads", "1")
            assert code == 0, err
        told.append(json.loads(out))
    first, second = told
    assert first["run"] != second["run"]
    assert [each["kind"] for each in first["results"]] == ["condensed", "random_real"]
    assert all(one == other for one, other in pairwise((first["results"], second["results"])))


def test_latest_is_refused_where_there_is_no_run(dmcore: Command) -> None:
    code, _, err = dmcore("evaluate", "latest")
    assert code == 1
    assert "latest" in err
