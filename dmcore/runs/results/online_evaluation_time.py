"""Time spent on the online evaluation of a run (`gauge.json`); no result depends on it."""

from pydantic import Field

from dmcore.files.checked_json import DamagedFileError, Record, read_record, write_record
from dmcore.runs.folder import RunFolder

FILE = "gauge.json"


class OnlineEvaluationTime(Record):
    """Seconds of online evaluation, and of the whole run without pauses."""

    share: float = Field(ge=0, le=1)
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
    rounded = {"seconds": round(time.seconds, 3), "of_seconds": round(time.of_seconds, 3)}
    write_record(run.path / FILE, time.model_copy(update=rounded), durable=False)


def read_online_evaluation_time(run: RunFolder) -> OnlineEvaluationTime | None:
    """Read the times of a run; None without the file, or where it is damaged."""
    try:
        return read_record(OnlineEvaluationTime, run.path / FILE)
    except (FileNotFoundError, DamagedFileError):
        return None
