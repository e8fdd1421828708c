"""Labels of configuration fields and of their values, as the set-up form and the pages show them."""

LABELS = {
    "dataset": "Data set",
    "init": "Start from",
    "image_lr": "Learning rate of the pixels",
    "momentum": "Momentum of the pixels",
    "norm": "Normalisation",
    "augment": "Augmentation",
    "replay": "Replay real means",
    "replay_keep": "Real sides kept for replay",
    "replay_every": "Fresh real side every … iterations",
    "real_batch": "Real images per class and iteration",
    "width": "Network width",
    "depth": "Network depth",
    "sets": "Several sets",
}


def label_of(field: str) -> str:
    """Label of a configuration field: its entry of `LABELS`, else its name with spaces."""
    return LABELS.get(field, field.replace("_", " ").capitalize())


def init_label(init: str) -> str:
    """Label of an initialisation: what a set's images started from."""
    return {
        "real": "real images",
        "noise": "noise",
        "wrong_class": "real images of a wrong class",
    }[init]
