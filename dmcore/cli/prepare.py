"""`dmcore prepare`: download named data sets ahead of time, before a class for instance; look at own ones."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro

from dmcore.cli.flags import WrongArgumentsError
from dmcore.cli.options import Command, Folder
from dmcore.config.formatting import counted, file_size
from dmcore.data.catalogue import CATALOGUE, find_data_root, is_on_disk, unknown_dataset

MOST_LISTED = 20
"""Files that are left out and printed; `--json` has all."""
Several = tyro.conf.arg(metavar="NAME...", help_behavior_hint="")


@dataclass(frozen=True, kw_only=True)
class Prepare(Command):
    """Download named data sets that are not on disk yet."""

    names: Annotated[tuple[str, ...], tyro.conf.Positional, Several] = ()
    """Data sets, as `dmcore datasets` lists them, or paths of your own images, to see how they are read."""
    data_root: Folder = None
    """Folder of named data sets; left open: DM_DATA, else your cache folder."""

    def run(self) -> int:
        """Download and print the outcome for each; or with --json {"data_root", "datasets": [...]}.

        Of one's own images: classes, what was changed about them, and which files are left out, and why.
        """
        if not self.names:
            raise WrongArgumentsError(f"name one data set or several: {', '.join(CATALOGUE)}")
        names = list(dict.fromkeys(self.names))
        done = [self._prepared(name) for name in names]
        root = find_data_root(self.data_root)
        self.output.print_json({"data_root": str(root), "datasets": done})
        here = sum(entry["on_disk"] for entry in done)
        self.output.print(f"{here} of {counted(len(names), 'data set')} on this machine; data root {root}")
        return 0 if here == len(names) else 1

    def _prepared(self, name: str) -> dict[str, Any]:
        """JSON entry of one data set after the download. A failure does not stop the others."""
        try:
            downloaded, failure = self._download(name), None
        except ValueError as error:
            downloaded, failure = False, str(error)
            self.output.print(f"{name}: not prepared: {failure}")
        entry = {"name": name, "on_disk": failure is None, "downloaded": downloaded, "trouble": failure}
        return entry if failure or name in CATALOGUE else {**entry, **self._own(name)}

    def _own(self, path: str) -> dict[str, Any]:
        """Print how the images at a path are read; JSON of it."""
        from dmcore.data.load import load_dataset

        try:
            dataset = load_dataset(path)
        except ValueError as error:
            self.output.print(f"{path}: cannot be learned from: {error}")
            return {"trouble": str(error)}
        counts = [list(map(len, part.by_class)) for part in (dataset.train, dataset.test)]
        classes = [
            {"name": name, "train": train, "test": test}
            for name, train, test in zip(dataset.class_names, *counts, strict=True)
        ]
        channels, height, width = dataset.shape
        self.output.print(
            f"{path}: {counted(len(dataset.train), 'training image')} and "
            f"{counted(len(dataset.test), 'test image')} of {len(classes)} classes, "
            f"{height}×{width} pixels in {'grey' if channels == 1 else 'colour'}"
        )
        for note in dataset.notes:
            self.output.print(f"note: {note}")
        for entry in dataset.left_out[:MOST_LISTED]:
            self.output.print(f"left out: {entry.path}: {entry.reason}")
        if len(dataset.left_out) > MOST_LISTED:
            self.output.print(f"and {counted(len(dataset.left_out) - MOST_LISTED, 'more file')}: see --json")
        return {
            "shape": list(dataset.shape),
            "classes": classes,
            "notes": list(dataset.notes),
            "left_out": [entry._asdict() for entry in dataset.left_out],
        }

    def _download(self, name: str) -> bool:
        """Download a data set where it is missing; whether that was needed.

        Raises:
            ValueError: it cannot be downloaded; the message names the remedy.
        """
        root, entry = find_data_root(self.data_root), CATALOGUE.get(name)
        if entry is None and not Path(name).expanduser().exists():
            raise ValueError(unknown_dataset(name))
        if entry is None or not entry.files:
            whose = "is your own" if entry is None else "comes with scikit-learn"
            self.output.print(f"{name}: {whose}, nothing to download")
            return False
        if is_on_disk(entry, root):
            self.output.print(f"{name}: on disk already")
            return False
        from dmcore.data.download import download_files

        self.output.print(f"{name}: downloading {file_size(entry.download_bytes)}")
        download_files(entry, root)
        self.output.print(f"{name}: downloaded")
        return True
