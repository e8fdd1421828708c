"""Result file of an evaluation (`results/*.json`), rewritten after each tested network."""

import secrets
from datetime import UTC, datetime
from pathlib import Path

from dmcore.config import EvaluateConfig, NetworkSpec
from dmcore.files.atomic import StorageError, storage_errors_explained, temporary_ending, write_atomically
from dmcore.files.checked_json import write_record
from dmcore.runs.description import ResultKind, StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.lock import refuse_packed
from dmcore.training.evaluate import NetworkTested, summarise


class ResultFile:
    """Writer of the result of one architecture on one set of images."""

    def __init__(
        self,
        folder: RunFolder,
        set_name: str,
        iteration: int,
        kind: ResultKind,
        spec: NetworkSpec,
        protocol: EvaluateConfig,
        draws: int = 1,
    ) -> None:
        self._run_id = folder.description.id
        self._set_name, self._iteration, self._kind = set_name, iteration, kind
        self._draws = draws
        self._protocol = protocol.model_copy(update={"networks": (spec.network,)})
        self._file = _new_file(folder, set_name, spec.network, kind)
        self._tested: list[NetworkTested] = []
        self._error: StorageError | None = None

    def add(self, event: NetworkTested) -> None:
        """Rewrite the file with one more network; a storage error is held back: the next write may work."""
        self._tested.append(event)
        try:
            self._write()
            self._error = None
        except StorageError as error:
            self._error = error

    def raise_write_error(self) -> None:
        """Raise the storage error of the last write, if it failed.

        Raises:
            StorageError: the latest networks could not be written.
        """
        if self._error is not None:
            raise self._error

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
            run=self._run_id,
            draws=min(self._draws, result.n),
        )
        _make_folder(self._file)
        write_record(self._file, stored)


def check_writable(folder: RunFolder) -> None:
    """Check that results can be written to a run, with a temporary file.

    Raises:
        PackedRunError: it is packed.
        StorageError: the disk is full, or the folder cannot be written to.
    """
    refuse_packed(folder.path)
    trial = folder.path / "results" / f".trial-{secrets.token_hex(3)}{temporary_ending()}"
    _make_folder(trial)
    write_atomically(trial, b"{}", durable=False)
    with storage_errors_explained(trial):
        trial.unlink()


def _make_folder(file: Path) -> None:
    with storage_errors_explained(file.parent):
        file.parent.mkdir(exist_ok=True)


def _new_file(folder: RunFolder, set_name: str, network: str, kind: ResultKind) -> Path:
    # a random suffix: two processes may begin an evaluation in the same second
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{set_name}-{network}-{kind}-{secrets.token_hex(3)}.json"
    return folder.path / "results" / name
