"""`dmcore prepare`: bring named data sets onto this machine before a class has to wait for them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro

from dmcore.cli.flags import WrongArgumentsError
from dmcore.cli.options import Command, Folder
from dmcore.config.formatting import counted, file_size
from dmcore.data.catalogue import CATALOGUE, find_data_root, is_on_disk, unknown_name

Several = tyro.conf.arg(metavar="NAME...", help_behavior_hint="")


@dataclass(frozen=True, kw_only=True)
class Prepare(Command):
    """Download named data sets that are not on disk yet, so that nobody has to wait for them later."""

    names: Annotated[tuple[str, ...], tyro.conf.Positional, Several] = ()
    """Data sets, as `dmcore datasets` lists them."""
    data_root: Folder = None
    """Where named data sets are; left open: DM_DATA, else your cache folder."""

    def run(self) -> int:
        """Say for each what was done or why not; or with --json {"data_root", "datasets": [...]}."""
        if not self.names:
            raise WrongArgumentsError(f"name one data set or several: {', '.join(CATALOGUE)}")
        names = list(dict.fromkeys(self.names))
        done = [self._prepared(name) for name in names]
        root = find_data_root(self.data_root)
        self.output.result({"data_root": str(root), "datasets": done})
        here = sum(entry["on_disk"] for entry in done)
        self.output.say(f"{here} of {counted(len(names), 'data set')} on this machine; data root {root}")
        return 0 if here == len(names) else 1

    def _prepared(self, name: str) -> dict[str, Any]:
        """One data set's entry: what is true of it now. Trouble with one does not keep the others waiting."""
        try:
            downloaded, trouble = self._fetch(name), None
        except ValueError as refusal:
            downloaded, trouble = False, str(refusal)
            self.output.say(f"{name}: not prepared: {trouble}")
        return {"name": name, "on_disk": trouble is None, "downloaded": downloaded, "trouble": trouble}

    def _fetch(self, name: str) -> bool:
        """Whether it had to be downloaded.

        Raises:
            ValueError: it cannot be had, with the remedy.
        """
        root, entry = find_data_root(self.data_root), CATALOGUE.get(name)
        if entry is None and not Path(name).expanduser().exists():
            raise ValueError(unknown_name(name))
        if entry is None or not entry.files:
            whose = "is your own" if entry is None else "comes with scikit-learn"
            self.output.say(f"{name}: {whose}, nothing to download")
            return False
        if is_on_disk(entry, root):
            self.output.say(f"{name}: on disk already")
            return False
        from dmcore.data.download import download_files

        self.output.say(f"{name}: downloading {file_size(entry.download_bytes)}")
        download_files(entry, root)
        self.output.say(f"{name}: downloaded")
        return True
