"""Chapter: what condensation is for: a network trained on ten images, against one trained on thousands."""

import numpy as np
import streamlit as st

from app.answers.question import Progress
from app.components.test_stream.component import Lane, TestStream, show_test_stream
from app.data.method_accuracies import Method, MethodAccuracy, compared_accuracies, recorded_accuracies
from app.jobs.manager import is_computing
from app.jobs.page_answers import get_page_answers
from app.run.accuracy_rows import AccuracyRow, accuracy_rows, interval
from app.run.classifier_panel import progress_sentence
from app.run.classifier_question import ClassifierResult
from app.text.escaping import plain_text
from app.text.narration import operation_name
from app.text.provenance import provenance_text
from app.views.how_it_works.chapter import Chapter, nearest
from app.views.how_it_works.recorded_protocol import recorded_protocol
from app.views.how_it_works.ten_images import (
    DATASET,
    TESTED,
    TRAINED,
    TenImages,
    read_ten_images,
    read_test_images,
)
from dmcore.config.formatting import NO_BREAK_SPACE, grouped
from dmcore.data.catalogue import CATALOGUE
from dmcore.runs.display import DisplayImages

FEW, MANY = 1, 10
"""Images per class of the small sets, and of the larger one of random real images."""
CLASSES = CATALOGUE[DATASET].classes
ANSWERS = {"10": "Ten", "30": "About 30", "100": "About 100", "300": "About 300"}
"""Numbers of random real images to choose from, by their name in the address."""
MISSING = (
    "The recorded run of this chapter did not come with this installation, or is damaged: install it again."
)
POLL_SECONDS = 0.3
OPENS = "Loading PyTorch and the images. The first time this takes longer than the training …"
WAITS = "The running job ends its step first; then it stands still for this, and goes on by itself."


def show_what_is_asked_for(guess: str | None) -> None:
    """Draw the two sets of ten images with the stream of test images, and what is known of their accuracy."""
    ten = _read()
    if isinstance(ten, str):
        st.info(ten)
        return
    revealed = guess is not None
    trained = _trained(ten) if revealed else {}  # of the process: somebody else may have trained them
    stream, bars = st.columns([3, 2], gap="medium")
    with stream:
        _show_stream(ten, trained, revealed=revealed)
        if revealed:
            _show_training(ten, trained)
    with bars:
        st.html(accuracy_rows(_rows(ten), revealed=revealed))
    if revealed:
        st.caption(f"{plain_text(_sources(ten))} {interval(TESTED)}")


def _show_stream(ten: TenImages, trained: dict[Method, ClassifierResult], *, revealed: bool) -> None:
    """Draw the two sets of ten images, and the test images on their way past a network trained on each."""
    tests, label = read_test_images()
    known = _accuracies(ten) if revealed else {}
    lanes = [
        _lane("ten learned images", ten.learned, "condensed", trained, known, tests),
        _lane("ten random real images", ten.random[None], "random_real", trained, known, tests),
    ]
    show_test_stream("how_it_works_stream", TestStream(lanes, tests, label, ten.class_names))


def _rows(ten: TenImages) -> list[AccuracyRow]:
    """Accuracies of the ten learned images, of few and more random real ones, and of all."""
    few, many = _accuracies(ten), recorded_accuracies(DATASET, MANY)
    names: list[tuple[Method, str, MethodAccuracy | None]] = [
        ("random_real", f"{CLASSES * FEW} random real", few.get("random_real")),
        ("condensed", f"{CLASSES * FEW} learned", few.get("condensed")),
        ("random_real", f"{CLASSES * MANY} random real", many.get("random_real")),
        ("all_real", f"all {grouped(TRAINED)} real", few.get("all_real")),
    ]
    return [AccuracyRow(method, name, "", accuracy) for method, name, accuracy in names]


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
    method: Method,
    trained: dict[Method, ClassifierResult],
    known: dict[Method, MethodAccuracy],
    tests: DisplayImages,
) -> Lane:
    result, learned = trained.get(method), method == "condensed"
    if result is None:
        accuracy = known.get(method)
        summary = "" if accuracy is None else f"Recorded: {accuracy.mean:.1f} of 100 right"
        return Lane(title, images, learned, summary=summary)
    import torch  # there is a trained network, so it is loaded

    answers = result.classifier.probabilities(torch.from_numpy(np.ascontiguousarray(tests))).argmax(1)
    remark = f"trained here: {result.classifier.accuracy:.1f}{NO_BREAK_SPACE}% of all {grouped(TESTED)}"
    return Lane(title, images, learned, tuple(answers.tolist()), remark)


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
            waits = any(progress.waiting for progress in pending)
            st.progress(done, text=WAITS if waits else training_sentence(pending[0]))

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
        stands = " The running job stands still meanwhile, and goes on by itself." if is_computing() else ""
        st.caption(
            "This takes seconds, longer the first time. Then each ? becomes an answer, right or wrong."
            + stands
        )


def training_sentence(progress: Progress) -> str:
    """What is done, or what is waited for before the first network is trained."""
    return progress_sentence(progress) if progress.waiting or progress.done else OPENS


def _accuracies(ten: TenImages) -> dict[Method, MethodAccuracy]:
    """Of the learned images that are shown, and of several draws of random ones: one draw varies much."""
    known = recorded_accuracies(DATASET, 1)
    for accuracy in compared_accuracies(ten.run, ten.set, ten.iteration):
        if accuracy.method == "condensed":
            known["condensed"] = accuracy
    return known


def random_images_needed() -> float | None:
    """Random real images that teach as much as the ten learned ones; None where recorded results do not tell.

    By a straight line between the two recorded numbers of images, over the logarithm of the number.
    """
    ten = _read()
    if isinstance(ten, str):
        return None
    few, many = _accuracies(ten), recorded_accuracies(DATASET, MANY)
    if not {"condensed", "random_real"} <= few.keys() or "random_real" not in many:
        return None
    low, high = few["random_real"].mean, many["random_real"].mean
    if high <= low:
        return None
    share = (few["condensed"].mean - low) / (high - low)
    return float(CLASSES * FEW * (MANY / FEW) ** share)


def right_answer() -> str:
    """The answer that is nearest; empty without recorded results."""
    needed = random_images_needed()
    return "" if needed is None else nearest(needed, ANSWERS)


def truth() -> str:
    """The number itself, which is estimated between two recorded ones."""
    needed = random_images_needed()
    return "" if needed is None else f"about {round(needed, -1):.0f} random real images"


def reveal() -> str:
    """What networks reach that saw ten learned images, and ten and more random ones."""
    ten = _read()
    if isinstance(ten, str):
        return ten
    known = _accuracies(ten)
    if random_images_needed() is None:
        return MISSING
    learned, few = known["condensed"].mean, known["random_real"].mean
    many = recorded_accuracies(DATASET, MANY)["random_real"].mean
    return (
        f"Of 100 test images a network gets {learned:.0f} right after ten learned images, {few:.0f} after "
        f"ten random real ones, and {many:.0f} after {CLASSES * MANY} random real ones."
    )


def explanation() -> str:
    """What is asked for, and how the networks of the recorded results were trained and tested; Markdown."""
    ten = _read()
    return ASKED_FOR if isinstance(ten, str) else f"{ASKED_FOR} {_recorded_sentence(ten)}{_needed_from(ten)}"


def _needed_from(ten: TenImages) -> str:
    """Where the number of random real images comes from; empty without recorded results."""
    needed = random_images_needed()
    if needed is None:
        return ""
    known, many = _accuracies(ten), recorded_accuracies(DATASET, MANY)
    return (
        f"\n\nWhere *about {round(needed, -1):.0f}* comes from: of 100 test images "
        f"{known['random_real'].mean:.1f} are right after {CLASSES * FEW} random real images, and "
        f"{many['random_real'].mean:.1f} after {CLASSES * MANY}. Numbers between were not tried. A straight "
        "line between the two, over the logarithm of the number of images, reaches the "
        f"{known['condensed'].mean:.1f} of the learned ones at {needed:.0f}."
    )


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
image for each of ten classes. What we want is *not* that $S$ looks real, but that a network trained on
$S$ alone is nearly as right on unseen images as one trained on $T$:

$$
\mathbb{{E}}_{{x \sim \text{{test}}}}\big[\text{{error of }} \theta^{{S}} \text{{ on }} x\big] \;\approx\;
\mathbb{{E}}_{{x \sim \text{{test}}}}\big[\text{{error of }} \theta^{{T}} \text{{ on }} x\big]
$$

where $\theta^{{S}}$ and $\theta^{{T}}$ are networks trained from scratch on each.
""".rstrip()

WHAT_IS_ASKED_FOR = Chapter(
    name="what-is-asked-for",
    title="What do we want?",
    short="The goal",
    sentence="This is dataset condensation. A network is a program that learns from examples. Instead of "
    f"{grouped(TRAINED)} photographs it gets ten learned images: a computer worked out their pixels. Then it "
    "is tested on clothes that it has never seen.",
    question="How many random real images teach a network as much as the ten learned ones?",
    answers=ANSWERS,
    right=right_answer,
    truth=truth,
    amounts=tuple(ANSWERS),
    reveal=reveal,
    misconception="The more an image looks like a real one, the more it teaches.",
    correction="They were made to teach a network, not to look real.",
    explanation=explanation,
    show=show_what_is_asked_for,
)
