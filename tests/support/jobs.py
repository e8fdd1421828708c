"""Waiting for jobs of the app."""

from app.jobs.job import Job
from support.waiting import until


def ended(job: Job, seconds: float = 120) -> str:
    """The state in which a job ended, whichever."""
    until(lambda: job.state in ("finished", "stopped", "failed"), "the job ends", seconds)
    return job.state
