"""The background thread's work on one job: drives its generator, publishes snapshots, pauses, stops, fails.

Between two events it publishes a snapshot and waits at the job's throttle. Nothing that a job does ends the
thread. manager.py owns the thread; work.py says what a job does.
"""

import logging
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Literal

from app.jobs.job import Job, JobError, JobState
from app.jobs.work import StopRequestedError, Work, WorkerContext, write_owner_state

SetState = Callable[[Job, JobState], None]

log = logging.getLogger(__name__)


def warm_up(context: WorkerContext) -> tuple[str, str] | None:
    """Load torch before the first job; returns the device and the reason, None if it failed."""
    try:
        return context.warm_up()
    except Exception:
        # The job that needs torch fails in the same way, and shows the reason to a person.
        log.exception("torch could not be loaded")
        return None


def run_job(job: Job, work: Work, context: WorkerContext, set_state: SetState) -> JobState:
    """Run a job to its end and return its final state; `set_state` is called on pause and unpause."""
    try:
        return "finished" if _run_events(job, work, context, set_state) else "stopped"
    except StopRequestedError:
        return "stopped"
    except Exception as error:
        if not isinstance(error, ValueError):
            log.exception("the job %r failed", job.title)
        job.error = _job_error(job, error)
        return "failed"
    finally:
        job.activity = ""
        job.snapshot_builder = job.recording = None


def _run_events(job: Job, work: Work, context: WorkerContext, set_state: SetState) -> bool:
    """Run the events of a job; False when it was stopped before its end."""
    run_id = job.run_id
    with closing(work(job, context)) as events:
        for iteration in events:
            if job.run_id != run_id:
                run_id = job.run_id
                set_state(job, job.state)  # pages wait for the run's folder
            if job.snapshot_builder is not None and job.snapshot_builder.is_due():
                job.publish()
            passed = job.throttle.wait(iteration, partial(_announce, job, set_state))
            if not passed:
                job.publish()
                return False
            if job.state == "paused":
                _announce(job, set_state)
    job.publish()
    return True


def _announce(job: Job, set_state: SetState) -> None:
    """Publish, on disk too, whether the job waits for a person."""
    state: Literal["running", "paused"] = "paused" if job.throttle.paused else "running"
    job.publish()
    write_owner_state(job, state)
    if job.state != state:
        set_state(job, state)


def _job_error(job: Job, error: Exception) -> JobError:
    from dmcore.runs.failure import describe_failure

    failure = describe_failure(error, job.snapshot.iteration if job.snapshot is not None else 0)
    return JobError(failure.sentence, failure.remedy)
