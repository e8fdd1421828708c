"""What the thread does with a job: drive its generator, publish between two events, obey, survive failures.

Nothing here touches Streamlit, and nothing a job does ends the thread.
"""

import logging
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Literal

from app.jobs.job import Job, JobError, JobState
from app.jobs.work import Desk, StopAskedError, Work, announce

SetState = Callable[[Job, JobState], None]

log = logging.getLogger(__name__)


def warm_up(desk: Desk) -> tuple[str, str] | None:
    """Load torch ahead of the first start; the device and the reason, None if it failed."""
    try:
        return desk.warm()
    except Exception:
        # The job that needs it meets the same trouble, and says it to a person.
        log.exception("torch could not be warmed")
        return None


def carry_out(job: Job, work: Work, desk: Desk, set_state: SetState) -> JobState:
    """Do a job to its end; `set_state` is told when it pauses and goes on. Returns how it ended."""
    try:
        return "finished" if _drive(job, work, desk, set_state) else "stopped"
    except StopAskedError:
        return "stopped"
    except Exception as error:
        if not isinstance(error, ValueError):
            log.exception("the job %r failed", job.title)
        job.error = _explained(job, error)
        return "failed"
    finally:
        job.doing = ""
        job.view = job.recording = None


def _drive(job: Job, work: Work, desk: Desk, set_state: SetState) -> bool:
    """Whether it came to its end; False when it was stopped."""
    run_id = job.run_id
    with closing(work(job, desk)) as events:
        for iteration in events:
            if job.run_id != run_id:
                run_id = job.run_id
                set_state(job, job.state)  # pages wait for the run's folder
            if job.view is not None and job.view.is_due():
                job.publish()
            passed = job.gate.wait(iteration, partial(_announce, job, set_state))
            if not passed:
                job.publish()
                return False
            if job.state == "paused":
                _announce(job, set_state)
    job.publish()
    return True


def _announce(job: Job, set_state: SetState) -> None:
    """Show and say, on the disk too, that the job waits for a person, or no longer."""
    state: Literal["running", "paused"] = "paused" if job.gate.paused else "running"
    job.publish()
    announce(job, state)
    if job.state != state:
        set_state(job, state)


def _explained(job: Job, error: Exception) -> JobError:
    from dmcore.runs.failure import describe_failure

    failure = describe_failure(error, job.snapshot.iteration if job.snapshot is not None else 0)
    return JobError(failure.sentence, failure.remedy)
