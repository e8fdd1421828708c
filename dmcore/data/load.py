"""Load a data set by name, or from the path of an image folder or a zip of one."""

from contextlib import suppress
from pathlib import Path

from dmcore.data.catalogue import CATALOGUE, DataSetEntry, find_data_root, is_on_disk, unknown_dataset
from dmcore.data.download import ReportLoading, download_files
from dmcore.data.images import DataSet
from dmcore.data.named_datasets import read_named_dataset


def load_dataset(
    name_or_path: str | Path,
    root: str | Path | None = None,
    download: bool = False,
    progress: ReportLoading | None = None,
    class_names: tuple[str, ...] = (),
) -> DataSet:
    """Load a data set as labelled uint8 images.

    Args:
        name_or_path: name in the catalogue ("fashion"), or the path of an image folder or a zip of one. A
            name takes precedence over a folder of the same name: write `./fashion` for the folder.
        root: folder of the named data sets; None: `DM_DATA`, else the user's cache folder.
        download: fetch a named data set that is not on disk.
        progress: called as progress(what, done, total) while downloading (bytes) and while reading images.
            None: downloads show a bar on standard error, reading shows nothing.
        class_names: for images by path, the order of the classes where it is to be another one of the same
            names, such as a run has them stored; without effect where the names differ.

    Raises:
        ValueError: an unknown name, missing or damaged data, or images that are no classification data set.
    """
    name = str(name_or_path)
    if isinstance(name_or_path, str) and name in CATALOGUE:
        return _load_named(CATALOGUE[name], find_data_root(root), download, progress)
    path = Path(name)
    with suppress(RuntimeError):  # the home folder of nobody
        path = path.expanduser()
    if name.strip() and path.exists():
        from dmcore.data.image_folder import read_image_folder

        return read_image_folder(path, name, progress, class_names)
    raise ValueError(unknown_dataset(name))


def _load_named(
    entry: DataSetEntry, root: Path, may_download: bool, progress: ReportLoading | None
) -> DataSet:
    if not is_on_disk(entry, root):
        if not may_download:
            available = ", ".join(other.name for other in CATALOGUE.values() if is_on_disk(other, root))
            raise ValueError(
                f"{entry.title} is not on disk under {root}: run with --download "
                f"({entry.download_bytes / 1e6:.0f} MB), name another data root, "
                f"or choose one that is there: {available}"
            )
        download_files(entry, root, progress)
    return read_named_dataset(entry, root)
