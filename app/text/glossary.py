"""Glossary: what each rare word on screen means, in one sentence that is shown on hover and on focus.

A word is explained the same everywhere; `with_terms` marks its first occurrence in a text.
"""

import html
import re

GLOSSARY = {
    "condensed set": "A few synthetic images, learned to replace many real ones as training data.",
    "distribution matching": (
        "Learning images so that random networks see the same mean features in them as in real images (DM)."
    ),
    "embedding network": "A network whose last layer is left out: it turns an image into a list of features.",
    "embedding": "The list of numbers, or features, that a network makes of an image.",
    "features": "The numbers that a network makes of an image; similar images have similar ones.",
    "herding": "Choosing real images one by one so that their mean features come close to the class's.",
    "k-center": "Choosing real images so that no other one is far from the nearest chosen.",
    "k-means": (
        "Sorting images into groups of similar ones; the image nearest to each group's mean can stand for it."
    ),
    "forgetting": "Choosing the real images that a network in training learns and forgets most often.",
    "coreset": "A few real images chosen to stand for all of them.",
    "mean image": "The pixel by pixel mean of all real images of a class.",
    "whole set": "All real training images.",
    "noise floor": "The loss between two batches of real images: no learned image has to get lower.",
    "real batch": "Real images of a class that are drawn for one iteration.",
    "differentiable augmentation": (
        "The same random crop, flip, shift or colour change on real and synthetic images (DSA)."
    ),
    "protocol": "How sets are compared: how many networks, trained for how long, tested on what.",
    "epochs": "Passes of the training over all images of the set.",
    "standard deviation": "How far values lie from their mean, typically.",
    "Welch's t-test": "A test of whether two means differ by more than chance, for unequal spreads.",
    "coverage": "How much of the cloud of real images has a synthetic one near it.",
    "PCA": "Principal component analysis: the flat map that keeps most of the differences between points.",
    "t-SNE": "A flat map that keeps neighbours together; distances between groups mean little on it.",
    "confusion matrix": "How often images of each class are taken for each other class.",
    "architecture": "How a network is built: its kind of layers and their order.",
    "cross-architecture": "Learned with one kind of network, tested with another.",
    "checkpoint": "State of a run from which it can go on.",
    "snapshot": "The images as they were at one iteration.",
    "momentum": "The mean direction of the last steps, which each next step follows in part.",
    "gradient": "For each pixel, which way and how strongly it would have to change to lower the loss.",
    "DM": "Distribution matching: learn images whose mean features are those of the real ones.",
    "DSA": "Differentiable siamese augmentation: the same random change of real and synthetic images.",
    "DC": "Dataset condensation: learn images that give a network the same gradients as real ones.",
    "synthetic image": "An image whose pixels are learned; it need not look like any real one.",
    "ConvNet": "A small network of three convolution layers, the one that the paper uses.",
    "MLP": "Multi-layer perceptron: a network without convolutions, which sees no neighbouring pixels.",
    "instance norm": "A layer that rescales the features of each image on its own.",
    "batch norm": "A layer that rescales features over all images of a batch.",
    "augmentation": "A random change of an image, such as a shift or a flip, that leaves its class as it is.",
    "seed": "The number that all random draws follow from: another one gives another independent set.",
    "pool": "Networks trained on the real images, saved at many moments of their training.",
    "band": "All saved networks of the pool whose accuracy lies in one range.",
    "validation accuracy": "Accuracy on training images that were held out of the training.",
    "rank correlation": "How alike two orders are: 1 the same order, 0 no relation (Spearman).",
    "preset": "A set of choices that belong together: one for a laptop, one as in the paper.",
    "online evaluation": "Networks are tested now and then while the images are still being learned.",
    "classifier": "A network that says which class an image shows.",
    "learning rate": "How far one step moves the pixels.",
    "separation": "Mean distance of images of two classes over that of images of one class.",
}
"""Definition of each word, under the form that stands in texts."""

_LONGEST_FIRST = sorted(map(html.escape, GLOSSARY), key=len, reverse=True)
_WORDS = re.compile(rf"\b(?:{'|'.join(map(re.escape, _LONGEST_FIRST))})s?\b", re.IGNORECASE)
_BY_LOWER = {html.escape(word).lower(): word for word in GLOSSARY}


def definition(word: str) -> str:
    """Definition of a word.

    Raises:
        KeyError: the glossary has no such word.
    """
    return GLOSSARY[word]


def term(word: str, shown: str | None = None) -> str:
    """Word of the glossary as HTML: its definition appears on hover and, by keyboard or touch, on focus.

    Raises:
        KeyError: the glossary has no such word.
    """
    text = html.escape(definition(word))
    return (
        f'<span class="term" tabindex="0" data-definition="{text}">{html.escape(shown or word, quote=False)}'
        "</span>"
    )


def explained(text: str) -> str:
    """Words of the glossary in a text with their definitions, as Markdown; empty where there are none."""
    words = dict.fromkeys(_word_of(match) for match in _WORDS.finditer(html.escape(text)))
    return "  \n".join(f"**{word[0].upper()}{word[1:]}**: {definition(word)}" for word in words)


def with_terms(text: str, verbatim: str = "") -> str:
    """Plain text as HTML, each word of the glossary marked where it stands first.

    Args:
        text: the text.
        verbatim: a part of it in which no words are looked for, such as a path.
    """
    marked: set[str] = set()
    kept = html.escape(verbatim)

    def mark(match: re.Match[str]) -> str:
        if kept and match[0] == kept:
            return kept
        word = _word_of(match)
        if word in marked:
            return match[0]
        marked.add(word)
        return term(word, html.unescape(match[0]))

    if kept:
        words = re.compile(f"{re.escape(kept)}|{_WORDS.pattern}", re.IGNORECASE)
        return words.sub(mark, html.escape(text))
    return _WORDS.sub(mark, html.escape(text))


def with_titles(text: str) -> str:
    """Plain text as HTML, with definitions as the browser shows titles: for a line that is cut at its end."""

    def mark(match: re.Match[str]) -> str:
        definition_ = html.escape(definition(_word_of(match)))
        return f'<abbr title="{definition_}" tabindex="0">{match[0]}</abbr>'

    return _WORDS.sub(mark, html.escape(text))


def _word_of(match: re.Match[str]) -> str:
    """Word of the glossary that a match is, or is the plural of."""
    text = match[0].lower()
    return _BY_LOWER.get(text) or _BY_LOWER[text.removesuffix("s")]
