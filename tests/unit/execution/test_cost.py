"""Cost of jobs: counts of pieces, recorded speeds, the load of the machine, and the remaining time."""

import json
import math
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dmcore.bench.estimate import complete_speeds, known_speeds
from dmcore.config import CondenseConfig, EvaluateConfig, NetworkSpec, PoolConfig, TrainingConfig
from dmcore.execution.cost import (
    DataShape,
    Estimate,
    Piece,
    Workload,
    condensation_workload,
    left_text,
    pool_workload,
    total_workload,
    training_workload,
    whole_set_workload,
)
from dmcore.execution.job_timer import JobTimer
from dmcore.execution.machine import LoadSample, MachineLoad, machine_name, processor_name, usable_cores
from dmcore.execution.peak_memory import PROCESS_BYTES, peak_memory
from dmcore.execution.plan import evaluation_plan
from dmcore.execution.remaining_time import RemainingTime
from dmcore.execution.speed_file import FILE
from dmcore.execution.speed_record import OVERHEAD_OPERATIONS, START_SECONDS, SpeedRecord, operations_of
from dmcore.files.atomic import StorageError

DIGITS = DataShape((1, 8, 8), 10, 1437, 360, smallest=139)
SPEC = NetworkSpec(width=16, depth=2)
UPDATE, TEST = (
    Piece(kind=kind, network=SPEC, shape=DIGITS.shape, classes=10, images=images)
    for kind, images in (("update", 10), ("test", 256))
)


def counts(work: Workload) -> dict[tuple[str, int], float]:
    return {(piece.kind, piece.images): count for piece, count in work.counts}


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_condensation_is_real_sides_and_matchings_and_replay_spares_real_sides() -> None:
    config = CondenseConfig(images_per_class=5, real_batch=256, iterations=100)
    assert counts(condensation_workload(config, DIGITS)) == {("real_side", 139): 100, ("matching", 5): 100}
    replay = config.model_copy(update={"replay": True, "replay_every": 8})
    assert counts(condensation_workload(replay, DIGITS, done=20)) == {
        ("real_side", 139): 10,
        ("matching", 5): 80,
    }


def test_networks_are_trained_side_by_side_in_rounds_with_a_smaller_last_minibatch() -> None:
    work = training_workload(SPEC, 300, 5, EvaluateConfig(epochs=9, batch=256), DIGITS, workers=2)
    assert counts(work) == {
        ("update", 256): 30,
        ("update", 44): 30,
        ("test", 256): pytest.approx(3 * 360 / 256),
    }
    assert counts(pool_workload(PoolConfig(pool_steps=50), 3, DIGITS, workers=2))["update", 256] == 100
    one_each = DataShape((1, 8, 8), 10, 10, 5)
    assert counts(pool_workload(PoolConfig(pool_steps=50), 1, one_each, workers=1))["update", 1] == 50
    whole = counts(whole_set_workload(TrainingConfig(epochs=9, batch=1000), DIGITS, done=0.5))
    assert whole["split_update", 1000] == whole["split_update", 437] == 5


def test_networks_of_several_architectures_fill_the_rounds_together() -> None:
    specs, protocol = (SPEC, NetworkSpec(width=32)), EvaluateConfig(epochs=9)

    def updates(repeats: int, workers: int) -> float:
        works = (
            training_workload(spec, 10, repeats, protocol, DIGITS, workers, len(specs)) for spec in specs
        )
        return sum(count for piece, count in total_workload(works).counts if piece.kind == "update")

    assert updates(repeats=1, workers=1) == 20
    assert updates(repeats=1, workers=2) == updates(repeats=1, workers=16) == 10
    assert updates(repeats=3, workers=4) == 20
    assert updates(repeats=4, workers=2) == 40


def test_works_are_added_and_a_part_of_one_is_taken() -> None:
    once = training_workload(SPEC, 10, 1, EvaluateConfig(epochs=9), DIGITS, workers=1)
    assert counts(total_workload([once, once]))["update", 10] == 20
    assert counts(once * 0.5)["update", 10] == 5
    assert total_workload([once, once]).data_bytes == DIGITS.bytes == 1797 * 64


def record(folder: Path, machine: str = "a") -> SpeedRecord:
    return SpeedRecord(folder, machine)


def test_speeds_are_stored_for_this_machine_and_damage_is_measured_anew(tmp_path: Path) -> None:
    work = Workload(((UPDATE, 100.0), (TEST, 2.0)))
    speeds = record(tmp_path / "cache")
    assert speeds.seconds(work) is None
    assert speeds.missing(work) == (UPDATE, TEST)
    speeds.add({UPDATE: 0.01, TEST: 0.5})
    assert speeds.seconds(work) == pytest.approx(2.0 + START_SECONDS)
    assert speeds.seconds(Workload()) == 0
    assert record(tmp_path / "cache").seconds(work) == pytest.approx(2.0 + START_SECONDS)
    other = record(tmp_path / "cache", "another machine")
    assert other.missing(work) == (UPDATE, TEST)
    other.add({UPDATE: 1.0})
    assert record(tmp_path / "cache").seconds(work) == pytest.approx(2.0 + START_SECONDS)
    file = tmp_path / "cache" / FILE
    content = json.loads(file.read_text())
    content["speeds"][0]["seconds"] = 99.0
    file.write_text(json.dumps(content))
    assert record(tmp_path / "cache").missing(work) == (UPDATE, TEST)


def test_threads_that_store_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    speeds = record(tmp_path)

    def add(piece: Piece) -> None:  # a measurement for a page, and the end of a job
        for images in range(1, 21):
            speeds.add({piece.model_copy(update={"images": images}): 0.1})

    with ThreadPoolExecutor(2) as threads:
        for added in [threads.submit(add, piece) for piece in (UPDATE, TEST)]:
            added.result()
    assert len(json.loads((tmp_path / FILE).read_text())["speeds"]) == 40


def test_unknown_piece_is_scaled_by_operations_from_the_nearest_of_its_kind(tmp_path: Path) -> None:
    speeds, wider = record(tmp_path), UPDATE.model_copy(update={"network": NetworkSpec(width=128)})
    more = UPDATE.model_copy(update={"images": 20})
    work = Workload(((more, 1.0), (wider, 1.0)))
    assert not speeds.covers(work)
    speeds.add({UPDATE: 0.01})
    assert speeds.has_similar(more)
    assert not speeds.has_similar(wider)
    assert speeds.covers(work)
    assert 0.01 < speeds.scale(more) < 0.02
    assert speeds.scale(wider) > 0.02
    assert record(tmp_path).missing(work) == (more, wider), "only measured are stored"


def update_of(shape: tuple[int, int, int], images: int) -> Piece:
    return Piece(kind="update", network=SPEC, shape=shape, classes=10, images=images)


@pytest.mark.parametrize("fixed", [0.0003, 0.003, 0.03])
def test_two_sizes_of_a_network_tell_its_fixed_cost_for_others(tmp_path: Path, fixed: float) -> None:
    def seconds(piece: Piece) -> float:
        return fixed + operations_of(piece) / 5e10

    speeds = record(tmp_path)
    speeds.add({piece: seconds(piece) for piece in (update_of((1, 8, 8), 8), update_of((1, 8, 8), 256))})
    for other in (update_of((1, 8, 8), 40), update_of((3, 32, 32), 100), update_of((1, 28, 28), 256)):
        assert speeds.scale(other) == pytest.approx(seconds(other), rel=0.3)


def test_pieces_that_take_equally_long_say_nothing_of_much_larger_ones(tmp_path: Path) -> None:
    small, large, larger = (update_of((1, 8, 8), images) for images in (8, 256, 2560))
    for longer in (1.0, 0.9):  # a GPU, on which the larger may even seem to be quicker
        speeds = record(tmp_path / str(longer))
        speeds.add({small: 0.002, large: 0.002 * longer})
        assert 1.5 < speeds.scale(larger) / 0.002 < 2.5
        assert not speeds.has_similar(update_of((1, 8, 8), 20 * 256)), "it is measured"


def usual_seconds(piece: Piece) -> float:
    """Time of a piece with the usual fixed cost."""
    return (operations_of(piece) + OVERHEAD_OPERATIONS[piece.kind]) / 5e10


@pytest.mark.parametrize("wrong", [3, 5])
def test_piece_that_was_measured_on_a_busy_machine_does_not_spoil_the_scaling_of_others(
    tmp_path: Path, wrong: int
) -> None:
    speeds, few, more = record(tmp_path), update_of((1, 8, 8), 8), update_of((1, 8, 8), 50)
    speeds.add({few: wrong * usual_seconds(few)})
    speeds.add({more: usual_seconds(more)})
    for images in (40, 100, 256, 1000):
        other = update_of((1, 8, 8), images)
        assert speeds.scale(other) == pytest.approx(usual_seconds(other))
    assert not speeds.has_similar(update_of((3, 32, 32), 256)), "it is measured"


def test_pieces_of_two_measurements_tell_the_fixed_cost_once_jobs_corrected_them(tmp_path: Path) -> None:
    speeds, small, large, larger = record(tmp_path), *(update_of((1, 8, 8), each) for each in (8, 256, 5120))
    speeds.add({small: 0.01})
    speeds.add({large: 0.01})
    before = speeds.scale(larger)
    for piece in (small, large):
        speeds.correct(Workload(((piece, 1000.0),)), 10.0 + START_SECONDS)
    assert speeds.scale(larger) < before / 2


def test_record_of_an_older_version_is_measured_anew(tmp_path: Path) -> None:
    work = Workload(((UPDATE, 1.0), (TEST, 1.0)))
    record(tmp_path).add({UPDATE: 0.01, TEST: 0.5})
    content = json.loads((tmp_path / FILE).read_text())
    for speed in content["speeds"]:
        del speed["measured_at"]
    del content["sha256"]
    (tmp_path / FILE).write_text(json.dumps(content))
    speeds = record(tmp_path)
    assert speeds.missing(work) == (UPDATE, TEST)
    assert not speeds.has_similar(UPDATE)
    speeds.add({TEST: 0.2})
    assert record(tmp_path).missing(work) == (UPDATE,)
    assert len(json.loads((tmp_path / FILE).read_text())["speeds"]) == 1


def test_finished_jobs_correct_the_record_and_a_busy_machine_does_not_spoil_it(tmp_path: Path) -> None:
    speeds, work = record(tmp_path), Workload(((UPDATE, 1000.0),))
    speeds.add({UPDATE: 0.01})
    speeds.correct(work, 1.0)  # too short to tell
    assert speeds.seconds(work) == pytest.approx(10 + START_SECONDS)
    for _ in range(6):
        speeds.correct(work, 60.0, slowdown=3.0)
    assert speeds.seconds(work) == pytest.approx(20.0, rel=0.05)
    speeds.correct(work, 1e6)  # a laptop that slept
    assert (speeds.seconds(work) or 0.0) < 100
    assert record(tmp_path).seconds(work) == speeds.seconds(work)


def test_what_was_measured_for_a_moment_is_corrected_with_the_first_job_of_its_kind(tmp_path: Path) -> None:
    speeds, other = record(tmp_path), UPDATE.model_copy(update={"images": 100})
    speeds.add({UPDATE: 0.01, other: 0.02})
    speeds.correct(Workload(((UPDATE, 1000.0),)), 20.8)
    ratio = (speeds.seconds(Workload(((other, 1000.0),))) or 0.0) / 20
    assert ratio == pytest.approx(2**0.8, rel=0.05)


def samples(*values: tuple[float, float, float, float]) -> MachineLoad:
    following: Iterable[LoadSample] = iter(LoadSample(*map(float, each)) for each in values)
    return MachineLoad(lambda: next(iter(following)), cores=2)


def test_load_of_others_is_what_they_use_and_where_cores_are_short_what_they_wait_for() -> None:
    quiet = samples((0, 0, 0, 5.0), (10, 1, 1, 5.0))
    assert quiet.slowdown(2) == 1.0, "the load average of before, or of our own job, makes nothing slow"
    half = samples((0, 0, 0, 1.0), (10, 10, 0, 1.0))
    assert half.slowdown(1) == 1.0
    full = samples((0, 0, 0, 0.0), (10, 20, 0, 8.0))
    assert full.slowdown(2) == 3.0
    own = samples((0, 0, 0, 0.0), (10, 20, 19.9, 2.0))
    assert own.slowdown(2) == pytest.approx(1.0, abs=0.05)


def test_job_at_work_is_no_slower_than_the_processor_time_that_it_gets() -> None:
    got_most = samples((0, 0, 0, 9.0), (10, 20, 18, 9.0))
    assert got_most.slowdown_now(2) == pytest.approx(2 / 1.8)
    got_half = samples((0, 0, 0, 4.0), (10, 20, 10, 4.0))
    assert 1.5 < got_half.slowdown_now(2) <= 2
    one_thread = samples((0, 0, 0, 1.0), (10, 10, 10, 1.0))
    assert one_thread.slowdown_now(2) == 1.0


def test_two_looks_in_one_moment_say_the_same() -> None:
    load = samples((0, 0, 0, 0), (10, 20, 0, 2), (10.1, 20, 0, 9))
    assert load.slowdown(2) == load.slowdown(2) == 2


def test_machine_is_known_by_its_processor() -> None:
    assert processor_name() == processor_name()
    assert usable_cores(3) == 3
    assert usable_cores() >= 1
    assert MachineLoad().slowdown(1) >= 1.0


def run_job(predicted: float | None, pace: float, until: float, first: float = 0.0) -> RemainingTime:
    """A job of 100 pieces of `pace` seconds, the first with `first` seconds more, up to a share."""
    remaining, at = RemainingTime(predicted), 0.0
    remaining.take(at, 0.0)
    for done in range(1, round(100 * until) + 1):
        at += pace + (first if done == 1 else 0.0)
        remaining.take(at, done / 100)
    return remaining


def test_first_piece_alone_decides_nothing() -> None:
    assert run_job(None, 0.1, 0.01).seconds is None
    slow_start = run_job(10.0, 0.1, 0.01, first=5.0).seconds
    assert slow_start is not None
    assert slow_start < 60  # alone it would say 500
    assert RemainingTime(10.0).seconds == 10.0


@pytest.mark.parametrize("wrong", [1 / 6, 1.0, 6.0])
def test_after_a_tenth_the_remaining_time_is_right_within_a_factor_of_two(wrong: float) -> None:
    remaining = run_job(100 * wrong, 1.0, 0.1)
    assert remaining.seconds is not None
    assert 1 / 2 < remaining.seconds / 90 < 2
    assert math.isclose(run_job(100 * wrong, 1.0, 0.99).seconds or 0.0, 1.0, rel_tol=0.2)


def test_a_job_three_times_slower_than_predicted_says_so_within_five_seconds() -> None:
    remaining, totals = RemainingTime(60.0), []
    for done in range(601):
        remaining.take(done * 0.3, done / 600)
        totals.append(done * 0.3 + (remaining.seconds or 0.0))
    assert totals[0] == 60
    assert totals[17] == pytest.approx(180, rel=0.2)  # after 5.1 s
    assert max(totals[17:]) < 1.1 * totals[17]
    assert min(totals[17:]) > 0.9 * totals[17]


def test_the_first_piece_is_no_part_of_the_pace_once_there_is_another() -> None:
    slow_start = run_job(10.0, 0.1, 0.1, first=5.0).seconds
    assert slow_start == pytest.approx(9, rel=0.1)


def test_looks_between_two_steps_push_no_evidence_out() -> None:
    remaining = RemainingTime(60.0)
    for at, fraction in ((0, 0.0), (5, 0.05), (10, 0.1), (11, 0.1), (12, 0.1)):
        remaining.take(float(at), fraction)
    assert 79 < (remaining.seconds or 0.0) < 110
    for look in range(1, 481):  # eight seconds at display rate, more than is kept
        remaining.take(12 + look / 60, 0.1)
        assert (remaining.seconds or 0.0) > 79


def test_looks_before_the_second_step_keep_the_first_piece_out_of_the_pace() -> None:
    remaining = RemainingTime()
    for at, fraction in ((0.0, 0.0), (2.0, 0.0), (50.0, 0.1), (52.0, 0.1), (60.0, 0.2)):
        remaining.take(at, fraction)
    assert remaining.seconds == pytest.approx(80.0), "ten seconds for each tenth"


def test_remaining_time_follows_a_machine_that_becomes_busy() -> None:
    remaining, at = RemainingTime(100.0), 0.0
    for done in range(80):
        remaining.take(at, done / 100)
        at += 1.0 if done < 40 else 4.0
    assert remaining.seconds is not None
    assert remaining.seconds == pytest.approx(4.0 * 21, rel=0.3)
    assert remaining.slowdown > 2


def test_a_resumed_job_counts_from_where_it_is() -> None:
    remaining = RemainingTime(100.0)
    remaining.take(0.0, 0.5)
    assert remaining.seconds == pytest.approx(50.0)
    for second in range(1, 21):
        remaining.take(float(second), 0.5 + second / 100)
    assert remaining.seconds == pytest.approx(30.0)


def test_cost_is_said_in_one_sentence() -> None:
    estimate = Estimate(240.0, 240.0, 1_200_000_000, 1.0, present=3, parts=12)
    expected = "about 4 min on this machine · 1.2 GB of memory · 3 of 12 cells already there"
    assert plain(estimate.text) == expected
    busy = " on this machine (slowed by other programs)"
    assert plain(Estimate(40.0, 20.0, slowdown=2.0).text) == f"about 20 to 40 s{busy}"
    assert plain(Estimate(240.0, 60.0, slowdown=4.0).text) == f"about 60 s to 4 min{busy}"
    assert plain(Estimate(1.0, 0.5, slowdown=2.0).text) == f"about 1 s{busy}"
    assert plain(left_text(40.0)) == "40 s left"
    texts = ["28 s left", "45 s left", "85 s left", "90 s left", "90 s left", "2 min left"]
    times = (28.4, 43.0, 87.4, 87.6, 89.9, 90.0)
    assert [plain(left_text(seconds)) for seconds in times] == texts


def test_a_moment_of_load_hardly_changes_the_average() -> None:
    quiet_minute, busy_second = (60.0, 0.0, 0.0, 0.0), (61.0, 2.0, 0.0, 0.0)
    load = samples((0.0, 0.0, 0.0, 0.0), quiet_minute, busy_second, (121.0, 122.0, 0.0, 0.0))
    assert load.average_slowdown(2) == 1.0
    assert load.average_slowdown(2) < 1.05
    assert 1.5 < load.average_slowdown(2) < 1.8, "a busy minute counts"


def test_network_that_cannot_be_built_takes_no_time_beside_others(tmp_path: Path) -> None:
    too_deep = UPDATE.model_copy(update={"network": NetworkSpec(depth=8)})  # eight halvings of 8 pixels
    workload = Workload(((UPDATE, 100.0), (too_deep, 100.0)))
    speeds = record(tmp_path)
    list(complete_speeds(workload, speeds, "cpu"))
    assert speeds.piece_seconds(UPDATE) > 0
    assert speeds.piece_seconds(too_deep) == 0
    assert peak_memory(workload, 2) == peak_memory(Workload(((UPDATE, 1.0),)), 2)
    with pytest.raises(ValueError, match="depth"):
        list(complete_speeds(Workload(((too_deep, 1.0),)), record(tmp_path / "other"), "cpu"))


def test_job_waits_for_a_measurement_only_where_nothing_of_its_kind_is_known(tmp_path: Path) -> None:
    speeds, workload = record(tmp_path), Workload(((UPDATE, 1.0),))
    list(complete_speeds(workload, speeds, "cpu", keep_going=lambda: False))
    assert speeds.missing(workload) == (UPDATE,)
    speeds.add({UPDATE.model_copy(update={"network": NetworkSpec(width=64)}): 0.1})
    list(complete_speeds(workload, speeds, "cpu", keep_going=lambda: False))
    assert not speeds.missing(workload)


@pytest.mark.parametrize(("updates", "is_measured"), [(1.0, False), (1e5, True)])
def test_long_job_on_other_images_than_those_of_the_record_is_measured(
    tmp_path: Path, updates: float, is_measured: bool
) -> None:
    record(tmp_path, machine_name("cpu", 1)).add({UPDATE: 0.001})
    larger = update_of((3, 32, 32), 256)
    known_speeds(Workload(((larger, updates),)), evaluation_plan("cpu", 1), tmp_path, 1)
    assert (not record(tmp_path, machine_name("cpu", 1)).missing(Workload(((larger, 1.0),)))) == is_measured


def test_peak_memory_grows_with_data_images_and_width() -> None:
    small = condensation_workload(CondenseConfig(images_per_class=1, width=16), DIGITS)
    cifar = DataShape((3, 32, 32), 10, 50_000, 10_000)
    large = condensation_workload(CondenseConfig(images_per_class=50), cifar)
    assert PROCESS_BYTES < peak_memory(small, 2) < peak_memory(large, 2)
    assert 0.5e9 < peak_memory(large, 2) < 2e9


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class ConstantLoad(MachineLoad):
    """A machine on which other processes ask for so many cores."""

    def __init__(self, others: float) -> None:
        super().__init__(cores=2)
        self._asked = others

    def slowdown(self, threads: int) -> float:
        return max(1.0, (threads + self._asked) / 2)

    def slowdown_now(self, threads: int) -> float:
        return self.slowdown(threads)


def timed_job(cache: Path, pace: float, share: float, others: float = 0.0) -> JobTimer:
    """Timer of a job of 1000 updates that take `pace` seconds each, ended after a share of it."""
    clock = Clock()
    timer = JobTimer(Workload(((UPDATE, 1000.0),)), record(cache), ConstantLoad(others), 2, clock)
    for done in range(round(1000 * share) + 1):
        timer.take(done / 1000)
        clock.now += pace
    timer.close()
    return timer


def test_next_job_of_its_kind_is_predicted_by_the_one_before(tmp_path: Path) -> None:
    record(tmp_path).add({UPDATE: 0.01})
    first = timed_job(tmp_path, 0.05, 1.0)
    assert first.estimate.seconds == pytest.approx(10, rel=0.1)
    second = timed_job(tmp_path, 0.05, 0.5)  # stopped half way
    assert 0.6 < second.estimate.seconds / 50 < 1.5
    assert plain(second.left_text) == "25 s left"
    third = timed_job(tmp_path, 0.05, 1.0)
    assert 0.8 < third.estimate.seconds / 50 < 1.2


def test_busy_machine_is_said_and_leaves_the_record_of_the_quiet_one(tmp_path: Path) -> None:
    record(tmp_path).add({UPDATE: 0.05})
    busy = timed_job(tmp_path, 0.15, 0.5, others=4.0)
    assert busy.estimate.seconds == pytest.approx(150, rel=0.1)
    assert busy.estimate.quiet_seconds == pytest.approx(50, rel=0.1)
    assert plain(busy.left_text) == "75 s left (slowed by other programs)"
    assert "(slowed by other programs)" in busy.estimate.text
    assert record(tmp_path).piece_seconds(UPDATE) == pytest.approx(0.05, rel=0.05)


def test_busy_machine_is_said_only_while_it_is_busy(tmp_path: Path) -> None:
    record(tmp_path).add({UPDATE: 0.05})
    clock, load = Clock(), ConstantLoad(4.0)
    timer = JobTimer(Workload(((UPDATE, 1000.0),)), record(tmp_path), load, 2, clock)

    def work(seconds: int) -> None:
        for _ in range(10 * seconds):
            timer.take(clock.now / 100)
            clock.now += 0.1

    work(20)
    assert plain(timer.left_text).endswith("left (slowed by other programs)")
    load._asked = 0.0
    work(8)
    assert plain(timer.left_text).endswith("left")
    load._asked = 4.0
    work(8)
    assert plain(timer.left_text).endswith("left (slowed by other programs)")


def test_job_that_hardly_began_corrects_nothing_and_one_of_nothing_has_a_time(tmp_path: Path) -> None:
    record(tmp_path).add({UPDATE: 0.01})
    timed_job(tmp_path, 1.0, 0.02)
    assert record(tmp_path).piece_seconds(UPDATE) == 0.01
    timer = JobTimer(Workload(), record(tmp_path), ConstantLoad(0.0), 2)
    timer.close()
    assert timer.seconds_left == 0


def test_cache_that_cannot_be_written_costs_only_the_record(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    speeds = record(tmp_path / "cache")
    with pytest.raises(StorageError, match="DM_CACHE"):
        speeds.add({UPDATE: 0.01})
    assert speeds.piece_seconds(UPDATE) == 0.01
    timed_job(tmp_path / "cache", 0.01, 1.0)
