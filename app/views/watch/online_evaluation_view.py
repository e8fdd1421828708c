"""How good the images are by now: the accuracy curve beside the stage, and how much time it may take.

The curve is read from the run's stored results, so a reload, another tab and a resumed run show the same.
Must not import torch.
"""

import streamlit as st

from app.components.live_figure import LiveFigure, show_live_figure
from app.jobs.evaluation_tasks import FEW_REAL_IMAGES
from app.jobs.manager import JobManager, get_manager
from app.jobs.online_evaluation_curve import accuracy_curves
from app.run.addresses import run_address
from app.run.controls import can_go_on
from app.run.run_view import RunView
from app.run.stage_content import FIGURE_HEIGHT
from app.text.set_labels import set_line_label
from app.views.watch.online_evaluation_plot import Point, describe_gauge, gauge_figure
from dmcore.config.formatting import grouped, sentence
from dmcore.config.protocols import PAPER, QUICK, whole_set_protocol
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.online_evaluation_time import OnlineEvaluationTime, read_online_evaluation_time

SHARES = (0.0, 0.05, 0.1, 0.2, 0.4)
SHARE_HELP = (
    "Test networks are trained between iterations, in the run's own time: a larger share gives more points "
    "and a slower run. The images come out the same, bit for bit. The last images are always tested, so a "
    "very short run uses more. The choice holds at once for a run at work here, and for those started later."
)


def show_gauge(run: RunFolder, view: RunView, at: int | None) -> None:
    """The chart, the share of the time, and how the numbers were obtained.

    Args:
        run: the run on screen.
        view: its newest moment.
        at: the iteration looked back at, marked; None where it is the newest.
    """
    asked = {} if at is None else {"at": at}
    source = run_address(run.id, "gauge", **asked)
    show_live_figure("gauge", live_gauge(view, run, source, at))
    if run.config is not None:
        _show_share(get_manager())
    for said in explained(run):
        st.caption(said)


def live_gauge(view: RunView, run: RunFolder, source: str = "", at: int | None = None) -> LiveFigure:
    """The accuracy of every set over the iterations, as it is stored by now."""
    curves = accuracy_curves(run)
    lines = {
        set_line_label(run, name): [_point(one) for one in curves.by_set.get(name, ())]
        for name in run.set_names
    }
    references = {}
    several = len({one.images_per_class for one in run.sets}) > 1
    for size, one in sorted(curves.random_real.items()):
        references[f"random real, {size}" if several else "random real"] = _point(one)
    if curves.all_real is not None:
        references["all real"] = _point(curves.all_real)
    return LiveFigure(
        gauge_figure(
            lines,
            references,
            view.iterations,
            top=_cost(run, view),
            middle="" if curves.by_set else waiting(run, view),
            height=FIGURE_HEIGHT,
        ),
        revision=curves.count,
        alt=describe_gauge(lines, references),
        height=FIGURE_HEIGHT,
        view=view.run_id,
        source=source,
        subject=run.id,
        mark=at,
    )


def waiting(run: RunFolder, view: RunView) -> str:
    """Why there is no curve (yet), and what to do about it."""
    if view.online_evaluation is not None and view.online_evaluation.error:
        return f"No curve: {view.online_evaluation.error}"
    if run.config is None:
        return "These images were not condensed here:<br>there is no curve over iterations"
    if not run.description.data.test_count:
        return "The data set has no test images"
    if view.live and view.status in ("running", "paused", "stopping") and view.evaluation is None:
        share = get_manager().evaluation_share
        return "The first networks are being trained …" if share else "Off: choose a share of the time below"
    if view.status in ("running", "paused"):
        return "This run is not at work here: no networks are<br>trained beside it"
    if can_go_on(run, view.status):
        return "No network was trained before this run ended.<br>Choose a share below and resume it"
    if view.status == "failed":
        return "No network was trained before this run ended"
    return "No network was trained while this run condensed.<br>Choose a share below for the next run"


def explained(run: RunFolder) -> list[str]:
    """How the numbers were obtained, and what is left out."""
    data = run.description.data
    said = (
        f"Each point is {QUICK.repeats} fresh networks, trained for {QUICK.epochs} epochs on the images of "
        f"that iteration alone, tested on all {grouped(data.test_count or 0)} test images; bars and bands "
        "are ± one standard deviation over the networks. It is a quick protocol: its numbers lie below those "
        "of longer ones, and `dmcore evaluate` gives the same with "
        f"`--epochs {QUICK.epochs} --repeats {QUICK.repeats}`."
    )
    whole = whole_set_protocol(QUICK)
    if (data.train_count or 0) > FEW_REAL_IMAGES:
        everything = f"all {grouped(data.train_count or 0)} real images are left out, they take too long."
    else:
        everything = (
            f"all real images ({whole.epochs} epochs), once a longer run has shown some points, or when it "
            "is judged."
        )
    held_against = f"Dashed: as many random real images, one draw; {everything}"
    paper = (
        f"No published number is drawn: the paper's are of {PAPER.repeats} networks and "
        f"{grouped(PAPER.epochs)} epochs on each of 5 sets."
    )
    return [said, f"{held_against} {paper}"]


def _show_share(manager: JobManager) -> None:
    state = st.session_state
    state["evaluation_share"] = manager.evaluation_share

    def change() -> None:
        manager.set_evaluation_share(float(state["evaluation_share"]))

    st.segmented_control(
        "Test networks may take at most this share of the time",
        SHARES if manager.evaluation_share in SHARES else sorted((*SHARES, manager.evaluation_share)),
        key="evaluation_share",
        required=True,
        format_func=lambda share: f"{100 * share:.0f} %" if share else "off",
        on_change=change,
        help=SHARE_HELP,
    )


def _cost(run: RunFolder, view: RunView) -> str:
    """The share of the time that was really used, beside the one that was set."""
    trouble = view.online_evaluation.error if view.online_evaluation is not None else ""
    if trouble:
        return f"Stopped: {sentence(trouble)}"
    time = view.online_evaluation.time if view.online_evaluation is not None else read_online_evaluation_time(run)
    if time is None or not time.seconds:
        return ""
    return cost_sentence(time)


def cost_sentence(time: OnlineEvaluationTime) -> str:
    """'Test networks took 17 % of the time (at most 20 %)'."""
    used, most = f"{100 * time.used:.0f} %", f"{100 * time.share:.0f} %"
    said = f"Test networks took {used} of the time"
    if not time.share:
        return f"{said} (now off)"
    return f"{said} (at most {most})" if time.used < time.share + 0.01 else f"{said} ({most} but for the end)"


def _point(result: StoredResult) -> Point:
    return Point(result.iteration, result.mean, result.std, result.n)
