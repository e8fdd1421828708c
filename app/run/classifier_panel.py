"""A network trained on condensed images alone reads twelve real test images, and what a person draws.

Training happens in a thread of its own (`classifier.py`); this draws what is there and asks for what is not.
"""

import html
from collections.abc import Sequence

import streamlit as st

from app.components.drawing import Grey, picture_of
from app.components.drawing_pad import show_drawing_pad
from app.components.image_grid import Grid, Lane, show_image_grid
from app.run.classifier import PROTOCOL, Failed, Images, Trained, Training, get_readers
from app.run.sample_test import Exam, verdicts
from app.text.escaping import plain_text
from app.text.set_labels import lane_title
from dmcore.config.formatting import capitalised, grouped, probability_text
from dmcore.runs.folder import RunFolder

LOOK_SECONDS = 0.5
MOST_BARS = 10
GRID_HEIGHT = 380
STYLE = """<style>
table.probabilities { border-collapse: collapse; width: 100%; line-height: 1.3;
                      font-variant-numeric: tabular-nums; }
table.probabilities :is(th, td) { padding: 0.1rem 0.6rem 0.1rem 0; font-weight: 400; text-align: left; }
table.probabilities th { max-width: 9rem; overflow-wrap: anywhere; }
table.probabilities td:nth-child(2) { width: 60%; }
table.probabilities td:last-child { white-space: nowrap; text-align: right; padding-right: 0; }
table.probabilities .bar { height: 0.8rem; min-width: 1px; border-radius: 2px;
                           background: currentColor; opacity: 0.45; }
table.probabilities .top :is(th, td) { font-weight: 700; }
table.probabilities .top .bar { opacity: 1; }
</style>"""


def show_reading(run: RunFolder, iteration: int, *, at_once: bool = False) -> None:
    """The section: a button, how far the training is, or what the network reads.

    Args:
        run: the run whose images teach the network.
        iteration: which of its images.
        at_once: whether to train without being asked; for runs where that takes a second or two.
    """
    with st.container(border=True, key="reading"):
        st.markdown("**What does a network read that saw nothing but these images?**")
        if not run.sets:
            st.caption("The run's images are no longer there: choose another run.")
            return
        images = Images(run.path, _chosen_set(run), iteration)
        readers = get_readers()
        if at_once and readers.look(images) is None:
            readers.ask(images)
        state = readers.look(images)
        if isinstance(state, Trained):
            _show_trained(run, state)
        elif isinstance(state, Training):
            _show_training(images)
        else:
            if isinstance(state, Failed):
                st.warning(plain_text(state.sentence))
            st.button(
                "Let a network read" if state is None else "Try again",
                key="let_read",
                on_click=readers.ask,
                args=(images,),
                help=f"Trains one network for {PROTOCOL.epochs} epochs on the condensed images alone, then "
                "lets it read real test images. The run is not changed.",
            )


def _chosen_set(run: RunFolder) -> str:
    """The set whose images teach: asked where there are several."""
    titles = {one.name: lane_title(run, one) for one in run.sets}
    if len(titles) == 1:
        return next(iter(titles))
    chosen = st.segmented_control(
        "Trained on the set",
        list(titles),
        default=next(iter(titles)),
        required=True,
        format_func=lambda name: plain_text(capitalised(titles[name])),
        key=f"reading_set_{run.id}",
        help="Each set teaches its own network; all are asked about the same images and the same drawing.",
    )
    return chosen if chosen in titles else next(iter(titles))


def _show_training(images: Images) -> None:
    """The progress, looked at until there is something else to show."""

    def progress() -> None:
        state = get_readers().look(images)
        if not isinstance(state, Training):
            st.rerun()
        st.progress(min(1.0, state.epoch / state.epochs), text=progress_sentence(state))

    st.fragment(run_every=LOOK_SECONDS)(progress)()


def progress_sentence(state: Training) -> str:
    """What the readers' thread is doing, or what it waits for."""
    if state.waiting:
        return "The network is trained when the run at work has ended or is paused."
    if state.epoch == 0:
        return "Opening the images …"
    if state.epoch > state.epochs:
        return "Testing the network on all test images …"
    return f"Training the network: epoch {state.epoch} of {state.epochs}"


def _show_trained(run: RunFolder, trained: Trained) -> None:
    exam, names = trained.exam, trained.reader.class_names
    st.caption(exam_sentence(trained, run.description.data.test_count))
    show_image_grid("exam", exam_grid(exam, names))
    if trained.framing is not None:
        st.fragment(_show_drawing)(trained)


def exam_sentence(trained: Trained, tested: int | None) -> str:
    """How many of the twelve are right, and of all; how the network was made."""
    exam, reader = trained.exam, trained.reader
    everything = "all test images" if tested is None else f"all {grouped(tested)} test images"
    return (
        f"Real test images it never saw: {exam.right} of these {len(exam.label)} right; on {everything} "
        f"{reader.accuracy:.1f} %. One {reader.spec.network}, {trained.epochs} epochs on the set. "
        "✓ right, ✗ wrong, with the probability it gives its answer."
    )


def exam_grid(exam: Exam, names: tuple[str, ...]) -> Grid:
    """The twelve images, each below its verdict."""
    said = verdicts(exam, names)
    return Grid(
        [Lane("exam", "", exam.pixels[:, None])],
        said,
        iteration=0,
        alt=f"{len(said)} real test images with the network's answers: {'; '.join(said)}.",
        max_height=GRID_HEIGHT,
    )


def _show_drawing(trained: Trained) -> None:
    """The pad, and beside it what the network sees and reads; a fragment: a stroke reruns nothing else."""
    assert trained.framing is not None
    names = trained.reader.class_names
    shown = ", ".join(plain_text(name) for name in names[:MOST_BARS])
    st.markdown(f"**Draw for it.** It knows {shown}{' and others' if len(names) > MOST_BARS else ''}.")
    with st.container(horizontal=True, gap="medium", key="drawing"):
        with st.container(width=280):
            ink = show_drawing_pad("drawing_pad", trained.framing, "Draw what the network shall read")
        with st.container(width="stretch", key="drawing_read"):
            picture = None if ink is None else picture_of(ink, trained.framing)
            if picture is None:
                st.caption("Draw something first: the network answers after each stroke.")
            else:
                _show_answer(trained, picture)


def _show_answer(trained: Trained, picture: Grey) -> None:
    import torch

    names = trained.reader.class_names
    probabilities = trained.reader.probabilities(torch.from_numpy(picture)[None, None])[0].tolist()
    top = max(range(len(names)), key=probabilities.__getitem__)
    st.markdown(f"Read as **{plain_text(names[top])}**, {probability_text(probabilities[top])}.")
    seen = Grid(
        [Lane("seen", "", picture[None, None, None])],
        ["As the network sees it"],
        iteration=0,
        alt=f"The drawing in the {picture.shape[0]}×{picture.shape[1]} pixels that the network sees.",
        max_height=190,
    )
    show_image_grid("seen", seen)
    st.html(STYLE + bars(names, probabilities))
    if len(names) > MOST_BARS:
        st.caption(f"The {MOST_BARS} likeliest of {len(names)} classes.")


def bars(names: Sequence[str], probabilities: Sequence[float]) -> str:
    """A bar for each class in their order, the likeliest marked; of many the likeliest ten. As HTML."""
    likeliest = sorted(range(len(names)), key=probabilities.__getitem__, reverse=True)[:MOST_BARS]
    rows = [
        f"<tr{' class=top' if index == likeliest[0] else ''}>"
        f"<th scope='row'>{html.escape(names[index])}</th>"
        f"<td aria-hidden='true'><div class='bar' style='width:{100 * probabilities[index]:.1f}%'></div></td>"
        f"<td>{probability_text(probabilities[index])}</td></tr>"
        for index in sorted(likeliest)
    ]
    return f"<table class='probabilities'><tbody>{''.join(rows)}</tbody></table>"
