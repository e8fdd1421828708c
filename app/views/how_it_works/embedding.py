"""Chapter: what an embedding is, seen on one image that goes through a random network, and on two classes."""

from app.components.embedding.component import show_embedding
from app.components.embedding.state import PARAMETERS, EmbeddingState
from app.components.formula import term
from app.views.how_it_works.address import recalled, remember
from app.views.how_it_works.chapter import Chapter
from app.views.how_it_works.formula_box import show_formula_box

MOSTLY, CHANCE, TRAINED = "mostly", "chance", "trained"
FORMULA_BOX = "embed_formula"

_MEAN = "<sup>1</sup>⁄<sub><i>n</i></sub> Σ <i>ψ<sub>θ</sub></i>(<i>x<sub>i</sub></i>)"
FORMULA = (
    f"{term('theta', '<i>ψ<sub>θ</sub></i>', 'ψ with weights θ: the network, blocks of random filters')}"
    f"({term('x', '<i>x</i>', 'x: the image, 28 × 28 pixels')}) = "
    f"{term('psi', '(256 numbers)', 'The features of the image: its embedding')},"
    f"&emsp;mean of a class = {term('mean', _MEAN, 'Mean of the features of its n images')}"
)


def show_image_in_network(guess: str | None) -> None:
    """Draw the image, the network and the classes, and the formula of it."""
    show_embedding(
        "how_it_works_embedding",
        EmbeddingState.of_query(recalled(PARAMETERS)),
        lambda state: remember(state.as_query()),
        revealed=guess is not None,
    )
    show_formula_box(FORMULA_BOX, FORMULA, IN_WORDS)


IN_WORDS = (
    "The network turns an image into 256 numbers. Those of all images of a class, averaged, are its mean."
)
EXPLANATION = r"""
The network $\psi_\theta$ is a small ConvNet of the paper's kind: three blocks of 3×3 convolution, instance
norm, ReLU and 2×2 average pooling, 16 filters each (the paper takes 128). Its weights $\theta$ are drawn at
random, uniform in $\pm 1/\sqrt{\text{inputs}}$, and never trained. The first convolution pads 28×28 to 32×32;
after three poolings 16 maps of 4×4 are left: 256 features.

Your browser computes all of it from the first 20 training images of each class of `fashion`. The mean of a
class is the mean of its images' features. Distances are Euclidean, in all 256 features. In the plane only the
line between the two means is true to scale; upwards is the first principal component of what is left.

The share: for all ordered pairs of images $a, a'$ of one class and all images $b$ of the other, how often
$\|\psi(a)-\psi(a')\| < \|\psi(a)-\psi(b)\|$. Without any difference between the classes it would be 50 %.
"""

EMBEDDING = Chapter(
    name="embedding",
    title="What is an embedding?",
    short="Embedding",
    sentence="A network turns each image into a list of numbers. The numbers are called its features, and "
    "the whole list is its embedding. A list of numbers can be drawn as a point.",
    question="This network has learned nothing: its own numbers, the weights, are random. Will the points of "
    "two boots still lie closer together than those of a boot and a bag?",
    answers={
        MOSTLY: "Yes, mostly",
        CHANCE: "No, random is random",
        TRAINED: "Only after training",
    },
    right=MOSTLY,
    truth="even untrained, the two boots mostly lie closer together",
    reveal="Images that look alike get similar features, network after network.",
    misconception="Without training, features mean nothing.",
    correction="They keep images together that look alike. For a shirt and a coat this works less well.",
    explanation=EXPLANATION,
    show=show_image_in_network,
    parameters=(*PARAMETERS, FORMULA_BOX),
)
