"""What an embedding sees: feature maps of one image, and how well each source keeps distances.

Two sections, each a fragment that looks again while an answer is on its way; the thread of
app/views/network_distribution/embedding_worker.py computes. Must not import torch.
"""

from collections.abc import Callable

import streamlit as st

from app.components.image_grid import show_image_grid
from app.components.live_figure import LiveFigure, show_live_figure
from app.components.styles import WATCH_STYLE
from app.data.folders import cache_root
from app.text.escaping import plain_text
from app.views.network_distribution.embedding_plot import (
    correlation_sentence,
    image_grid_of,
    maps_grid,
    pairs_alt_text,
    pairs_figure,
    sources_table,
)
from app.views.network_distribution.embedding_queries import (
    DRAWS,
    PER_CLASS,
    DistancesQuery,
    DistancesResult,
    EmbeddingQuery,
    FeatureMapsQuery,
    FeatureMapsResult,
    ImageCounts,
    ImageCountsQuery,
)
from app.views.network_distribution.embedding_worker import (
    EmbeddingFailed,
    EmbeddingPending,
    EmbeddingState,
    get_embedding_worker,
)
from dmcore.config import PoolConfig
from dmcore.config.formatting import counted, grouped
from dmcore.config.network_source import RANDOM, NetworkSource
from dmcore.embedding.pool_index import PoolIndex, accuracy_bands, find_index, pool_states

LOOK_SECONDS = 0.7
PATIENCE_SECONDS = 0.5
"""How long a click waits for its answer before it is said that one is on its way."""
FIGURE_HEIGHT = 380
MAPS_SHOWN = (
    "Blue is the least value of a map, yellow its greatest: each is stretched by itself. Shown are the first "
    "channels of each block."
)
MEANING = (
    "Rank correlation (Spearman): 1 means that pairs of images keep their order from near to far, 0 that "
    "nothing of it is left. Separation: mean distance between classes, as a multiple of the mean distance "
    "within them. ± is one standard deviation over n different networks."
)


def show_embedding(dataset: str, pool: PoolConfig, networks: int) -> None:
    """Draw both sections.

    Args:
        dataset: what `load_dataset` takes; it has to be on this machine.
        pool: architecture and training of the networks, random and trained.
        networks: how many networks of the pool sources draw from; fewer where it has fewer.
    """
    st.html(WATCH_STYLE)
    index = find_index(dataset, pool, cache_root())
    there = min(networks, index.networks) if index is not None else 0
    with st.container(key="embedding"):
        st.subheader("What an embedding sees", anchor=False)
        if there < networks:
            st.info(pool_notice(there, networks))
        _looking("embedding_maps", lambda: _show_maps(dataset, pool, there))
        _looking("embedding_distances", lambda: _show_distances(dataset, pool, index, there))


def pool_notice(there: int, networks: int) -> str:
    """Why only a part of the pool is seen, and what to do."""
    if not there:
        return (
            "There is no pool of trained networks yet: only random networks and pixels are shown. Build the "
            "pool to see what training changes."
        )
    return (
        f"The pool has {there} of {counted(networks, 'network')}: numbers are of "
        f"{'this one' if there == 1 else f'these {there}'} until it is built further."
    )


def comparable_sources(index: PoolIndex | None, dataset: str, there: int) -> tuple[NetworkSource, ...]:
    """Every source that can be compared: without a pool those that need none."""
    trained: tuple[NetworkSource, ...] = ()
    if index is not None and there:
        states = index.states(there)
        bands = [
            one for one in accuracy_bands(states, dataset) if any(one.holds(each.accuracy) for each in states)
        ]
        trained = (*bands, NetworkSource("all"))
    return (RANDOM, NetworkSource("fixed", count=1), *trained, NetworkSource("pixels"))


def _looking(key: str, draw: Callable[[], bool]) -> None:
    """Draw a section, again and again while it says that something is on its way."""
    timed = st.session_state.get(f"{key}_looks", False)

    def section() -> None:
        with st.container(border=True, key=key):
            lacks = draw()
        if lacks != timed:  # with a timer, or without one any more
            st.session_state[f"{key}_looks"] = lacks
            st.rerun()

    st.fragment(run_every=LOOK_SECONDS if timed else None)(section)()


def _asked(question: EmbeddingQuery, patience: float = 0.0) -> EmbeddingState:
    return get_embedding_worker().ask(question, patience)


def _say(state: EmbeddingPending | EmbeddingFailed) -> bool:
    """What is there instead of an answer; whether one is on its way."""
    if isinstance(state, EmbeddingFailed):
        st.warning(plain_text(state.sentence))
        return False
    st.caption(pending_text(state))
    return True


def pending_text(state: EmbeddingPending) -> str:
    """What is waited for."""
    if state.waiting:
        return "Computed when the run at work has ended or is paused …"
    return "Computing …"


def _show_maps(dataset: str, pool: PoolConfig, there: int) -> bool:
    st.markdown("**One image, after each block of the network**")
    images = _asked(ImageCountsQuery(dataset), PATIENCE_SECONDS)
    if not isinstance(images, ImageCounts):
        assert isinstance(images, EmbeddingPending | EmbeddingFailed)
        return _say(images)
    label, number = _chosen_image(images)
    found = _asked(FeatureMapsQuery(dataset, pool, there, label, number), PATIENCE_SECONDS)
    if not isinstance(found, FeatureMapsResult):
        assert isinstance(found, EmbeddingPending | EmbeddingFailed)
        return _say(found)
    with st.container(key="embedding_stage", horizontal=True, gap="medium", vertical_alignment="top"):
        with st.container(width=170):
            show_image_grid("embedding_image", image_grid_of(found, images.class_names[label]))
        with st.container(width="stretch"):
            show_image_grid("embedding_tiles", maps_grid(found))
    st.caption(f"{MAPS_SHOWN} {stages_sentence(found)}")
    return False


def _chosen_image(images: ImageCounts) -> tuple[int, int]:
    """Class and position in it of the test image that is shown."""
    labels = [label for label, count in enumerate(images.counts) if count]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        label = st.selectbox(
            "Class of the image",
            labels,
            format_func=images.class_names.__getitem__,
            key="embedding_class",
            bind="query-params",
            width=220,
            help="Which class the image is of.",
        )
        count = images.counts[label]
        if st.session_state.get("embedding_number", 1) > count:  # of a class that has more
            st.session_state["embedding_number"] = count
        number = st.number_input(
            "Number",
            1,
            count,
            key="embedding_number",
            bind="query-params",
            width=150,
            help=f"Which of the {grouped(count)} test images of this class: no network was trained on them.",
        )
    return label, int(number) - 1


def _show_distances(dataset: str, pool: PoolConfig, index: PoolIndex | None, there: int) -> bool:
    st.markdown("**Which distances between images are kept**")
    questions = {
        source: DistancesQuery(dataset, pool, there if source.pooled else 0, source)
        for source in comparable_sources(index, dataset, there)
    }
    states = {source: _asked(question) for source, question in questions.items()}
    names = {str(source): source for source in questions}
    chosen = st.selectbox(
        "Networks in the plot",
        list(names),
        format_func=lambda one: names[one].name,
        key="embedding_source",
        bind="query-params",
        width=220,
        help="Whose features are compared with the pixels; the table below has them all.",
    )
    source = names.get(chosen, RANDOM)
    found = states[source]
    if isinstance(found, DistancesResult):
        st.markdown(plain_text(correlation_sentence(source.name, found)))
        show_live_figure("embedding_pairs", _live(source, found))
        st.caption(
            f"{grouped(len(found.pixels))} of {grouped(found.pairs)} pairs of {grouped(found.images)} real "
            f"training images, as many of one class as of two; in features of the first of the networks."
        )
    elif isinstance(found, EmbeddingPending | EmbeddingFailed):
        _say(found)
    st.html(sources_table({source.name: _row(state) for source, state in states.items()}))
    st.caption(
        f"{MEANING} {DRAWS} networks are drawn from each source, one drawn twice counts once; about "
        f"{PER_CLASS} images of each class. The networks of the pool were trained on most of these images."
    )
    if index is not None and there:
        st.caption(_states_sentence(index, there))
    return any(isinstance(state, EmbeddingPending) for state in states.values())


def _row(state: EmbeddingState) -> DistancesResult | str:
    if isinstance(state, DistancesResult):
        return state
    assert isinstance(state, EmbeddingPending | EmbeddingFailed)
    return (
        state.sentence
        if isinstance(state, EmbeddingFailed)
        else pending_text(EmbeddingPending(getattr(state, "waiting", False)))
    )


def _live(source: NetworkSource, found: DistancesResult) -> LiveFigure:
    return LiveFigure(
        pairs_figure(found),
        revision=1,
        alt=pairs_alt_text(source.name, found),
        height=FIGURE_HEIGHT,
        view=str(source),
    )


def _states_sentence(index: PoolIndex, there: int) -> str:
    every = len(pool_states(index, NetworkSource("all"), there))
    return (
        f"Trained networks: {grouped(every)} kept states of {counted(there, 'network')}; accuracies are of "
        f"{index.validation}."
    )
