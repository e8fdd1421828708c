"""Chapter: what condensation is for: a network trained on ten images, against one trained on thousands."""

import numpy as np
import streamlit as st

from app.components.test_stream.component import Lane, TestStream, show_test_stream
from app.data.method_accuracies import Method, MethodAccuracy, compared_accuracies, recorded_accuracies
from app.jobs.page_answers import get_page_answers
from app.run.accuracy_rows import INTERVAL, AccuracyRow, accuracy_rows
from app.run.classifier_panel import progress_sentence
from app.run.classifier_question import ClassifierResult
from app.text.escaping import plain_text
from app.text.narration import operation_name
from app.text.provenance import provenance_text
from app.views.how_it_works.chapter import Chapter, NumberScale
from app.views.how_it_works.recorded_protocol import recorded_protocol
from app.views.how_it_works.ten_images import (
    DATASET,
    NETWORK,
    TESTED,
    TRAINED,
    TenImages,
    read_ten_images,
    read_test_images,
)
from dmcore.config.formatting import NO_BREAK_SPACE, grouped
from dmcore.runs.display import DisplayImages

NAMES: dict[Method, str] = {
    "random_real": "ten random real images",
    "condensed": "ten learned images",
    "all_real": f"all {grouped(TRAINED)} real images",
}
MISSING = (
    "The recorded run of this chapter did not come with this installation, or is damaged: install it again."
)
POLL_SECONDS = 0.3


def show_what_is_asked_for(guess: str | None) -> None:
    """Draw the two sets of ten images with the stream of test images, and what is known of their accuracy."""
    ten = _read()
    if isinstance(ten, str):
        st.info(ten)
        return
    trained = {} if guess is None else _trained(ten)  # of the process: somebody else may have trained them
    tests, label = read_test_images()
    show_test_stream(
        "how_it_works_stream",
        TestStream(
            [
                _lane("ten learned images", ten.learned, trained.get("condensed"), tests, learned=True),
                _lane("ten random real images", ten.random[None], trained.get("random_real"), tests),
            ],
            tests,
            label,
            ten.class_names,
        ),
    )
    if guess is not None:
        _show_training(ten, trained)
    guessed = float(guess) if guess is not None and guess.isdigit() else None
    known = _accuracies(ten)
    rows = [AccuracyRow(method, name, "", known.get(method)) for method, name in NAMES.items()]
    st.html(accuracy_rows(rows, revealed=guess is not None, guess=guessed))
    if guess is not None:
        st.caption(f"{plain_text(_sources(ten))} {INTERVAL}")


def _read() -> TenImages | str:
    """The recorded images, or a sentence of plain text: they are not there."""
    try:
        return read_ten_images()
    except (ValueError, OSError):  # `dm gallery` says which file
        return MISSING


def _sources(ten: TenImages) -> str:
    """Where the numbers come from: those of the learned images from their run, the others from a table."""
    return (
        f"Learned: {provenance_text(ten.entry.provenance)}. "
        f"Random and all: {provenance_text(ten.table.provenance)}."
    )


def _lane(
    title: str,
    images: DisplayImages,
    trained: ClassifierResult | None,
    tests: DisplayImages,
    *,
    learned: bool = False,
) -> Lane:
    if trained is None:
        return Lane(title, images, learned)
    import torch  # there is a trained network, so it is loaded

    answers = trained.classifier.probabilities(torch.from_numpy(np.ascontiguousarray(tests))).argmax(1)
    accuracy = f"{trained.classifier.accuracy:.1f}{NO_BREAK_SPACE}% of all {grouped(TESTED)}"
    return Lane(title, images, learned, tuple(answers.tolist()), f"trained here: {accuracy}")


def _trained(ten: TenImages) -> dict[Method, ClassifierResult]:
    """Networks that were trained here, by their training images."""
    answers = get_page_answers()
    looks = {method: answers.look(question).value for method, question in ten.questions.items()}
    return {method: result for method, result in looks.items() if result is not None}


def _show_training(ten: TenImages, trained: dict[Method, ClassifierResult]) -> None:
    """Draw the button that trains both networks, or their progress; nothing once both are trained."""
    answers = get_page_answers()
    looks = [answers.look(question) for question in ten.questions.values()]
    if len(trained) == len(looks):
        return
    if any(look.progress is not None for look in looks):

        def show_progress() -> None:
            now = [answers.look(question) for question in ten.questions.values()]
            pending = [look.progress for look in now if look.progress is not None]
            if not pending or sum(look.value is not None for look in now) > len(trained):
                st.rerun()
            done = (len(now) - len(pending) + pending[0].done) / len(now)
            st.progress(done, text=progress_sentence(pending[0]))

        st.fragment(run_every=POLL_SECONDS)(show_progress)()
        return
    failure = next((look.failure for look in looks if look.failure is not None), None)
    if failure is not None:
        st.warning(plain_text(failure.sentence))

    def train() -> None:
        for question in ten.questions.values():
            answers.ask(question)

    with st.container(key="how_it_works_train", horizontal=True, vertical_alignment="center"):
        st.button(
            "Train both here" if failure is None else "Try again",
            key="how_it_works_train_both",
            on_click=train,
            help=f"Trains two small networks from scratch, each on its ten images alone, and tests them on "
            f"{grouped(TESTED)} images nobody trained on.",
        )
        st.caption(f"Takes seconds: {NETWORK.epochs} epochs on ten images each. Then the stream is judged.")


def _accuracies(ten: TenImages) -> dict[Method, MethodAccuracy]:
    """Of the learned images that are shown, and of several draws of random ones: one draw varies much."""
    known = recorded_accuracies(DATASET, 1)
    for accuracy in compared_accuracies(ten.run, ten.set, ten.iteration):
        if accuracy.method == "condensed":
            known["condensed"] = accuracy
    return known


def _learned_accuracy() -> MethodAccuracy | None:
    ten = _read()
    return None if isinstance(ten, str) else _accuracies(ten).get("condensed")


def right_answer() -> str:
    """Accuracy of the ten learned images in percent, as text; empty without the recorded run."""
    accuracy = _learned_accuracy()
    return "" if accuracy is None else f"{accuracy.mean:.1f}"


def reveal() -> str:
    """What networks reach that saw ten images only, and those that saw all."""
    ten = _read()
    if isinstance(ten, str):
        return ten
    known = _accuracies(ten)
    if not {"condensed", "random_real", "all_real"} <= known.keys():
        return MISSING
    learned, random, whole = (known[method].mean for method in ("condensed", "random_real", "all_real"))
    return (
        f"Of 100: ten learned images {learned:.0f}, ten random real ones {random:.0f}, "
        f"all {grouped(TRAINED)} {whole:.0f}, guessing 10."
    )


def explanation() -> str:
    """What is asked for, and how the networks of the recorded results were trained and tested; Markdown."""
    ten = _read()
    return ASKED_FOR if isinstance(ten, str) else f"{ASKED_FOR} {_recorded_sentence(ten)}"


def _recorded_sentence(ten: TenImages) -> str:
    assert ten.table.results is not None
    protocol = recorded_protocol(ten.table.results.table)
    network = protocol.network
    changes = f"each image changed at random ({', '.join(map(operation_name, protocol.operations))})"
    return (
        f"The ten learned images started as noise. The networks are ConvNets of {network.depth} blocks, "
        f"{network.width} filters wide, trained for {protocol.epochs} epochs (all real images: "
        f"{protocol.whole_epochs}), {changes if protocol.operations else 'no image changed'}, and tested on "
        f"{grouped(TESTED)} images nobody trained on."
    )


ASKED_FOR = rf"""
A training set $T$ of {grouped(TRAINED)} real images is to be replaced by a small synthetic one, $S$: here one
image for each of ten classes. What is asked for is *not* that $S$ looks real, but that a network trained on
$S$ alone is nearly as right on unseen images as one trained on $T$:

$$
\mathbb{{E}}_{{x \sim \text{{test}}}}\big[\text{{error of }} \theta^{{S}} \text{{ on }} x\big] \;\approx\;
\mathbb{{E}}_{{x \sim \text{{test}}}}\big[\text{{error of }} \theta^{{T}} \text{{ on }} x\big]
$$

where $\theta^{{S}}$ and $\theta^{{T}}$ are networks trained from scratch on each.
""".rstrip()

WHAT_IS_ASKED_FOR = Chapter(
    name="what-is-asked-for",
    title="What is asked for",
    sentence="Ten images shall replace 5\u202f000: networks train on them alone, and are tested on unseen "
    "clothes.",
    question="What does a network reach that saw only the ten learned images?",
    answers=NumberScale(label="Right of 100 unseen images", start=50),
    right=right_answer,
    reveal=reveal,
    misconception="Ten images cannot teach a network anything.",
    correction="Which ten they are makes the difference.",
    explanation=explanation,
    show=show_what_is_asked_for,
)
