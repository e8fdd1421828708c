"""Classes of the data sets that DD-Ranking evaluates on, in the order of their labels there."""

CLASSES = {
    "cifar10": ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    "cifar100": (
        *("apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle"),
        *("bowl", "boy", "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle"),
        *("chair", "chimpanzee", "clock", "cloud", "cockroach", "couch", "crab", "crocodile", "cup"),
        *("dinosaur", "dolphin", "elephant", "flatfish", "forest", "fox", "girl", "hamster", "house"),
        *("kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion", "lizard", "lobster", "man"),
        *("maple_tree", "motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange", "orchid"),
        *("otter", "palm_tree", "pear", "pickup_truck", "pine_tree", "plain", "plate", "poppy"),
        *("porcupine", "possum", "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea", "seal"),
        *("shark", "shrew", "skunk", "skyscraper", "snail", "snake", "spider", "squirrel", "streetcar"),
        *("sunflower", "sweet_pepper", "table", "tank", "telephone", "television", "tiger", "tractor"),
        *("train", "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree", "wolf", "woman", "worm"),
    ),
}
"""By our name of the data set; the names are those in its own files (`batches.meta`, `meta`)."""


def has_ranked_classes(dataset: str, class_names: tuple[str, ...]) -> bool:
    """Whether a set has the classes of a data set of `CLASSES`, in whatever order, or numbers for them."""
    ranked = CLASSES.get(dataset, ())
    return bool(ranked) and (sorted(class_names) == sorted(ranked) or are_numbered(dataset, class_names))


def are_numbered(dataset: str, class_names: tuple[str, ...]) -> bool:
    """Whether classes are named by their labels in a data set of `CLASSES`."""
    return class_names == tuple(str(label) for label in range(len(CLASSES[dataset])))
