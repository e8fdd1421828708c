"""Texts of the page Random or trained?: its sentence and its help."""

from dmcore.experiments.report.notes import table_size_text
from dmcore.experiments.table import Table
from dmcore.experiments.table4 import PIXEL_RATE

SENTENCE = (
    "**Do the embedding networks have to be trained?** Images are learned in random networks, in trained "
    "ones of rising accuracy, in a few fixed ones, and in none."
)


def help_text(table: Table | None) -> str:
    """Text of the help popover, as Markdown."""
    paragraphs = [
        "**Pool**: networks trained on the real images, each with 24 states saved on the way, from almost "
        "random to fully trained. Their accuracies are of training images that were held out.",
        "**A band**, such as 40–50 %, is all states with a validation accuracy from 40 to below 50 %; each "
        "iteration embeds the images with one of them, drawn at random. CIFAR-10 has the paper's bands, "
        "other data bands with about as many states each. **All trained** draws from the whole pool.",
        "**Random**: a fresh random network in each iteration, as the paper does it. **8 fixed**: the same "
        "8 random networks again and again. **Pixels**: no network, means of the images themselves "
        f"(learning rate {PIXEL_RATE:g}: with 1 they run away, as nothing bounds pixels). "
        "`interpolated:0.5`, to be typed: weights half way from random to trained.",
        "**A marker** is the mean over all networks of a cell, its bar the standard deviation over all of "
        "them; **the dots next to it** are independent sets. **The thin line** is Random's mean. "
        "**Dotted**: the paper's number, only where it is the same experiment.",
        "**n = sets × networks.** Networks trained on one set are repeats: they tell this set's accuracy "
        "better, and nothing about another set. So a verdict compares the means of independent sets, at "
        "least 3 on each side, by Welch's t-test at 5 %.",
        "**holds**: Random is better than the other, beyond chance. **reversed**: it is worse. **not "
        "resolved**: these sets do not tell, which is not the same as equal.",
    ]
    if table is not None:
        paragraphs.append(f"**This table**: {table_size_text(table)}.")
    return "\n\n".join(paragraphs)
