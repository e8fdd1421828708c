"""Widgets of the Feature space page: choice of run, features, map and reference, all bound to the address."""

from typing import NamedTuple

import streamlit as st

from app.data.folders import find_run, runs_root
from app.data.recorded import offered_titles
from app.jobs.manager import JobManager
from app.run.looked_at import LOOKED_AT
from app.run.on_screen import keep_on_screen, run_on_screen
from app.run.view_state import remember
from app.setup.person import person_hash
from app.text.escaping import plain_text
from app.views.feature_space.reference_sets import FRESH, MAX_PANELS, OTHER, REFERENCES, comparable_runs
from app.views.feature_space.scene import JOINT
from dmcore.config.formatting import sentence
from dmcore.runs.folder import RunFolder

FEATURE_NAMES = {"trained": "trained network", "random": "random network", "pixels": "pixels"}
MAP_NAMES = {"tsne": "t-SNE", "pca": "PCA", JOINT: "joint t-SNE"}


class MapChoices(NamedTuple):
    """Choices of the page but for the run."""

    features: str
    """Key of `FEATURE_NAMES`."""
    map: str
    """Key of `MAP_NAMES`."""
    reference: str
    """One of `REFERENCES`."""
    other: str
    """Id of the run that is the reference; '' where none is."""


def choose_map(run: RunFolder | None, runs: list[RunFolder]) -> MapChoices | None:
    """Draw the choices of features, map and reference; None without a run."""
    if run is None:
        return None
    return MapChoices(*_choose_view(), *_choose_reference(run, runs))


def choose_run(manager: JobManager, runs: list[RunFolder]) -> RunFolder | None:
    """Draw the choice of the run: of the address, the session, the running job, last seen, or newest."""
    titles = offered_titles(runs)
    current = manager.current
    requested = run_on_screen()
    if requested is None:
        running = current.run_id if current is not None and current.run_id in titles else None
        last = LOOKED_AT.last(person_hash())
        requested = running or (last if last in titles else next(iter(titles)))
    if requested not in titles:
        try:
            find_run(requested, runs_root())
            name = plain_text(requested)
            st.warning(f"Run {name} has no images yet: choose another, or look again in a moment.")
        except ValueError as missing:
            st.warning(plain_text(f"{sentence(str(missing))} Choose another run."))

    def choose() -> None:
        chosen = st.session_state["feature_run"]
        if chosen:
            for name in ("at", "image"):
                remember(name, None)
            keep_on_screen(chosen)

    st.session_state["feature_run"] = requested if requested in titles else None
    st.selectbox(
        "Run",
        list(titles),
        format_func=lambda run_id: titles.get(run_id, run_id),
        key="feature_run",
        index=None,
        placeholder="Choose a run",
        on_change=choose,
        width=350,
        help="Any run with images; a running one moves. Type to search.",
    )
    if requested not in titles:
        return None
    keep_on_screen(requested)
    return find_run(requested, runs_root())


def _choose_view() -> tuple[str, str]:
    """Draw the choices of the feature space, the map and the reference; (features, map)."""
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
        help="t-SNE keeps neighbours together; the real images are mapped once and stand still. PCA is "
        "linear and exact, but shows two directions only. The joint t-SNE is the paper's figure 3: real and "
        "learned images mapped together, at one iteration.",
    )
    st.selectbox(
        "Reference",
        REFERENCES,
        key="map_beside",
        bind="query-params",
        width=250,
        help="A second panel on the same map: as many real images drawn at random, where the stars "
        "started, or another run on the same real images. All panels zoom together.",
    )
    return features or "random", kind or "tsne"


def _choose_reference(run: RunFolder, runs: list[RunFolder]) -> tuple[str, str]:
    """Draw the choice of the other run, if one is the reference; (reference, id of the other run or '')."""
    reference = st.session_state.get("map_beside")
    if reference != OTHER:
        return (reference if reference in REFERENCES else FRESH), ""
    if len(run.sets) >= MAX_PANELS:
        st.caption(f"Next to {MAX_PANELS} sets there is no room for another run.")
        return OTHER, ""
    titles = offered_titles(comparable_runs(run, runs))
    if not titles:
        st.caption("No other run was learned from the same real images: start one, with one thing changed.")
        return OTHER, ""
    if st.session_state.get("map_other") not in titles:
        st.session_state["map_other"] = next(iter(titles))
    other = st.selectbox(
        "The other run",
        list(titles),
        format_func=lambda run_id: titles.get(run_id, run_id),
        key="map_other",
        bind="query-params",
        width=270,
        help="Runs on the same real images. At the iteration on screen, or the nearest that was stored.",
    )
    return OTHER, other or ""
