"""Time spent on the online evaluation of a run (`gauge.json`); no result depends on it."""

import json
from dataclasses import dataclass

from dmcore.files.atomic import write_atomically
from dmcore.runs.folder import RunFolder

FILE = "gauge.json"


@dataclass(frozen=True)
class OnlineEvaluationTime:
    """Seconds of online evaluation, and of the whole run without pauses."""

    share: float
    """Requested maximum share, 0 to 1."""
    seconds: float = 0.0
    of_seconds: float = 0.0

    @property
    def used(self) -> float:
        """Share of the time that was used, 0 to 1."""
        return self.seconds / self.of_seconds if self.of_seconds else 0.0


def write_online_evaluation_time(run: RunFolder, time: OnlineEvaluationTime) -> None:
    """Store the times in a run.

    Raises:
        StorageError: the folder cannot be written to.
    """
    content = {
        "share": time.share,
        "seconds": round(time.seconds, 3),
        "of_seconds": round(time.of_seconds, 3),
    }
    write_atomically(run.path / FILE, json.dumps(content).encode(), durable=False)


def read_online_evaluation_time(run: RunFolder) -> OnlineEvaluationTime | None:
    """Read the times of a run; None without the file, or where it is damaged."""
    try:
        content = json.loads((run.path / FILE).read_bytes())
        return OnlineEvaluationTime(
            float(content["share"]), float(content["seconds"]), float(content["of_seconds"])
        )
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None
