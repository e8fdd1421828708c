"""Facts of a named data set before it is read: catalogue entry, and a sentence on size and download."""

from app.data.folders import datasets
from dmcore.config.formatting import grouped, megabytes
from dmcore.data.catalogue import DataSetEntry


def dataset_entry(name: str) -> DataSetEntry | None:
    """Catalogue entry of a named data set; None for a folder or a zip."""
    return next((entry for entry in datasets() if entry.name == name), None)


def dataset_sentence(entry: DataSetEntry) -> str:
    """Size of a data set and whether it is downloaded: what a person wants to know before they start."""
    _, height, width = entry.shape
    location = (
        "on this machine" if entry.on_disk else f"not here yet, {megabytes(entry.download_bytes)} to download"
    )
    return (
        f"{entry.title}: {grouped(entry.train_count)} training images of {height}×{width} pixels, "
        f"{entry.classes} classes; {location}."
    )
