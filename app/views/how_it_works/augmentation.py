"""Chapter: why real and learned images get the same augmentation, and what augmentation buys."""

import streamlit as st

from app.components.augmentation.component import show_augmentation
from app.components.augmentation.state import PARAMETERS, AugmentationState
from app.components.formula import term
from app.components.image_strip import image_strip
from app.run.accuracy_rows import AccuracyRow, accuracy_rows
from app.text.escaping import plain_text
from app.text.provenance import provenance_text
from app.views.how_it_works.address import recalled, remember
from app.views.how_it_works.augmentation_gain import AugmentationGain, recorded_gain
from app.views.how_it_works.chapter import Chapter
from app.views.how_it_works.formula_box import show_formula_box
from app.views.how_it_works.outcomes import remark_of
from dmcore.files.checked_json import DamagedFileError

FORMULA_BOX = "augmentation_formula"
ZERO, CHANGE, EVENS = "zero", "change", "evens"
_OTHER = "<i>A<sub>ω′</sub></i>"
FORMULA = (
    f"{term('distance', '<i>L</i>', 'L: the squared distance of the two means, which is made small')}"
    " = ‖ mean <i>ψ<sub>θ</sub></i>("
    f"{term('omega', '<i>A<sub>ω</sub></i>', 'A with ω: how the real images are changed')}(<i>x</i>)) − "
    "mean <i>ψ<sub>θ</sub></i>("
    f"{term('omega2', _OTHER, 'A with ω′: how the copies are changed; in the paper ω′ = ω')}(<i>s</i>)) ‖²"
)
IN_WORDS = (
    "Take the mean features of the real images, changed by ω. Subtract those of the copies, changed by ω′. "
    "Square the result. The method draws one change for both: ω′ is ω. Then it is equation 6 of "
    "the paper, for one class."
)
MISSING = (
    "This is not measured here yet: nothing is recorded that was learned without it. On the Watch page you "
    "can learn one set with augmentation, and one without."
)


def show_augmentation_chapter(guess: str | None) -> None:
    """Draw the operations, both ways of augmenting, the formula, and what augmentation buys."""
    show_augmentation(
        "how_it_works_augmentation",
        AugmentationState.of_query(recalled(PARAMETERS)),
        lambda state: remember(state.as_query()),
        revealed=guess is not None,
    )
    if guess is not None:
        _show_gain()
    show_formula_box(FORMULA_BOX, FORMULA, IN_WORDS)


def _show_gain() -> None:
    """Draw what networks reach that were trained on images learned with and without augmentation."""
    try:
        gain = recorded_gain()
    except (ValueError, DamagedFileError):  # the page Runs says what is damaged
        gain = None
    result = MISSING if gain is None else gain.sentence
    st.markdown(f"**And what does augmentation buy?** {result}")
    if gain is None:
        return
    st.html(accuracy_rows(_rows(gain), revealed=True, remarks="Better by"))
    st.caption(plain_text(f"{gain.comparison.verdict_sentence} {_provenance(gain)}"))


def _rows(gain: AugmentationGain) -> list[AccuracyRow]:
    remark = remark_of(gain.comparison)
    sides = (gain.comparison.ours, gain.comparison.theirs)
    return [
        AccuracyRow(
            "condensed",
            side.row,
            image_strip(images[:, 0], f"{side.row}: one image of each class"),
            accuracy,
            remark if index == 0 else "",
            f"{gain.comparison.verdict_sentence} {gain.comparison.test_sentence}" if index == 0 else "",
        )
        for index, (side, images, accuracy) in enumerate(
            zip(sides, gain.images, gain.accuracies, strict=True)
        )
    ]


def _provenance(gain: AugmentationGain) -> str:
    table, *runs = gain.entries
    return (
        f"With augmentation: {provenance_text(table.provenance)}. Without: {len(runs)} runs, the first "
        f"{provenance_text(runs[0].provenance)}."
    )


EXPLANATION = r"""
An augmentation $A_\omega$ is one of six operations (colour, crop, cutout, flip, scale, rotate) with its
strength, drawn at random: together $\omega$. The method draws one $\omega$ for each class and iteration and
applies it to the real *and* to the learned images (Algorithm 1; from Zhao and Bilen 2021, *Siamese*
augmentation). It acts on normalised images, so what is blanked or moved in gets the average grey.

Here the learned images are exact copies $s_i = x_i$ of ten real ones: there is nothing left to learn, and
any distance comes from the augmentation. Left $\omega' = \omega$; right $\omega'$ is drawn anew, until it
is another change (two flips are often the same one). Your
browser computes both, 40 draws with one random network (as in chapter 2: width 16, 256 features). The loss
is the squared distance of the two means; the dashed lines say how far ten *other* images of the class and
ten of another class are, without augmentation.

Why it is more than noise: let $a$ be the mean of the real side and $b(\omega')$ that of the learned one. For
an $\omega'$ drawn on its own, on average over its draws

$$
\mathbb{E}\,\lVert a - b(\omega')\rVert^2 =
\lVert a - \mathbb{E}\,b(\omega')\rVert^2 + \mathrm{Var}\,b(\omega')
$$

The second term knows nothing of the real images, and has a gradient of its own on the learned pixels: it
pulls them towards images that changes hardly alter.

What it buys: sets that differ in augmentation alone, each tested by training fresh networks on it. A set
counts once, however many networks were trained on it (Welch's t-test over sets). ± is the standard
deviation over all networks of a row, those of all its sets together.
"""

AUGMENTATION = Chapter(
    name="augmentation",
    title="Why augment both sides alike?",
    short="Augmentation",
    sentence="Before the network sees an image, it is changed a little at random: shifted, flipped or "
    "turned. This is augmentation. Here the learned images are copies of the real ones.",
    question="Now the copies are changed in another way than the real images. How far apart are the mean "
    "features?",
    answers={
        ZERO: "Zero: the images are the same",
        CHANGE: "Not zero",
        EVENS: "Zero, averaged over ten images",
    },
    right=CHANGE,
    truth="they lie apart",
    reveal="The images are the same, but the changes differ, and so do the means.",
    misconception="A change of its own for each side gives more variety.",
    correction="Then the distance counts the changes, too. Changed alike, both means move together.",
    explanation=EXPLANATION,
    show=show_augmentation_chapter,
    parameters=(*PARAMETERS, FORMULA_BOX),
)
