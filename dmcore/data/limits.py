"""Limits on files from elsewhere: image folders, zips, condensed sets; the check of a zip's ratio.

All of them are here, far above what real data need, and each is named in the sentence that refuses. Readers
compare them with what a file declares, before memory is taken.
"""

MOST_FILES = 1_500_000
"""Files and folders of a data set: ImageNet-1K has 1.3 million."""
MOST_DEPTH = 32
"""Folders inside each other."""
MOST_FILE_BYTES = 256 << 20
"""Bytes of one image file."""
MOST_TOTAL_BYTES = 200 << 30
"""Bytes of all files of a zip, unpacked."""
MOST_RATIO = 300
"""Bytes unpacked for each byte of a zip: images hardly shrink, deflate can reach 1032."""
RATIO_MATTERS_FROM_BYTES = 64 << 20
"""Unpacked bytes from which the ratio is checked: small files of one colour shrink far."""
MOST_PIXELS = 80_000_000
"""Pixels of one image: below the number from which Pillow itself warns."""
MOST_TABLE_BYTES = 64 << 20
"""Bytes of a table of labels: a line of 45 for each image of ImageNet-1K."""
MOST_TABLE_COLUMNS = 4096
"""Columns of a table of labels: one for each class at most."""
MOST_TABLES = 64
"""Tables in which labels are looked for, the uppermost first."""

MOST_IMAGES = 1_000_000
"""Images of a condensed set: 50 per class of ImageNet-21K."""
MOST_SET_BYTES = 4 << 30
"""Bytes of the images of a condensed set as float32, of all imported sets together, or of its labels."""
MEMORY_FACTOR = 7
"""Bytes of memory that an import takes for each byte of its images (6.5): copies, momentum, files."""
MOST_SETS = 50
"""Sets that are imported from one file at once: published files have 5."""
MOST_METADATA_BYTES = 8 << 20
"""Bytes of the metadata of a set: class names and normalisation."""
MOST_ITERATION = 10**9
"""Updates of imported images."""
MOST_PICKLE_OPCODES = 1_000_000
"""Instructions of the index of a .pt file: 2,000 experiments have 250,000; each may take 64 bytes."""
MOST_PICKLE_TUPLES = 65_536
"""Tuples in it: hashing 100,000 tuples inside each other ends the process."""


def check_ratio(name: str, packed: int, unpacked: int, remedy: str) -> None:
    """Check the compression ratio of a zip file (zip bomb) by the sizes that its directory declares.

    Args:
        name: the file's name.
        packed: bytes of all members as stored.
        unpacked: bytes of all members after unpacking.
        remedy: end of the sentence that refuses.

    Raises:
        ValueError: too much, or too many times as much.
    """
    too_tight = unpacked > RATIO_MATTERS_FROM_BYTES and unpacked > MOST_RATIO * max(packed, 1)
    if unpacked > MOST_TOTAL_BYTES or too_tight:
        raise ValueError(
            f"{name} would unpack from {packed / 1e6:.1f} MB to {unpacked / 1e6:.0f} MB, more than images do "
            f"({MOST_RATIO} times as much, {MOST_TOTAL_BYTES >> 30} GiB): {remedy}"
        )
