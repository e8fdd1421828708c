"""How much of a run's time went into following its accuracy: a file of its own beside the run.

No result depends on it. Everything that reads a run may read this, so it must not import torch.
"""

import json
from dataclasses import dataclass

from dmcore.files.atomic import write_atomically
from dmcore.runs.folder import RunFolder

FILE = "gauge.json"


@dataclass(frozen=True)
class GaugeTime:
    """Seconds spent on test networks, out of how many; pauses left out."""

    share: float
    """The largest share that was asked for last, 0 to 1."""
    seconds: float = 0.0
    of_seconds: float = 0.0

    @property
    def used(self) -> float:
        """The share that was really used, 0 to 1."""
        return self.seconds / self.of_seconds if self.of_seconds else 0.0


def write_gauge_time(run: RunFolder, time: GaugeTime) -> None:
    """Keep it with the run.

    Raises:
        StorageError: the folder cannot be written to.
    """
    content = {
        "share": time.share,
        "seconds": round(time.seconds, 3),
        "of_seconds": round(time.of_seconds, 3),
    }
    write_atomically(run.path / FILE, json.dumps(content).encode(), durable=False)


def read_gauge_time(run: RunFolder) -> GaugeTime | None:
    """What is kept with the run; None without it, or where the file is damaged: nothing depends on it."""
    try:
        told = json.loads((run.path / FILE).read_bytes())
        return GaugeTime(float(told["share"]), float(told["seconds"]), float(told["of_seconds"]))
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None
