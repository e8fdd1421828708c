"""Accuracy while the run condenses (online evaluation): the live curve, its share of the time, its protocol.

The curve is read from the run's stored results, so a reload, another tab and a resumed run show the same.
"""

from collections.abc import Sequence

import streamlit as st

from app.components.live_figure import LiveFigure, show_live_figure
from app.data.method_accuracies import Method, fitting_accuracies
from app.data.recorded import recorded_hidden
from app.data.stored_results import stored_results
from app.jobs.manager import JobManager, get_manager
from app.jobs.run_view import RunView
from app.jobs.timings import job_estimate, workers_here
from app.run.controls import can_resume
from app.run.live import RUN
from app.run.stage_content import SIDE
from app.text.status import Status
from app.views.watch.online_evaluation_plot import (
    Level,
    Reference,
    describe_online_evaluation,
    online_evaluation_figure,
)
from dmcore.config.command_line import short_evaluate_options
from dmcore.config.formatting import duration, grouped, sentence
from dmcore.config.protocols import PAPER, QUICK, whole_set_protocol
from dmcore.execution.cost import total_workload
from dmcore.experiments.gallery.recorded import is_recorded
from dmcore.runs.description import ResultKind
from dmcore.runs.display.titles import set_line_label
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.accuracy_curves import AccuracyCurves, accuracy_curves
from dmcore.runs.results.evaluation_tasks import FEW_REAL_IMAGES, EvaluationTask, representative_set
from dmcore.runs.results.online_evaluation_time import OnlineEvaluationTime, read_online_evaluation_time

HEIGHT = 235
"""CSS pixels of the figure, with the choice of the share below it."""
RECORDED: dict[Method, str] = {"condensed": "learned, recorded", "random_real": "random, recorded"}
"""Recorded references and their names."""
SHARES = (0.0, 0.05, 0.1, 0.2, 0.4)
SHARE_HELP = (
    "Test networks are trained between iterations, in the run's own time: a larger share gives more points "
    "and a slower run. The images come out the same, bit for bit. The last images are always tested, so a "
    "very short run uses more. The choice holds at once for the running run, and for those started later."
)


def show_online_evaluation(run: RunFolder, view: RunView, at: int | None) -> None:
    """Accuracy curve, control of its share of the time, and how the numbers were obtained.

    Args:
        run: the run on screen.
        view: its newest state.
        at: the iteration looked back at, marked; None where it is the newest.
    """
    show_live_figure("watch_online_evaluation", live_online_evaluation(view, run, at))
    with st.container(key="watch_evaluation", horizontal=True, vertical_alignment="bottom", gap="small"):
        if run.config is not None:
            _show_share(get_manager())
        st.caption("How it is measured", help="\n\n".join(protocol_notes(run)), width="content")


def live_online_evaluation(view: RunView, run: RunFolder, at: int | None = None) -> LiveFigure:
    """Live figure of the accuracy of every set over the iterations, as stored by now."""
    curves = accuracy_curves(run, stored_results(run))
    lines = {set_line_label(run, name): curves.by_set.get(name, ()) for name in run.set_names}
    references: dict[str, Reference] = {}
    several_sizes = len({description.images_per_class for description in run.sets}) > 1
    for size, result in sorted(curves.random_real.items()):
        references[f"random real, {size}" if several_sizes else "random real"] = result
    if curves.all_real is not None:
        references["all real"] = curves.all_real
    references |= known_references(run, drawn=bool(curves.random_real))
    return LiveFigure(
        online_evaluation_figure(
            lines,
            references,
            view.iterations,
            top=next_point_text(run, view, curves) or _used_share_text(run, view),
            middle="" if curves.by_set else missing_curve_text(run, view),
            height=HEIGHT,
        ),
        revision=curves.count,
        alt=describe_online_evaluation(lines, references),
        height=HEIGHT,
        within=SIDE,
        view=view.run_id,
        source=RUN.address("gauge", run=run.id, at=at),
        subject=run.id,
        mark=at,
    )


def known_references(run: RunFolder, drawn: bool) -> dict[str, Reference]:
    """Levels that are known before a network was trained: recorded ones of the same settings, and guessing.

    Args:
        run: the run.
        drawn: whether random real images were tested here, which takes the place of the recorded ones.
    """
    classes = len(run.class_names)
    known: dict[str, Reference] = {}
    if run.config is not None and run.sets and not recorded_hidden() and not is_recorded(run):
        smallest = min(run.sets, key=lambda described: described.images_per_class)
        for accuracy in fitting_accuracies(run, smallest.name, QUICK):
            text = f"{accuracy.text} (recorded, {accuracy.counts_text})"
            if accuracy.method in RECORDED and not (drawn and accuracy.method == "random_real"):
                known[RECORDED[accuracy.method]] = Level(accuracy.mean, accuracy.std, text)
    return known | {"guessing": Level(100 / classes, None, f"{100 / classes:.0f} %")}


def missing_curve_text(run: RunFolder, view: RunView) -> str:
    """Why there is no curve (yet), and what to do about it."""
    if view.online_evaluation is not None and view.online_evaluation.error:
        return f"No curve: {view.online_evaluation.error}"
    if run.config is None:
        return "These images were not condensed here:\nthere is no curve over iterations"
    if not run.description.data.test_count:
        return "The data set has no test images"
    if view.live and view.status.in_progress and view.evaluation is None:
        manager = get_manager()
        if not manager.evaluation_share:
            return "Off: choose a share of the time below"
        if view.status is Status.PAUSED:
            return "Paused: the first networks are trained\nonce the run goes on"
        if manager.throttle.speed == "step":
            return "Step by step, no networks are trained:\nchoose another speed"
        return _first_point_text(run, view, manager.evaluation_share)
    if view.live and view.status.in_progress:
        return "No network was trained while this run condensed:\nits last images are being tested now"
    if view.status in (Status.RUNNING, Status.PAUSED) and not view.live:
        return "This run does not run in this app:\nno networks are trained on its images"
    time = _time(run, view)
    had_share = time is not None and time.share > 0
    if can_resume(run, view.status):
        remedy = "Resume it: it needs longer" if had_share else "Choose a share below and resume it"
        return f"No network was trained before this run ended.\n{remedy}"
    if view.status is Status.FAILED:
        return "No network was trained before this run ended"
    if had_share:
        return "This run was too short for a test within its share:\ntake more iterations or a larger share"
    return "No network was trained while this run condensed.\nChoose a share below for the next run"


def _first_point_text(run: RunFolder, view: RunView, share: float) -> str:
    """What is being trained, when the first point comes, and what follows."""
    seconds = _seconds(run, share, ("condensed",))
    if _beyond_end(view, seconds):
        return "This run may end before its first point:\ntake more iterations or a larger share"
    when = "" if seconds is None else f"\nin about {duration(seconds)}"
    return f"First point: the newest images{when};\nthen earlier and later ones, and random real images"


def next_point_text(run: RunFolder, view: RunView, curves: AccuracyCurves) -> str:
    """By when a running run's second point comes, while there is one alone: that is no curve yet."""
    manager, by_set = get_manager(), curves.by_set
    share = manager.evaluation_share if manager.throttle.speed != "step" else 0.0
    trains = view.live and view.word is Status.RUNNING and share > 0
    if not trains or max(map(len, by_set.values()), default=0) != 1:
        return ""
    before: list[ResultKind] = ["condensed"] if len(by_set) < len(run.set_names) else []
    seconds = _seconds(run, share, (*before, "condensed"))
    if _beyond_end(view, seconds):
        when = "once the run has ended"
    else:
        when = "is being computed" if seconds is None else f"within about {duration(seconds)}"
    return f"One point is no curve yet: the next {when}"


def _seconds(run: RunFolder, share: float, kinds: Sequence[ResultKind]) -> float | None:
    """How long tests of these kinds, of each set, take at a share of the time; None while not known."""
    data = run.description.data.data_shape
    tasks = (
        EvaluationTask(run, name, kind, QUICK)
        for kind in kinds
        for name in run.set_names
        if representative_set(run, name, kind) == name
    )
    look = job_estimate(total_workload(task.workload(data, workers_here()) for task in tasks))
    return None if look.value is None else look.value.seconds / share


def _beyond_end(view: RunView, seconds: float | None) -> bool:
    """Whether the last iteration comes before this time has passed."""
    rate = view.iterations_per_second
    if seconds is None or rate is None:
        return False
    return seconds * rate > view.iterations - view.iteration


def protocol_notes(run: RunFolder) -> list[str]:
    """How the numbers were obtained, and what is left out: two captions."""
    data = run.description.data
    points = (
        f"Each point is {QUICK.repeats} fresh networks, trained for {QUICK.epochs} epochs on the images of "
        f"that iteration alone, tested on all {grouped(data.test_count or 0)} test images; bars and bands "
        "are ± one standard deviation over the networks. Where the test at the end trained more networks on "
        "the same images, the point is theirs. Longer training gives higher numbers; `dmcore evaluate` gives "
        f"the same with `{short_evaluate_options(QUICK, run.config.method if run.config else 'dm')}`."
    )
    whole = whole_set_protocol(QUICK)
    if (data.train_count or 0) > FEW_REAL_IMAGES:
        everything = f"all {grouped(data.train_count or 0)} real images are left out, they take too long."
    else:
        everything = (
            f"all real images ({whole.epochs} epochs), once a longer run has shown some points, or when it "
            "is evaluated."
        )
    references = f"Dashed: as many random real images, each network on a draw of its own; {everything}"
    paper = (
        f"No published number is drawn: the paper's are of {PAPER.repeats} networks and "
        f"{grouped(PAPER.epochs)} epochs on each of 5 sets."
    )
    return [points, f"{references} {paper}"]


def _show_share(manager: JobManager) -> None:
    state = st.session_state
    state["watch_evaluation_share"] = manager.evaluation_share
    st.segmented_control(
        "Test networks may take at most this share of the time",
        SHARES if manager.evaluation_share in SHARES else sorted((*SHARES, manager.evaluation_share)),
        key="watch_evaluation_share",
        required=True,
        format_func=lambda share: f"{100 * share:.0f} %" if share else "off",
        on_change=lambda: manager.set_evaluation_share(float(state["watch_evaluation_share"])),
        help=SHARE_HELP,
    )


def _used_share_text(run: RunFolder, view: RunView) -> str:
    """Share of the time that was really used, next to the one that was set; the error that ended it."""
    error = view.online_evaluation.error if view.online_evaluation is not None else ""
    if error:
        return f"Stopped: {sentence(error)}"
    time = _time(run, view)
    return "" if time is None or not time.seconds else used_share_sentence(time)


def _time(run: RunFolder, view: RunView) -> OnlineEvaluationTime | None:
    """Time that test networks took, and the share they might take; None where none was ever set."""
    if view.online_evaluation is not None:
        return view.online_evaluation.time
    return read_online_evaluation_time(run)


def used_share_sentence(time: OnlineEvaluationTime) -> str:
    """'Test networks took 17 % of the time (at most 20 %)'."""
    used, most = f"{100 * time.used:.0f} %", f"{100 * time.share:.0f} %"
    text = f"Test networks took {used} of the time"
    if not time.share:
        return f"{text} (now off)"
    return f"{text} (at most {most})" if time.used < time.share + 0.01 else f"{text} ({most} but for the end)"
