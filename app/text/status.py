"""Status of a run, a job, a table or a pool: its word on the pages, with its colour."""

from enum import StrEnum

from dmcore.runs.description import Status as StoredStatus


class Status(StrEnum):
    """Displayed status; the value is its word."""

    IDLE = "Idle"
    NOT_STARTED = "not started"
    QUEUED = "queued"
    RUNNING = "running"
    RUNNING_ELSEWHERE = "running elsewhere"
    EVALUATING = "evaluating"
    PAUSING = "pausing"
    PAUSED = "paused"
    WAITING = "waiting for a short test"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"
    IMPORTED = "imported"
    SELECTED = "chosen from real images"

    @classmethod
    def of(cls, stored: StoredStatus) -> "Status":
        """Status of a run that its folder tells of; an interrupted run is displayed as stopped."""
        return cls.STOPPED if stored is StoredStatus.INTERRUPTED else cls(stored.value)

    @property
    def in_progress(self) -> bool:
        """Whether it is computed and has not ended; it may wait for a person, or for something short."""
        return self in (Status.RUNNING, Status.PAUSED, Status.WAITING, Status.STOPPING)

    @property
    def colour(self) -> str:
        """Colour of its mark."""
        return COLOURS.get(self, "gray")

    @property
    def markdown(self) -> str:
        """Coloured mark and word, as Markdown."""
        return f":{self.colour}[●] **{self}**"


COLOURS = {
    **dict.fromkeys((Status.RUNNING, Status.RUNNING_ELSEWHERE, Status.EVALUATING), "green"),
    **dict.fromkeys(
        (Status.QUEUED, Status.PAUSING, Status.PAUSED, Status.WAITING, Status.STOPPING), "orange"
    ),
    Status.FINISHED: "blue",
    Status.FAILED: "red",
}
