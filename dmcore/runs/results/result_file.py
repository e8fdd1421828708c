"""The file of one evaluation in `results/` of a run: written anew after each tested network, none is lost."""

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from dmcore.config import EvaluateConfig, NetworkSpec
from dmcore.files.atomic import TEMPORARY, StorageError, storage_trouble_named, write_atomically
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.training.evaluate import NetworkTested, summarise

Kind = Literal["condensed", "random_real", "all_real"]


class ResultFile:
    """One architecture's result on one set of images."""

    def __init__(
        self,
        folder: RunFolder,
        set_name: str,
        iteration: int,
        kind: Kind,
        spec: NetworkSpec,
        protocol: EvaluateConfig,
    ) -> None:
        self._set_name, self._iteration, self._kind = set_name, iteration, kind
        self._protocol = protocol.model_copy(update={"networks": (spec.network,)})
        self._file = _new_file(folder, set_name, spec.network, kind)
        self._tested: list[NetworkTested] = []
        self._trouble: StorageError | None = None

    def take(self, event: NetworkTested) -> None:
        """Write what is known with one more network; a refusal waits, as the next may find room again."""
        self._tested.append(event)
        try:
            self._write()
            self._trouble = None
        except StorageError as refusal:
            self._trouble = refusal

    def refuse_lost(self) -> None:
        """Speak of a refusal that nothing has mended since.

        Raises:
            StorageError: the latest networks could not be written.
        """
        if self._trouble is not None:
            raise self._trouble

    def _write(self) -> None:
        (result,) = summarise(self._tested)
        stored = StoredResult(
            set=self._set_name,
            iteration=self._iteration,
            network=result.network.network,
            mean=result.mean,
            std=result.std,
            n=result.n,
            accuracies=result.accuracies,
            protocol=self._protocol,
            kind=self._kind,
            created=datetime.now(UTC).isoformat(timespec="microseconds"),
        )
        _make_folder(self._file)
        write_atomically(self._file, stored.model_dump_json(indent=1).encode())


def refuse_unwritable(folder: RunFolder) -> None:
    """Write a file where the results of a run go, and take it away again.

    Raises:
        StorageError: the disk is full, or the folder cannot be written to.
    """
    trial = folder.path / "results" / f".trial-{secrets.token_hex(3)}{TEMPORARY}"
    _make_folder(trial)
    write_atomically(trial, b"{}", durable=False)
    with storage_trouble_named(trial):
        trial.unlink()


def _make_folder(file: Path) -> None:
    with storage_trouble_named(file.parent):
        file.parent.mkdir(exist_ok=True)


def _new_file(folder: RunFolder, set_name: str, network: str, kind: Kind) -> Path:
    # two evaluations may begin in the same second, in two processes: neither replaces the other's file
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{set_name}-{network}-{kind}-{secrets.token_hex(3)}.json"
    return folder.path / "results" / name
