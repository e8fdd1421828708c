"""Chapter: one iteration of Algorithm 1 in seven phases, on the first iterations of a recorded run."""

from dataclasses import replace

import streamlit as st

from app.components.pull.component import pull_of, show_pull
from app.components.pull.state import PARAMETERS, PullState
from app.data.recorded import OPENING_RUN
from app.run.presenter import presenting
from app.text.escaping import plain_text
from app.text.provenance import provenance_text
from app.views.how_it_works.address import recalled, remember
from app.views.how_it_works.chapter import HALF, Chapter
from dmcore.config import CondenseConfig
from dmcore.experiments.gallery.recorded import find_recorded
from dmcore.runs.folder import RunFolder
from dmcore.runs.recompute.scene_file import read_scenes

"""Entry of the gallery whose first iterations are shown."""
FIRST_CLASS = "Ankle boot"
"""Class that is shown first."""
WEIGHTS, PIXELS, BOTH, FEATURES = "weights", "pixels", "both", "features"


def show_the_pull(guess: str | None) -> None:
    """Draw the scene of the class that the address names; without a recorded run, say so."""
    try:
        entry = find_recorded(OPENING_RUN)
        run = entry.run
        if run is None:
            raise ValueError(entry.problem)
        state = PullState.of_query(recalled(PARAMETERS))
        label = state.label if 0 <= state.label < len(run.class_names) else first_class(run)
        scenes = read_scenes(run, run.set_names[0], label)
        if not scenes:
            raise ValueError(f"{OPENING_RUN} was recorded without its first iterations")
    except ValueError as problem:
        st.warning(f"The recorded run is not here: install the program again. ({plain_text(str(problem))})")
        return
    assert isinstance(run.config, CondenseConfig)
    show_pull(
        "how_it_works_pull",
        pull_of(scenes, run.config, run.class_names, label),
        replace(state, label=label),
        lambda state: remember_state(run, state),
        revealed=guess is not None,
        page_keys=True,
        remote=presenting(),
    )
    st.caption(
        f"{provenance_text(entry.provenance)}. You can see the same for a run of your own: choose "
        "*step by step* beside its images."
    )


def first_class(run: RunFolder) -> int:
    """The class that is shown before one is chosen."""
    return run.class_names.index(FIRST_CLASS) if FIRST_CLASS in run.class_names else 0


def remember_state(run: RunFolder, state: PullState) -> None:
    """Store what is shown, in the address too; the first class is no choice."""
    label = -1 if state.label == first_class(run) else state.label
    remember(replace(state, label=label).as_query())


EXPLANATION = r"""
This is Algorithm 1 of the paper for one class $c$ of a real run: Fashion-MNIST, one image per class from
noise. In iteration $k$ a network with random weights $\theta$ is drawn, a batch $B^T$ of real images and one
augmentation $\omega$. The loss of the class, in equation 6 of the paper the sum over all classes, is

$$
L_c = \Big\lVert \tfrac{1}{|B^T|}\sum_{x \in B^T} \psi_\theta(A_\omega(x)) -
\tfrac{1}{|B^S|}\sum_{s \in B^S} \psi_\theta(A_\omega(s)) \Big\rVert^2
$$

where $\psi_\theta(x)$ are the features of an image, and $A_\omega$ augments it. Its gradient goes back
through network and augmentation to the pixels of the learned images, which take a step of gradient descent
with momentum: $v \leftarrow \mu v + \nabla L$, $S \leftarrow S - \eta v$.

Everything on the page is recomputed from the run's configuration and stored. The plane of the features goes
through both means, so the distance drawn in it is the true one, over all features; up is the direction in
which the real images differ most.
"""

THE_PULL = Chapter(
    name="the-pull",
    title="The pull",
    short="The pull",
    sentence="This is one step of a recorded run, in seven parts. A network looks at real images and at a "
    "learned one. Its weights, which are the numbers inside it, are random.",
    question="The last two parts of the step are hidden. What do they change?",
    answers={
        WEIGHTS: "The network's weights",
        PIXELS: "The learned pixels",
        BOTH: "Both",
        FEATURES: "The real images",
    },
    right=PIXELS,
    wrong={(BOTH, PIXELS): HALF},
    truth="only the learned pixels",
    reveal="The network stays as it is, and the next step takes another one.",
    misconception="The network is trained.",
    correction="It is not. It measures: its random weights turn images into numbers. After one step it is "
    "thrown away.",
    explanation=EXPLANATION,
    show=show_the_pull,
    parameters=PARAMETERS,
    takes_arrows=True,
)
