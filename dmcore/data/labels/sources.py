"""Open whatever holds labelled images at a path: a folder, a zip, arrays, parquet or arrow files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dmcore.data.labels.array_rows import open_arrays
from dmcore.data.labels.column_batches import COLUMN_SUFFIXES
from dmcore.data.labels.column_rows import label_columns
from dmcore.data.labels.labelled_files import LabelledFiles, label_files
from dmcore.data.listing import IMAGE_SUFFIXES, ListedFile, file_reader, open_listing


@contextmanager
def open_labelled(path: Path, known_names: tuple[str, ...] = ()) -> Iterator[LabelledFiles]:
    """Open the images at a path and label them; they are read while it is open.

    Args:
        path: a folder, a zip, an npz, parquet or arrow file.
        known_names: names of the classes in the order of their labels, as a run has them stored; without
            effect where they are not those of the images.

    Raises:
        ValueError: no labelled images, or not safe to read; with the remedy.
    """
    suffix = path.suffix.lower()
    if path.is_file() and suffix == ".npz":
        with open_arrays(path, known_names) as labelled:
            yield labelled
    elif path.is_file() and suffix in COLUMN_SUFFIXES:
        yield label_columns([ListedFile((path.name,), file_reader(path), path)], path.name, known_names)
    else:
        with open_listing(path) as files:
            columns = [file for file in files if file.suffix in COLUMN_SUFFIXES]
            if columns and not any(file.suffix in IMAGE_SUFFIXES for file in files):
                yield label_columns(columns, path.name, known_names)
            else:
                yield label_files(files, path.name, known_names)
