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
}
"""Definition of each word, under the form that stands in texts."""

_WORDS = re.compile(
    rf"\b(?:{'|'.join(re.escape(html.escape(word)) for word in sorted(GLOSSARY, key=len, reverse=True))})\b",
    re.IGNORECASE,
)
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


def with_terms(text: str) -> str:
    """Plain text as HTML, each word of the glossary marked where it stands first."""
    marked: set[str] = set()

    def mark(match: re.Match[str]) -> str:
        word = _BY_LOWER[match[0].lower()]
        if word in marked:
            return match[0]
        marked.add(word)
        return term(word, html.unescape(match[0]))

    return _WORDS.sub(mark, html.escape(text))
