"""Planning with a given time: the rule at its edges, and the command that says what to type."""

import json
import re
import shlex
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tyro
from support.recorded_runs import WISH, recorded

from dmcore.augment import Operation, strategy
from dmcore.bench import timing
from dmcore.bench.budget import (
    MAX_ITERATIONS,
    REAL_BATCHES,
    SETTLED_ITERATIONS,
    SUFFICIENT_ITERATIONS,
    choose_budget,
)
from dmcore.bench.iteration_time import IterationTime
from dmcore.cli import main
from dmcore.cli.condense import Condense
from dmcore.cli.flags import condense_config
from dmcore.config import CondenseConfig

TIMES = {batch: IterationTime(real=batch / 256 * 0.08, synthetic=0.01) for batch in REAL_BATCHES}
"""At 256: 0.09 s an iteration; with replay 0.16 s for eight of them."""


def chosen(seconds: float, **fixed: Any) -> tuple[int, bool, int]:
    config = choose_budget(WISH, seconds, TIMES, **fixed).config
    return config.real_batch, config.replay, config.iterations


def test_the_papers_way_is_kept_while_enough_iterations_fit() -> None:
    assert chosen(SUFFICIENT_ITERATIONS * 0.09) == (256, False, SUFFICIENT_ITERATIONS)
    assert chosen(SUFFICIENT_ITERATIONS * 0.09 - 0.01) == (256, True, 8999)


def test_replay_keeps_the_largest_real_batch_while_images_settle() -> None:
    settled = 63 * 0.08 + SETTLED_ITERATIONS * 0.01  # 63 fresh real sides
    assert chosen(settled) == (256, True, SETTLED_ITERATIONS)
    batch, replay, iterations = chosen(settled - 0.01)
    assert (batch, replay) == (128, True)
    assert iterations >= SETTLED_ITERATIONS


def test_smaller_real_batches_are_taken_in_turn_and_the_smallest_where_none_settles() -> None:
    assert [chosen(seconds)[0] for seconds in (7.6, 7.5, 6.3, 6.2, 5.7, 5.6, 1.0)] == [
        *(128, 64, 64, 32, 32, 32, 32)
    ]
    assert chosen(5.7)[2] >= SETTLED_ITERATIONS > chosen(5.6)[2]


def test_no_more_iterations_than_the_papers_and_the_rest_of_the_time_is_named() -> None:
    budget = choose_budget(WISH, 7200.0, TIMES)
    assert (budget.config.iterations, budget.config.replay) == (MAX_ITERATIONS, False)
    assert budget.left_over == pytest.approx(7200 - MAX_ITERATIONS * 0.09)
    assert "1.5 h are left over" in budget.why
    enough = choose_budget(WISH, MAX_ITERATIONS * 0.09, TIMES)
    assert enough.config.iterations == MAX_ITERATIONS
    assert "left over" not in enough.why


@pytest.mark.parametrize(
    ("seconds", "replay", "expected"),
    [
        (180.0, True, (256, True, 9000)),
        (179.0, False, (256, False, 1988)),
        (44.0, False, (128, False, 880)),
        (5.7, False, (32, False, 285)),
        (0.1, True, (64, True, 8)),
    ],
)
def test_replay_that_was_asked_for_or_ruled_out_stays_so(
    seconds: float, replay: bool, expected: tuple[int, bool, int]
) -> None:
    assert chosen(seconds, replay=replay) == expected
    assert len(choose_budget(WISH, seconds, TIMES, replay).candidates) == len(REAL_BATCHES)


def test_a_real_batch_that_was_given_stays_however_short_the_time() -> None:
    for seconds in (1.0, 20.0, 400.0):
        config = choose_budget(WISH, seconds, {100: IterationTime(0.04, 0.01)}).config
        assert config.real_batch == 100


def test_everything_else_of_the_wish_stays() -> None:
    wish = WISH.model_copy(update={"replay_keep": 5, "replay_every": 3, "seed": 7})
    budget = choose_budget(wish, 60.0, TIMES)
    decided = {"iterations", "real_batch", "replay"}
    assert budget.config.model_dump(exclude=decided) == wish.model_dump(exclude=decided)
    assert budget.config.replay
    assert budget.seconds == pytest.approx(TIMES[256].seconds(budget.config))


@pytest.mark.parametrize("seconds", [0.02, 0.5, 7.0, 33.3, 179.0, 180.5, 1500.0])
def test_every_candidate_fits_and_one_more_iteration_would_not(seconds: float) -> None:
    budget = choose_budget(WISH, seconds, TIMES)
    assert [budget.is_chosen(candidate) for candidate in budget.candidates].count(True) == 1
    for candidate in budget.candidates:
        assert candidate.seconds <= seconds * 1.0001
        more = TIMES[candidate.real_batch].seconds(candidate.apply_to(WISH, candidate.iterations + 1))
        assert more > seconds or candidate.iterations == MAX_ITERATIONS


def test_a_time_too_short_for_one_iteration_is_refused_with_what_one_takes() -> None:
    assert chosen(0.02) == (32, False, 1)  # replay would gain nothing
    with pytest.raises(ValueError, match=r"0\.019 s is not enough for one iteration, which takes 0\.02 s"):
        choose_budget(WISH, 0.019, TIMES)


@pytest.mark.parametrize("seconds", [0.0, -3.0, float("nan"), float("inf")])
def test_a_time_that_is_no_positive_number_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match=r"nothing to plan in .* seconds: give a time"):
        choose_budget(WISH, seconds, TIMES)


@pytest.mark.parametrize(
    ("seconds", "replay", "words"),
    [
        (200.0, None, ("256 real images per class and no replay, and 2 000 suffice",)),
        (170.0, None, ("only 1 888 iterations fit, where 2 000 would suffice", "replay makes it 8 496")),
        (
            170.0,
            False,
            ("1 888 iterations fit", "2 000 would suffice, and images have settled after about 500"),
        ),
        (7.0, None, ("256 real images per class and replay only 348 iterations", "64 is the most")),
        (1.0, None, ("Only 88 iterations fit with 32", "settle after about 500, which would take 5.6 s")),
    ],
)
def test_the_sentence_says_what_decided(seconds: float, replay: bool | None, words: tuple[str, ...]) -> None:
    why = choose_budget(WISH, seconds, TIMES, replay).why.replace("\u202f", " ")
    assert all(word in why for word in words), why


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`plan("--minutes", "1")` plans for a small network on the digits; gives code, output, errors."""

    def run(*arguments: str) -> tuple[int, str, str]:
        common = ("--dataset", "digits", "--width", "4", "--depth", "2", "--threads", "1")
        code = main(["plan", *common, "--runs-root", str(tmp_path / "my runs"), *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.mark.timed
def test_the_printed_command_asks_for_what_was_chosen(plan: Run, tmp_path: Path) -> None:
    code, out, err = plan("--minutes", "0.02", "--images-per-class", "1,2", "--json")
    answer = json.loads(out)
    words = shlex.split(answer["command"])
    parsed = tyro.cli(Condense, args=words[2:])
    config = condense_config(parsed)
    assert (code, words[:2]) == (0, ["dmcore", "condense"])
    for name in ("iterations", "real_batch", "replay", "replay_keep", "replay_every"):
        assert getattr(config, name) == answer[name], name
    assert [spec.images_per_class for spec in config.all_sets()] == [1, 2]
    assert (config.dataset, config.width, config.depth) == ("digits", 4, 2)
    assert (parsed.runs_root, parsed.threads, parsed.download) == (tmp_path / "my runs", 1, False)
    assert 0 < answer["seconds"] <= 1.2001
    assert [candidate["real_batch"] for candidate in answer["candidates"] if candidate["chosen"]] == [
        answer["real_batch"]
    ]
    assert len(answer["candidates"]) == 2 * len(REAL_BATCHES)
    assert answer["expected"] == []
    assert "nothing comparable is recorded" in err
    assert "`dmcore evaluate RUN`" in err


def test_the_device_and_what_is_left_out_are_told_before_the_next_size_is_measured(
    plan: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measure(config: CondenseConfig, *_arguments: Any, **_named: Any) -> IterationTime:
        print("measuring", config.real_batch)
        if config.real_batch == REAL_BATCHES[1]:
            raise ValueError("too little memory")
        return TIMES[config.real_batch]

    monkeypatch.setattr(timing, "measure_iteration", measure)
    code, out, _ = plan("--minutes", "1")
    lines = [re.sub(r" real images.*: |\(.*", " ", line).strip() for line in out.splitlines()]
    first, second, *more = REAL_BATCHES
    assert code == 0
    assert lines[: 4 + len(more)] == [
        f"measuring {first}",
        "device cpu",
        f"measuring {second}",
        f"note: {second} too little memory",
        *(f"measuring {batch}" for batch in more),
    ]


@pytest.mark.parametrize(("dataset", "flips"), [("digits", False), ("cifar10", True)])
def test_images_are_augmented_as_in_the_run(
    plan: Run, monkeypatch: pytest.MonkeyPatch, dataset: str, flips: bool
) -> None:
    strategies: list[tuple[Operation, ...]] = []
    here = threading.get_ident()  # a page of an earlier test may still measure on a thread of its own

    def recorded_strategy(*arguments: Any, **named: Any) -> tuple[Operation, ...]:
        chosen = strategy(*arguments, **named)
        if threading.get_ident() == here:
            strategies.append(chosen)
        return chosen

    monkeypatch.setattr(timing, "strategy", recorded_strategy)
    assert plan("--minutes", "1", "--real-batch", "2", "--dataset", dataset)[0] == 0
    assert ["flip" in operations for operations in strategies] == [flips]


@pytest.mark.timed
def test_what_is_given_is_kept_and_recorded_runs_are_named(plan: Run, tmp_path: Path) -> None:
    run = recorded(tmp_path / "my runs", {10: (60.0,), 19_999: (80.0,)}, dataset="digits", width=4, depth=2)
    code, out, _ = plan("--minutes", "0.2", "--real-batch", "48", "--no-replay")
    table = [line.split() for line in out.splitlines() if line.startswith("->")]
    assert (code, [line[:3] for line in table]) == (0, [["->", "48", "no"]])
    assert "between 60.0 % (n = 1 set × 1 network" in out
    assert f"from {run.id}" in out
    assert "--real-batch 48" in out.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("--minutes", "0"), 2, "--minutes 0: must be greater than 0"),
        (("--minutes", "nan"), 2, "--minutes nan: must be greater than 0"),
        (("--minutes", "1", "--real-batch", "0"), 2, "--real-batch 0: must be greater than or equal to 1"),
        (("--minutes", "1", "--replay", "--no-replay"), 2, "--replay and --no-replay: choose one"),
        (("--minutes", "1", "--dataset", "digit"), 1, "did you mean digits?"),
        (("--minutes", "1e-9", "--real-batch", "8"), 1, "is not enough for one iteration, which takes"),
    ],
    ids=str,
)
def test_what_cannot_be_planned_is_refused_in_a_sentence(
    plan: Run, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    status, out, err = plan(*arguments)
    assert (status, out.count("dmcore condense")) == (code, 0)
    assert sentence in err


@pytest.mark.timed
def test_a_data_set_that_is_not_here_is_planned_for_and_downloaded_by_the_command(
    plan: Run, tmp_path: Path
) -> None:
    arguments = ("--minutes", "0.1", "--dataset", "mnist", "--real-batch", "8", "--data-root", str(tmp_path))
    code, out, _ = plan(*arguments)
    words = shlex.split(out.splitlines()[-1])
    assert (code, "--download" in words) == (0, True)
    assert words[words.index("--data-root") + 1] == str(tmp_path)
