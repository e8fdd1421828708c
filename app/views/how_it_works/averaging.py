"""Chapter: what distribution matching does that averaging does not, where it matters and where not."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from app.components.averaging.component import Averaging, show_averaging
from app.components.image_strip import image_strip
from app.data.method_accuracies import ROWS, Method, recorded_accuracies, recorded_table1
from app.run.accuracy_rows import AccuracyRow, accuracy_rows
from app.text.escaping import plain_text
from app.views.how_it_works import averaging_texts as texts
from app.views.how_it_works.address import recalled, remember
from app.views.how_it_works.averaging_images import RecordedImages, recorded_images
from app.views.how_it_works.averaging_state import COUNTS, DATA, PARAMETERS, AveragingState
from app.views.how_it_works.chapter import REVERSED, Chapter
from app.views.how_it_works.outcomes import remark_of
from dmcore.config.formatting import grouped
from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.gallery.recorded import RecordedEntry
from dmcore.experiments.report.comparisons import comparisons_note

KEY = "how_it_works_averaging"
NAMES: dict[Method, str] = {
    "mean_image": "mean image",
    "condensed": "learned",
    "herding": "herding",
    "random_real": "random real",
    "all_real": "all real images",
}
"""Rows from top to bottom, and their names here."""
FIRST_KINDS = ("Sandal", "5")
"""Classes that are shown first, where there are such."""
REACH_STEP = 20
"""Grey levels: the strongest colour of a difference stands for a multiple of it."""


def show_averaging_chapter(guess: str | None) -> None:
    """Draw the choices, the rows of images with their accuracies, and the averaging of one class."""
    state = AveragingState.of_query(recalled(PARAMETERS))
    recorded = recorded_table1(state.data)
    images = None if recorded is None else _images(recorded, state)
    if recorded is None or images is None:
        _show_choices(state, (), state.kind)
        st.info(texts.missing(DATA[state.data]))
        return
    kind = _kind_of(state, images)
    _show_choices(state, images.class_names, kind)
    with st.container(key=f"{KEY}_rows"):
        left, right = st.columns([2, 1], gap="medium")
    with left:
        _show_rows(state, images, kind, revealed=guess is not None)
    with right:
        _show_class(images, kind, revealed=guess is not None)
    if guess is not None:
        st.caption(" ".join(filter(None, (texts.less_certain(state), texts.one_draw(state)))))
        with st.expander("All the numbers, and how certain they are"):
            _show_numbers(recorded, state)


def _show_numbers(recorded: RecordedEntry, state: AveragingState) -> None:
    """Write what was found on all data, why, and how the numbers were got."""
    st.markdown(texts.all_outcomes())
    st.markdown(f"{texts.why(state)} {texts.same(state.data)}")
    compared = texts.verdicts(state.data, state.images)
    sentences = [compared["mean_image"].verdict_sentence] if "mean_image" in compared else []
    sentences += [comparisons_note(list(compared.values())), texts.from_noise(state)]
    text = " ".join(filter(None, sentences))
    st.caption(f"{plain_text(text)} {texts.provenance(recorded)}")


def _images(recorded: RecordedEntry, state: AveragingState) -> RecordedImages | None:
    """Recorded images; None where they are missing or damaged."""
    try:
        return recorded_images(recorded, int(state.images))
    except (ValueError, OSError):
        return None


def _kind_of(state: AveragingState, images: RecordedImages) -> str:
    """Class that is shown."""
    names = images.class_names
    return next((name for name in (state.kind, *FIRST_KINDS) if name in names), names[0])


def _show_choices(state: AveragingState, kinds: Sequence[str], kind: str) -> None:
    """Draw the choices, and the line that says what the last one changed."""
    session = st.session_state
    chosen = {"data": state.data, "images": state.images, "kind": kind}
    for name, value in chosen.items():
        session[f"{KEY}_{name}"] = value

    def take(name: str) -> None:
        value = session[f"{KEY}_{name}"]
        if value is not None and value != chosen[name]:
            after = replace(state, **{name: value})
            session[f"{KEY}_changed"] = after, texts.changed(name, chosen[name], value)
            remember(after.as_query())

    with st.container(key="how_it_works_averaging", horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            *("Data", list(DATA)),
            format_func=DATA.__getitem__,
            key=f"{KEY}_data",
            on_change=take,
            args=("data",),
            required=True,
        )
        st.segmented_control(
            "Images per class",
            list(COUNTS),
            key=f"{KEY}_images",
            on_change=take,
            args=("images",),
            required=True,
        )
        if kinds:
            st.selectbox(
                "Class shown",
                list(kinds),
                key=f"{KEY}_kind",
                on_change=take,
                args=("kind",),
                width=180,
            )
        of, change = session.get(f"{KEY}_changed", (None, ""))  # another state: reached by Back, or a link
        if of == state:
            st.caption(change, width="stretch")


def _show_rows(state: AveragingState, images: RecordedImages, kind: str, *, revealed: bool) -> None:
    """Draw a row for each method: its images, and the accuracy of networks trained on them."""
    accuracies = recorded_accuracies(state.data, int(state.images))
    verdicts = texts.verdicts(state.data, state.images)
    rows = []
    for method, name in NAMES.items():
        pixels = images.by_method.get(method)
        picture = "" if pixels is None else _picture(pixels, state, images, kind, name)
        comparison = verdicts.get(method)
        remark, detail = "", ""
        if comparison is not None:
            remark = remark_of(comparison)
            detail = comparison.sentence
        row_name = f"all {grouped(CATALOGUE[state.data].train_count)}" if pixels is None else name
        rows.append(AccuracyRow(method, row_name, picture, accuracies.get(method), remark, detail))
    assert {row.method for row in rows} == ROWS.keys()
    st.html(accuracy_rows(rows, revealed=revealed, remarks="Learned is better by"))


def _picture(pixels: np.ndarray, state: AveragingState, images: RecordedImages, kind: str, name: str) -> str:
    """Ten images: at one per class that of each class, at ten those of the class that is shown."""
    if state.images == "1":
        return image_strip(pixels[:, 0], f"{name}: one image of each class")
    of_kind = pixels[images.class_names.index(kind)]
    return image_strip(of_kind, f"{name}: {len(of_kind)} images of the class {kind}")


def _show_class(images: RecordedImages, kind: str, *, revealed: bool) -> None:
    """Draw real images of a class laid on each other, its first learned image, and the difference."""
    label = images.class_names.index(kind)
    learned = images.by_method["condensed"][label]
    mean = images.class_means[label]
    difference = np.abs(learned[0].astype(np.int16) - mean)
    reach = max(REACH_STEP, round(float(np.quantile(difference, 0.99)) / REACH_STEP) * REACH_STEP)
    show_averaging(
        "how_it_works_averaging_class",
        Averaging(
            kind, images.real[label], mean[None], learned[:1], images.per_class, reach, revealed=revealed
        ),
    )


AVERAGING = Chapter(
    name="averaging",
    title="Isn't this just averaging?",
    short="Just averaging?",
    sentence="A simple idea: lay all real images of a class on each other and take their mean. Does a "
    "network learn as much from this mean image as from a learned one?",
    question="There is one image of each kind of clothes. Which teaches a network more?",
    answers={
        "mean": "The mean image",
        "alike": "Both about the same",
        "learned": "Learned: 5 to 15 more of 100 right",
        "much": "Learned: over 15 more of 100 right",
    },
    right=texts.right_answer,
    truth=texts.truth,
    amounts=("learned", "much"),
    wrong={
        (guess, right): REVERSED
        for one, other in (("mean", "learned"), ("mean", "much"))
        for guess, right in ((one, other), (other, one))
    },
    reveal=lambda: texts.reveal(AveragingState.of_query(recalled(PARAMETERS))),
    misconception="It averages images.",
    correction="It averages what networks measure, such as edges. Images with average edges can be sharp.",
    explanation=lambda: texts.explanation(AveragingState.of_query(recalled(PARAMETERS))),
    show=show_averaging_chapter,
    parameters=PARAMETERS,
)
