"""Section "What an embedding sees": feature maps of an image, and distance preservation of each source.

Each of the two parts is a fragment that polls while a result is pending; the answers are computed beside the
page (`app.answers`).
"""

from collections.abc import Callable

import streamlit as st

from app.answers.question import Look
from app.components.image_grid import show_image_grid
from app.components.live_figure import LiveFigure, show_live_figure
from app.components.states import show_failure, show_loading
from app.components.styles import PAGE_STYLE
from app.data.folders import cache_root
from app.jobs.page_answers import get_page_answers
from app.text.escaping import plain_text
from app.views.network_distribution.embedding_plot import (
    correlation_sentence,
    image_grid_of,
    maps_grid,
    pairs_alt_text,
    pairs_figure,
    sources_table,
    stages_caption,
)
from app.views.network_distribution.embedding_queries import (
    DRAWS,
    PER_CLASS,
    DistancesQuery,
    FeatureMapsQuery,
    ImageCounts,
    ImageCountsQuery,
)
from dmcore.config import PoolConfig
from dmcore.config.formatting import counted, grouped
from dmcore.config.network_source import RANDOM, NetworkSource
from dmcore.embedding.pool_index import PoolIndex, comparable_sources, find_index, pool_states
from dmcore.embedding.pool_request import PoolRequest

POLL_SECONDS = 0.7
PATIENCE_SECONDS = 0.5
"""How long a rerun waits for a result before it shows that it is pending."""
FIGURE_HEIGHT, MAPS_HEIGHT = 380, 240
MAPS_SHOWN = (
    "Blue is the least value of a map, yellow its greatest: each is stretched by itself. Shown are the first "
    "channels of each block."
)
MEANING = (
    "Rank correlation (Spearman): 1 means that pairs of images keep their order from near to far, 0 that "
    "nothing of it is left. Separation: mean distance between classes, as a multiple of the mean distance "
    "within them. ± is one standard deviation over n different networks."
)


def show_embedding(request: PoolRequest) -> None:
    """Draw both parts, for random networks and those of a pool, of data that are on this machine."""
    st.html(PAGE_STYLE)
    dataset, pool, networks = request.dataset, request.config, request.networks
    index = find_index(dataset, pool, cache_root())
    available = min(networks, index.networks) if index is not None else 0
    with st.container(key="embedding"):
        st.subheader("What an embedding sees", anchor=False)
        if available < networks:
            st.caption(pool_notice(available, networks))
        _polling_fragment("embedding_maps", lambda: _show_maps(dataset, pool, available))
        _polling_fragment("embedding_distances", lambda: _show_distances(dataset, pool, index, available))


def pool_notice(available: int, networks: int) -> str:
    """Message on a missing or incomplete pool, with the remedy."""
    if not available:
        return (
            "There is no pool of trained networks yet: only random networks and pixels are shown. Build the "
            "pool to see what training changes."
        )
    return (
        f"The pool has {available} of {counted(networks, 'network')}: results are of "
        f"{'this one' if available == 1 else f'these {available}'} until it is built further."
    )


def _polling_fragment(key: str, draw: Callable[[], bool]) -> None:
    """Draw a part as a fragment, rerun on a timer while `draw` returns that a result is pending."""
    polls = st.session_state.get(f"{key}_looks", False)

    def section() -> None:
        with st.container(border=True, key=key):
            pending = draw()
        if pending != polls:  # with a timer, or without one any more
            st.session_state[f"{key}_looks"] = pending
            st.rerun()

    st.fragment(run_every=POLL_SECONDS if polls else None)(section)()


def _show_lack(key: str, look: Look[object], height: int) -> bool:
    """Show why there is no result, in its room; whether it is pending."""
    if look.failure is not None:
        show_failure(f"{key}_trouble", look.failure.sentence, "The pool and the table are as they were.")
        return False
    show_loading(f"{key}_frame", lack_text(look), height)
    return True


def lack_text(look: Look[object]) -> str:
    """Why there is no result: the failure, or what a pending one waits for."""
    if look.failure is not None:
        return look.failure.sentence
    if look.progress is not None and look.progress.waiting:
        return "Computed when the current run has ended or is paused …"
    return "Computing …"


def _show_maps(dataset: str, pool: PoolConfig, available: int) -> bool:
    st.markdown("**One image, after each block of the network**")
    answers = get_page_answers()
    counts = answers.ask(ImageCountsQuery(dataset), PATIENCE_SECONDS)
    if counts.value is None:
        return _show_lack("embedding_maps", counts, MAPS_HEIGHT)
    label, number = _chosen_image(counts.value)
    maps = answers.ask(FeatureMapsQuery(dataset, pool, available, label, number), PATIENCE_SECONDS)
    if maps.value is None:
        return _show_lack("embedding_maps", maps, MAPS_HEIGHT)
    with st.container(key="embedding_stage", horizontal=True, gap="medium", vertical_alignment="top"):
        with st.container(width=170):
            show_image_grid("embedding_image", image_grid_of(maps.value, counts.value[label][0]))
        with st.container(width="stretch"):
            show_image_grid("embedding_tiles", maps_grid(maps.value))
    st.caption(f"{MAPS_SHOWN} {stages_caption(maps.value)}")
    return False


def _chosen_image(images: ImageCounts) -> tuple[int, int]:
    """Choice of the test image: its class, and its position in the class."""
    labels = [label for label, (_, count) in enumerate(images) if count]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        label = st.selectbox(
            "Class of the image",
            labels,
            format_func=lambda label: images[label][0],
            key="embedding_class",
            bind="query-params",
            width=220,
            help="Which class the image is of.",
        )
        _, count = images[label]
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


def _show_distances(dataset: str, pool: PoolConfig, index: PoolIndex | None, available: int) -> bool:
    st.markdown("**Which distances between images are preserved**")
    queries = {
        source: DistancesQuery(dataset, pool, available if source.pooled else 0, source)
        for source in comparable_sources(index, dataset, available)
    }
    looks = {source: get_page_answers().ask(query) for source, query in queries.items()}
    names = {str(source): source for source in queries}
    chosen = st.selectbox(
        "Networks in the plot",
        list(names),
        format_func=lambda text: names[text].name,
        key="embedding_source",
        bind="query-params",
        width=220,
        help="Whose features are compared with the pixels; the table below has them all.",
    )
    source = names.get(chosen, RANDOM)
    result = looks[source].value
    if result is None:
        _show_lack("embedding_distances", looks[source], FIGURE_HEIGHT)
    else:
        st.markdown(plain_text(correlation_sentence(source.name, result)))
        alt = pairs_alt_text(source.name, result)
        figure = LiveFigure(pairs_figure(result), revision=1, alt=alt, height=FIGURE_HEIGHT, view=str(source))
        show_live_figure("embedding_pairs", figure)
        st.caption(
            f"{grouped(len(result.pixels))} of {grouped(result.pairs)} pairs of {grouped(result.images)} "
            f"real training images, as many of one class as of two; in features of the first of the networks."
        )
    st.html(sources_table({source.name: look.value or lack_text(look) for source, look in looks.items()}))
    st.caption(
        f"{MEANING} {DRAWS} networks are drawn from each source, one drawn twice counts once; about "
        f"{PER_CLASS} images of each class. The networks of the pool were trained on most of these images."
    )
    if index is not None and available:
        st.caption(_states_sentence(index, available))
    return any(look.value is None and look.failure is None for look in looks.values())


def _states_sentence(index: PoolIndex, available: int) -> str:
    states = len(pool_states(index, NetworkSource("all"), available))
    return (
        f"Trained networks: {grouped(states)} saved states of {counted(available, 'network')}; accuracies "
        f"are of {index.validation}."
    )
