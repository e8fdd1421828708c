"""The Feature space page: synthetic images as stars moving through the still cloud of real ones (figure 3).

The address says what is looked at; run, iteration and opened image are those of the Watch page. The map
follows a run by itself; the script draws one moment. Must not import torch.
"""

from collections import Counter

import streamlit as st

from app.clouds import (
    CloudChoice,
    MadeCloud,
    Placement,
    cloud_choice,
    forget_failure,
    made_cloud,
    want_history,
)
from app.cover_numbers import show_curves, show_numbers
from app.escaping import plain_text
from app.feature_map import StarPick, show_feature_map
from app.feature_scene import (
    BESIDE_RUN,
    COLOURED,
    FRESH,
    MEANING,
    PICKED_CLASSES,
    STARTS,
    Scene,
    beside_wants,
    feature_map,
    placement_of,
    waiting_for,
)
from app.image_grid import Pick
from app.inspector import show_inspector
from app.job import Job
from app.jobs import BusyError, JobManager, get_manager
from app.live_addresses import run_address
from app.live_line import show_live_line
from app.look import current_look, open_image, opened_image, remember
from app.page_files import WATCH_PAGE
from app.placer import Failed, Making
from app.run_view import RunView, find_run, kept_iterations, latest_view, nearest_kept, page_state, view_at
from app.settings import runs_root
from app.stage import status_line
from app.styles import WATCH_STYLE
from app.timeline import Timeline, show_timeline
from app.words import sentence
from dmcore.runs import RunFolder, list_runs

FEATURE_NAMES = {"trained": "trained network", "random": "random network", "pixels": "pixels"}
MAP_NAMES = {"tsne": "t-SNE", "pca": "PCA"}
NUMBERS, CURVES, IMAGE = "numbers", "over time", "image"
LOOK_SECONDS = 0.5
PATIENCE_SECONDS = 0.6
"""How long a drawing waits for a placement before it says that one is on its way."""
MAP_HEIGHT = 440


def show_feature_space() -> None:
    """Draw the page."""
    manager = get_manager()
    st.html(WATCH_STYLE)
    runs = [run for run in list_runs(runs_root()) if kept_iterations(run)]
    if not runs:
        st.header("Feature space", anchor=False)
        st.info(
            "Here the synthetic images of a run move as stars through the cloud of the real ones. There is "
            "no run with images yet: start one on the Watch page."
        )
        if st.button("Go to Watch", key="go_to_watch", type="primary"):
            st.switch_page(WATCH_PAGE)
        return
    with st.container(key="feature_choices", horizontal=True, vertical_alignment="bottom", gap="small"):
        run = _choose_run(manager, runs)
        asked = _choose_look() if run is not None else None
    if run is None or asked is None:
        return
    try:
        view = latest_view(manager, run)
        choice = cloud_choice(run, *asked)
    except (ValueError, OSError) as trouble:
        st.warning(plain_text(sentence(str(trouble))))
        return
    scene = Scene(choice, _beside(), nearest_kept(run, current_look().at))
    show_live_line(
        "watch_status",
        status_line(view, page_state(manager, run, view), scene.at),
        source=run_address(run.id, "status", **({} if scene.at is None else {"at": scene.at})),
        subject=run.id,
    )
    _show_scene(manager, run, view, scene)


def _choose_run(manager: JobManager, runs: list[RunFolder]) -> RunFolder | None:
    """The run on screen: of the address, the session, the thread, else the newest."""
    named = Counter(run.description.title for run in runs)
    titles = {
        run.id: title if named[title := run.description.title] == 1 else f"{title} ({run.id})" for run in runs
    }
    current = manager.current
    asked = st.query_params.get("run") or st.session_state.get("run_on_screen")
    if asked is None:
        at_work = current.run_id if current is not None and current.run_id in titles else None
        asked = at_work or next(iter(titles))
    if asked not in titles:
        try:
            find_run(asked, runs_root())
            st.warning(
                f"Run {plain_text(asked)} has no images yet: choose another, or look again in a moment."
            )
        except ValueError as missing:
            st.warning(plain_text(f"{sentence(str(missing))} Choose another run."))

    def choose() -> None:
        chosen = st.session_state["feature_run"]
        if chosen:
            for name in ("at", "image"):
                remember(name, None)
            st.query_params["run"] = st.session_state["run_on_screen"] = chosen

    st.session_state["feature_run"] = asked if asked in titles else None
    st.selectbox(
        "Run",
        list(titles),
        format_func=lambda one: titles.get(one, one),
        key="feature_run",
        index=None,
        placeholder="Choose a run",
        on_change=choose,
        width=270,
        help="Any run with images; one at work moves. Type to search.",
    )
    if asked not in titles:
        return None
    st.query_params["run"] = st.session_state["run_on_screen"] = asked
    return find_run(asked, runs_root())


def _choose_look() -> tuple[str, str]:
    """Features and map; what stands beside is found by `_beside`."""
    features = st.segmented_control(
        "Features of",
        list(FEATURE_NAMES),
        default="random",
        required=True,
        wrap=True,
        format_func=FEATURE_NAMES.__getitem__,
        key="features",
        bind="query-params",
        help="Where images are compared. The paper's figure 3 uses a network trained on all real images; "
        "a random network is what the images are learned with; pixels need no network.",
    )
    kind = st.segmented_control(
        "Map",
        list(MAP_NAMES),
        default="tsne",
        required=True,
        format_func=MAP_NAMES.__getitem__,
        key="map",
        bind="query-params",
        help="t-SNE keeps neighbours together; PCA is linear and exact, but shows two directions only.",
    )
    st.segmented_control(
        "Beside it",
        BESIDE_RUN,
        default=FRESH,
        required=True,
        wrap=True,
        key="map_beside",
        bind="query-params",
        help="A second panel on the same map: as many real images drawn at random, or where the stars "
        "started. Both panels zoom together.",
    )
    return features or "random", kind or "tsne"


def _beside() -> str:
    chosen = st.session_state.get("map_beside")
    return chosen if chosen in BESIDE_RUN else FRESH


def _show_scene(manager: JobManager, run: RunFolder, view: RunView, scene: Scene) -> None:
    cloud = made_cloud(scene.choice)
    if isinstance(cloud, Failed):
        _show_failure(manager, run, scene.choice, cloud)
        return
    if not isinstance(cloud, MadeCloud):
        _wait(scene, run, manager)
        return
    placement = placement_of(scene, run, manager, PATIENCE_SECONDS)
    if isinstance(placement, Failed):
        st.warning(plain_text(placement.sentence))
        return
    if not isinstance(placement, Placement):
        _wait(scene, run, manager)
        return
    shown = view
    if scene.at is not None:
        try:
            shown = view_at(run, view, scene.at)
        except ValueError as damage:
            st.warning(plain_text(sentence(str(damage))))
    lacking = want_history(scene.choice, run, manager)
    _draw_again_with(scene, run, placement)
    with st.container(key="watch_row"):
        left, right = st.columns([3, 2], gap="medium")
    with left:
        _show_map(run, shown, scene, cloud, placement)
        _show_time(run, view, scene)
        st.caption(MEANING[scene.choice.map])
    with right:
        _show_side(manager, run, shown, scene, placement, lacking)


def _show_map(run: RunFolder, view: RunView, scene: Scene, cloud: MadeCloud, placement: Placement) -> None:
    picked = opened_image()
    shown = feature_map(
        scene,
        run,
        view,
        cloud,
        placement,
        coloured=_coloured(run),
        picked=None if picked is None else (picked.lane, picked.label, picked.image),
        starts=scene.beside == STARTS,
        trails=8,
        height=MAP_HEIGHT,
    )

    def pick(star: StarPick) -> None:
        if star.panel in run.set_names:
            open_image(Pick(star.panel, star.label, star.image))
            st.session_state["map_side"] = IMAGE

    show_feature_map("feature_map", shown, on_pick=pick)


def _coloured(run: RunFolder) -> list[int]:
    """The classes in colour: all up to ten, else those that are picked."""
    names = run.class_names
    if len(names) <= COLOURED:
        return list(range(len(names)))
    chosen = st.multiselect(
        "Classes in colour",
        range(len(names)),
        default=list(range(PICKED_CLASSES)),
        format_func=names.__getitem__,
        max_selections=PICKED_CLASSES,
        key="coloured_classes",
        help="The others are grey; numbers are always of all classes.",
    )
    return list(chosen)


def _show_time(run: RunFolder, view: RunView, scene: Scene) -> None:
    show_timeline(
        "feature_timeline",
        Timeline(
            stops=kept_iterations(run),
            newest=view.iteration,
            at=scene.at,
            moving=view.status in ("running", "paused", "stopping"),
            subject=run.id,
            film="",
            eager=False,
            note="click a star to see its image",
            source=run_address(run.id, "stops"),
        ),
        on_release=lambda at: remember("at", at),
    )


def _show_side(
    manager: JobManager, run: RunFolder, view: RunView, scene: Scene, placement: Placement, lacking: int
) -> None:
    chosen = st.segmented_control(
        "Beside the map",
        (NUMBERS, CURVES, IMAGE),
        default=NUMBERS,
        required=True,
        key="map_side",
        bind="query-params",
        label_visibility="collapsed",
        help="How well the stars cover the cloud; the same over the iterations; or the star you click.",
    )
    if chosen == IMAGE:
        pick = opened_image()
        if pick is None:
            st.info("Click a star to see its image, where it started and which real images are nearest.")
        else:
            show_inspector(run, view, pick, lambda: open_image(None), following=scene.at is None)
    elif chosen == CURVES:
        show_curves(run, scene, lacking, busy=manager.busy)
    else:
        show_numbers(run, scene, placement)


def _draw_again_with(scene: Scene, run: RunFolder, placement: Placement) -> None:
    """What stands beside comes a moment later: then the page is drawn once more."""
    lacks = [one for one in beside_wants(scene, run, placement) if isinstance(one(), Making)]
    if not lacks:
        return

    def look() -> None:
        if not any(isinstance(one(), Making) for one in lacks):
            st.rerun()

    st.fragment(run_every=LOOK_SECONDS)(look)()


def _wait(scene: Scene, run: RunFolder, manager: JobManager) -> None:
    """Say what is being made until it is there; then the page is drawn again."""

    def look() -> None:
        cloud = made_cloud(scene.choice)
        found = cloud if not isinstance(cloud, MadeCloud) else placement_of(scene, run, manager)
        if isinstance(found, Placement | Failed):
            st.rerun()
        said = waiting_for(found)
        done = getattr(found, "done", 0.0)
        st.progress(min(1.0, done), text=plain_text(said))
        st.skeleton(height=MAP_HEIGHT)

    st.fragment(run_every=LOOK_SECONDS)(look)()


def _show_failure(manager: JobManager, run: RunFolder, choice: CloudChoice, why: Failed) -> None:
    """Why there is no cloud; where only a trained network is lacking, how to get one."""
    if not why.untrained:
        st.warning(plain_text(why.sentence))
        if st.button("Try again", key="cloud_again"):
            forget_failure(choice)
            st.rerun()
        return
    job = next((one for one in (manager.current, *manager.queued) if _trains(one, choice.dataset)), None)
    if job is not None and (job.active or job.state == "queued"):
        _show_training(manager, job)
        return
    if job is not None and job.state == "finished" and st.session_state.get("trained_seen") is not job:
        st.session_state["trained_seen"] = job
        forget_failure(choice)
        st.rerun()
    st.info(
        "The paper's figure embeds the images with a network trained on all real images. There is none for "
        "this data set yet. Training one takes minutes and is done once; “random network” needs none."
    )
    if job is not None and job.error is not None:
        st.error(plain_text(f"{sentence(job.error.sentence)} {sentence(job.error.remedy)}"))
    label = "Train it behind the run at work" if manager.busy else "Train it now"
    if st.button(label, key="train_network", type="primary"):
        try:
            manager.train(choice.dataset, queue=manager.busy)
        except BusyError as busy:
            st.warning(plain_text(sentence(str(busy))))
        else:
            st.rerun()


def _trains(job: Job | None, dataset: str) -> bool:
    return job is not None and job.kind == "train" and job.dataset == dataset


def _show_training(manager: JobManager, job: Job) -> None:
    """How far the training is, with its buttons."""

    def look() -> None:
        if not job.active and job.state != "queued":
            st.rerun()
        st.progress(job.done, text=plain_text(f"{job.title}: {job.doing or job.state}"))

    st.fragment(run_every=LOOK_SECONDS)(look)()
    with st.container(horizontal=True, gap="small"):
        if job.state == "queued":
            st.button("Cancel", key="cancel_training", on_click=manager.cancel, args=(job,))
        else:
            paused = job.state == "paused" or job.pausing
            st.button(
                "Go on" if paused else "Pause",
                key="pause_training",
                on_click=manager.go_on if paused else manager.pause,
            )
            st.button("Stop", key="stop_training", on_click=manager.stop, help="What is done is kept.")
