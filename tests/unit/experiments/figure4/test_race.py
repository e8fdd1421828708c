"""Figure 4: turns on one clock, tests outside it, and a race that goes on as if it had never been broken."""

import itertools
import subprocess
import sys
from contextlib import closing

import numpy as np
import pytest
from filelock import FileLock

from dmcore import load_dataset
from dmcore.config.gradient_matching import PUBLISHED_LOOPS, Loops
from dmcore.execution.divergence import DivergedError
from dmcore.experiments.figure4 import race as race_module
from dmcore.experiments.figure4.config import MOMENTS, Figure4Config
from dmcore.experiments.figure4.lane import Lane, take_turns
from dmcore.experiments.figure4.race import LaneMoved, LaneTested, LaneTesting, Race
from dmcore.experiments.figure4.results import FILE, LOCK, race_folder, read_images, read_race
from dmcore.files.checked_json import DamagedFileError
from dmcore.matching import Step

SMALL = {"dataset": "digits", "seconds": 13, "seeds": 1, "repeats": 1, "epochs": 1}
SMALL |= {"width": 4, "real_batch": 4}
SHORT = Loops(3, 2)


def config(**changes):
    return Figure4Config.model_validate({**SMALL, **changes})


@pytest.fixture(scope="module", autouse=True)
def short_loops():
    """Iterations of gradient matching that are over soon: three matching steps, two epochs between them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PUBLISHED_LOOPS, 10, SHORT)
        yield


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


def second_by_second():
    """Clock by which whatever is measured takes a second, however long it takes."""
    return itertools.count().__next__


def race(dataset, chosen, root, **more):
    return Race(dataset, chosen, root, clock=second_by_second(), **more)


class FakeClock:
    """Clock that stands but where a lane's event lets it go on."""

    def __init__(self):
        self.now = 1000.0

    def lane(self, method, event_seconds):
        start = Step(0, {}, None, ())

        def events():
            while True:
                self.now += event_seconds
                yield start

        return Lane(method, start, events(), lambda: self.now)


def test_no_clock_is_ahead_by_more_than_a_slice_and_an_event():
    clock, furthest = FakeClock(), 0.0
    lanes = [clock.lane("dm", 0.1), clock.lane("dc", 0.7), clock.lane("dsa", 3.0)]
    for _ in take_turns(lanes, 60.0, 0.5):
        clock.now += 17.0  # what happens between two events is on no clock
        clocks = [lane.seconds for lane in lanes]
        furthest = max(furthest, max(clocks) - min(clocks))
    assert furthest <= 0.5 + 3.0 + 1e-9
    assert [60.0 <= lane.seconds < 63.1 for lane in lanes] == [True] * 3


def test_a_turn_is_a_slice_of_several_events():
    clock = FakeClock()
    lanes = [clock.lane("dm", 1.0), clock.lane("dc", 1.0)]
    order = [lanes.index(lane) for lane in take_turns(lanes, 6.0, 3.0)]
    assert order == [0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1]


def test_a_lane_that_stops_lets_the_others_finish():
    clock = FakeClock()
    lanes = [clock.lane("dm", 1.0), clock.lane("dc", 1.0)]
    for lane in take_turns(lanes, 4.0, 1.0):
        if lane is lanes[1]:
            lanes[0].failure = "it diverged"
    assert [lane.seconds for lane in lanes] == [1.0, 4.0]


def test_moments_are_even_in_log_time_and_end_with_the_time():
    moments = Figure4Config(seconds=640).moments
    assert len(moments) == MOMENTS
    assert moments[0] == pytest.approx(10)
    assert moments[-1] == 640
    np.testing.assert_allclose(np.diff(np.log(moments)), np.log(64) / (MOMENTS - 1))


def test_tests_are_outside_every_clock_and_the_same_networks_judge_all(digits, tmp_path):
    chosen, events = config(methods=("dm", "dc", "dsa")), []
    clocks = {}
    for event in race(digits, chosen, tmp_path).events():
        events.append(event)
        if isinstance(event, LaneMoved):
            clocks = {lane.method: lane.seconds for lane in event.lanes}
    moved = sum(isinstance(event, LaneMoved) for event in events)
    assert any(isinstance(event, LaneTesting) for event in events)
    assert clocks == {"dm": 13, "dc": 13, "dsa": 13}
    assert moved == sum(clocks.values())  # a second for each event of a lane, and for nothing else
    results = events[-1].results
    assert results.complete
    assert results.tests == (27, 27)
    starts = {point.method: point for point in results.points if point.moment == 0}
    assert starts["dm"].accuracies == starts["dsa"].accuracies  # both begin with the same real images
    assert all(point.seconds >= (0.0, *chosen.moments)[point.moment] for point in results.points)
    assert read_race(tmp_path, chosen) == results
    assert not list(race_folder(tmp_path, chosen).glob("*.safetensors"))


@pytest.fixture(scope="module")
def unbroken(digits, tmp_path_factory):
    """A race of DM and DC that ended without a break: its folder of runs."""
    root = tmp_path_factory.mktemp("unbroken")
    for _ in race(digits, config(methods=("dm", "dc")), root).events():
        pass
    return root


@pytest.mark.parametrize("broken_at", [1, 14, 24])
def test_a_broken_race_goes_on_bit_for_bit(digits, tmp_path, unbroken, broken_at):
    chosen = config(methods=("dm", "dc"))
    with closing(race(digits, chosen, tmp_path).events()) as events:
        for _ in itertools.islice((event for event in events if isinstance(event, LaneMoved)), broken_at):
            pass
    for _ in race(digits, chosen, tmp_path).events():
        pass
    whole, resumed = read_race(unbroken, chosen), read_race(tmp_path, chosen)
    by_lane = {(point.method, point.moment): point for point in resumed.points}
    assert by_lane == {(point.method, point.moment): point for point in whole.points}
    for point in whole.points:
        images = [read_images(race_folder(root, chosen), point) for root in (unbroken, tmp_path)]
        np.testing.assert_array_equal(*images)
        assert images[0].shape == (10, 10, 1, 8, 8)


RACING = """
import itertools, sys
from pathlib import Path
from dmcore import load_dataset
from dmcore.config.gradient_matching import PUBLISHED_LOOPS, Loops
from dmcore.experiments.figure4.config import Figure4Config
from dmcore.experiments.figure4.race import Race

PUBLISHED_LOOPS[10] = Loops(3, 2)
config = Figure4Config.model_validate_json(sys.argv[1])
race = Race(load_dataset("digits"), config, Path(sys.argv[2]), clock=itertools.count().__next__)
for event in race.events():
    print(".", end="", flush=True)
"""


@pytest.mark.slow
def test_a_killed_race_goes_on_bit_for_bit(digits, tmp_path, unbroken):
    chosen = config(methods=("dm", "dc"))
    command = [sys.executable, "-c", RACING, chosen.model_dump_json(), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        process.stdout.read(25)  # events
        process.kill()
    for _ in race(digits, chosen, tmp_path).events():
        pass
    whole, resumed = read_race(unbroken, chosen), read_race(tmp_path, chosen)
    lasts = [[results.of(method, 0)[-1] for method in ("dm", "dc")] for results in (whole, resumed)]
    assert lasts[0] == lasts[1]
    for point in lasts[0]:
        images = [read_images(race_folder(root, chosen), point) for root in (unbroken, tmp_path)]
        np.testing.assert_array_equal(*images)


def test_a_damaged_state_begins_the_lane_anew_and_keeps_its_points(digits, tmp_path):
    chosen = config(methods=("dm", "dc"))
    with closing(race(digits, chosen, tmp_path).events()) as events:
        for _ in itertools.islice(events, 20):
            pass
    folder = race_folder(tmp_path, chosen)
    before = read_race(tmp_path, chosen).points
    (folder / "dc-0.safetensors").write_bytes(b"torn")
    for _ in race(digits, chosen, tmp_path).events():
        pass
    results = read_race(tmp_path, chosen)
    assert results.complete
    assert results.points[: len(before)] == before


def test_a_race_whose_results_were_deleted_begins_anew(digits, tmp_path, unbroken):
    chosen = config(methods=("dm", "dc"))
    with closing(race(digits, chosen, tmp_path).events()) as events:
        for _ in itertools.islice((event for event in events if isinstance(event, LaneMoved)), 8):
            pass
    (race_folder(tmp_path, chosen) / FILE).unlink()
    for _ in race(digits, chosen, tmp_path).events():
        pass
    assert set(read_race(tmp_path, chosen).points) == set(read_race(unbroken, chosen).points)


def test_a_lane_that_diverges_is_named_and_the_others_finish(digits, tmp_path, monkeypatch):
    real = race_module.condense

    def diverging(dataset, settings, **more):
        steps = real(dataset, settings, **more)
        yield from itertools.islice(steps, 4)
        if settings.method == "dc":
            raise DivergedError("the gradient of class '0' is no longer a number: lower the rate")
        yield from steps

    monkeypatch.setattr(race_module, "condense", diverging)
    chosen = config(methods=("dm", "dc"))
    *_, last = (e for e in race(digits, chosen, tmp_path).events() if isinstance(e, LaneTested))
    assert last.results.complete
    assert "no longer a number: its published rates are too high" in last.results.failure("dc", 0)
    assert last.results.of("dm", 0)[-1].moment == MOMENTS


@pytest.mark.parametrize("at", [1, 4])
def test_a_lane_that_no_gradient_check_stops_ends_with_its_images(digits, tmp_path, monkeypatch, at):
    real = race_module.condense

    def diverging(dataset, settings, **more):
        for index, step in enumerate(real(dataset, settings, **more)):
            if settings.method == "dm" and index >= at:
                step.sets[0].pixels.fill_(float("nan"))
            yield step

    monkeypatch.setattr(race_module, "condense", diverging)
    chosen = config(methods=("dm", "dc"))
    *_, last = (e for e in race(digits, chosen, tmp_path).events() if isinstance(e, LaneTested))
    assert last.results.complete
    assert "no longer a number: its published rates are too high" in last.results.failure("dm", 0)
    assert last.results.of("dc", 0)[-1].moment == MOMENTS
    assert not list(race(digits, chosen, tmp_path).events()), "nothing is left to do"


def test_a_lane_that_diverges_at_once_lets_the_others_race(digits, tmp_path, monkeypatch):
    real = race_module.condense

    def diverging(dataset, settings, **more):
        steps = real(dataset, settings, **more)
        yield next(steps)
        if settings.method == "dc":
            raise DivergedError("the gradient of class '0' is no longer a number: lower the rate")
        yield from steps

    monkeypatch.setattr(race_module, "condense", diverging)
    chosen = config(methods=("dm", "dc"))
    *_, last = (e for e in race(digits, chosen, tmp_path).events() if isinstance(e, LaneTested))
    assert last.results.complete
    assert last.results.failure("dc", 0)
    assert last.results.of("dm", 0)[-1].moment == MOMENTS


def test_what_another_process_did_meanwhile_is_kept(digits, tmp_path):
    chosen = config()
    waiting = race(digits, chosen, tmp_path)
    assert list(race(digits, chosen, tmp_path).events())
    done = read_race(tmp_path, chosen)
    assert not list(waiting.events())
    assert read_race(tmp_path, chosen) == done


def test_two_processes_do_not_run_the_same_race(digits, tmp_path):
    folder = race_folder(tmp_path, config())
    folder.mkdir(parents=True)
    with FileLock(folder / LOCK), pytest.raises(ValueError, match="another process runs this race"):
        next(race(digits, config(), tmp_path).events())


def test_damaged_results_are_refused_with_a_remedy(digits, tmp_path):
    folder = race_folder(tmp_path, config())
    folder.mkdir(parents=True)
    (folder / FILE).write_text("{")
    with pytest.raises(DamagedFileError, match="delete it, and run the race again"):
        race(digits, config(), tmp_path)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"methods": ("dm",)}, "at least two methods"),
        ({"methods": ("dm", "mtt")}, "methods"),
        ({"images_per_class": 7}, "no published loops for 7 images per class"),
        ({"seconds": 0}, "at least 1"),
    ],
)
def test_wrong_settings_are_refused(changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        config(**changes)


def test_the_key_is_of_what_is_computed():
    assert Figure4Config().key == Figure4Config(dataset="fashion", methods=("dsa", "dc", "dm")).key
    assert Figure4Config().key != Figure4Config(seconds=301).key
