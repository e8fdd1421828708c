"""Panel of a classifier trained on condensed images alone: predictions for test images and for a drawing.

It is trained beside the page (`classifier_question.py`); the panel asks for it and shows its progress.
"""

import html
from collections.abc import Sequence

import streamlit as st

from app.answers.question import Progress
from app.components.drawing_pad import show_drawing_pad
from app.components.image_grid import ImageGrid, image_row, show_image_grid
from app.jobs.page_answers import get_page_answers
from app.jobs.run_presets import SMALL_PROTOCOL
from app.run.classifier_question import ClassifierQuestion, ClassifierResult
from app.text.escaping import plain_text
from dmcore.config.formatting import capitalised, grouped, probability_text
from dmcore.data.drawing import Grey, drawing_to_image
from dmcore.runs.display.titles import set_title
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.sample_test import SampleTest, answer_captions

PROTOCOL = SMALL_PROTOCOL.model_copy(update={"repeats": 1})
POLL_SECONDS = 0.5
MOST_BARS = 10
GRID_HEIGHT = 380


def show_classifier(run: RunFolder, iteration: int, *, at_once: bool = False) -> None:
    """Draw the panel: a button, the progress of the training, or the predictions of the classifier.

    Args:
        run: the run whose images train the classifier.
        iteration: the iteration of the images.
        at_once: whether to train without a click; for runs where that takes a second or two.
    """
    with st.container(border=True, key="classifier"):
        st.markdown("**What does a network recognise that was trained on these images alone?**")
        if not run.sets:
            st.caption("The run's images are no longer there: choose another run.")
            return
        question = ClassifierQuestion(run.path, _chosen_set(run), iteration, PROTOCOL)
        answers = get_page_answers()
        look = answers.look(question)
        if at_once and not look.known:
            look = answers.ask(question)
        if look.value is not None:
            _show_trained(run, look.value)
        elif look.progress is not None:
            _show_training(question)
        else:
            if look.failure is not None:
                st.warning(plain_text(look.failure.sentence))

            def train() -> None:
                answers.ask(question)

            st.button(
                "Train a classifier" if look.failure is None else "Try again",
                key="train_classifier",
                on_click=train,
                help=f"Trains one network for {PROTOCOL.epochs} epochs on the condensed images alone, then "
                "lets it classify real test images. The run is not changed.",
            )


def _chosen_set(run: RunFolder) -> str:
    """The set whose images train the classifier; draws a choice where there are several."""
    titles = {described.name: set_title(run, described) for described in run.sets}
    if len(titles) == 1:
        return next(iter(titles))
    chosen = st.segmented_control(
        "Trained on the set",
        list(titles),
        default=next(iter(titles)),
        required=True,
        format_func=lambda name: plain_text(capitalised(titles[name])),
        key=f"classifier_set_{run.id}",
        help="Each set trains its own network; all classify the same images and the same drawing.",
    )
    return chosen if chosen in titles else next(iter(titles))


def _show_training(question: ClassifierQuestion) -> None:
    """Draw the progress, polled until the training has ended."""

    def show_progress() -> None:
        progress = get_page_answers().look(question).progress
        if progress is None:
            st.rerun()
        st.progress(progress.done, text=progress_sentence(progress))

    st.fragment(run_every=POLL_SECONDS)(show_progress)()


def progress_sentence(progress: Progress) -> str:
    """Sentence on what is done for the classifier, or what it waits for."""
    if progress.waiting:
        return "The network is trained when the running job has ended or is paused."
    return progress.doing if progress.done else "Opening the images …"


def _show_trained(run: RunFolder, trained: ClassifierResult) -> None:
    test, names = trained.sample_test, trained.classifier.class_names
    st.caption(sample_test_sentence(trained, run.description.data.test_count))
    show_image_grid("sample_test", sample_test_grid(test, names))
    if trained.framing is not None:
        st.fragment(_show_drawing)(trained)


def sample_test_sentence(trained: ClassifierResult, tested: int | None) -> str:
    """Sentence on the accuracy on the sample and on all test images, and on how the network was trained."""
    test, classifier = trained.sample_test, trained.classifier
    everything = "all test images" if tested is None else f"all {grouped(tested)} test images"
    return (
        f"Real test images it never saw: {test.correct} of these {len(test.label)} right; on {everything} "
        f"{classifier.accuracy:.1f} %. One {classifier.spec.network}, {trained.epochs} epochs on the set. "
        "✓ right, ✗ wrong, with the probability it gives its answer."
    )


def sample_test_grid(test: SampleTest, names: tuple[str, ...]) -> ImageGrid:
    """Image grid of the sample, each image below its prediction."""
    captions = answer_captions(test, names)
    alt = f"{len(captions)} real test images with the network's answers: {'; '.join(captions)}."
    return image_row(test.pixels, captions, alt, max_height=GRID_HEIGHT)


def _show_drawing(trained: ClassifierResult) -> None:
    """Draw the pad, and next to it the network's input and prediction; a fragment, rerun by a stroke."""
    assert trained.framing is not None
    names = trained.classifier.class_names
    known = ", ".join(plain_text(name) for name in names[:MOST_BARS])
    st.markdown(f"**Draw for it.** It knows {known}{' and others' if len(names) > MOST_BARS else ''}.")
    with st.container(horizontal=True, gap="medium", key="drawing"):
        with st.container(width=280):
            ink = show_drawing_pad("drawing_pad", trained.framing, "Draw what the network shall classify")
        with st.container(width="stretch", key="drawing_read"):
            picture = None if ink is None else drawing_to_image(ink, trained.framing)
            if picture is None:
                st.caption("Draw something first: the network answers after each stroke.")
            else:
                _show_answer(trained, picture)


def _show_answer(trained: ClassifierResult, picture: Grey) -> None:
    import torch

    names = trained.classifier.class_names
    probabilities = trained.classifier.probabilities(torch.from_numpy(picture)[None, None])[0].tolist()
    top = max(range(len(names)), key=probabilities.__getitem__)
    st.markdown(f"Classified as **{plain_text(names[top])}**, {probability_text(probabilities[top])}.")
    alt = f"The drawing in the {picture.shape[0]}×{picture.shape[1]} pixels that the network sees."
    seen = image_row(picture[None, None], ["As the network sees it"], alt, max_height=190)
    show_image_grid("seen", seen)
    st.html(probability_bars(names, probabilities))
    if len(names) > MOST_BARS:
        st.caption(f"The {MOST_BARS} most likely of {len(names)} classes.")


def probability_bars(names: Sequence[str], probabilities: Sequence[float]) -> str:
    """Bar chart of class probabilities as HTML, in class order, the most likely in bold; ten at most."""
    likeliest = sorted(range(len(names)), key=probabilities.__getitem__, reverse=True)[:MOST_BARS]
    rows = [
        f"<tr{' class=top' if index == likeliest[0] else ''}>"
        f"<th scope='row'>{html.escape(names[index])}</th>"
        f"<td aria-hidden='true'><div class='bar' style='width:{100 * probabilities[index]:.1f}%'></div></td>"
        f"<td>{probability_text(probabilities[index])}</td></tr>"
        for index in sorted(likeliest)
    ]
    return f"<table class='probabilities'><tbody>{''.join(rows)}</tbody></table>"
