"""The file of one evaluation in `results/` of a run: written anew after each tested network, none is lost."""

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from dmcore.atomic import storage_trouble_named, write_atomically
from dmcore.config import EvaluateConfig, NetworkSpec
from dmcore.evaluation import NetworkTested, summarise
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder

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

    def take(self, event: NetworkTested) -> None:
        """Write what is known with one more network.

        Raises:
            StorageError: it cannot be written.
        """
        self._tested.append(event)
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
        with storage_trouble_named(self._file):
            self._file.parent.mkdir(exist_ok=True)
        write_atomically(self._file, stored.model_dump_json(indent=1).encode())


def _new_file(folder: RunFolder, set_name: str, network: str, kind: Kind) -> Path:
    # two evaluations may begin in the same second, in two processes: neither replaces the other's file
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{set_name}-{network}-{kind}-{secrets.token_hex(3)}.json"
    return folder.path / "results" / name
