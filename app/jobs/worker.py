"""The background thread's work on one job: drives its generator, publishes snapshots, pauses, stops, fails.

Between two events it publishes a snapshot and waits at the job's throttle. Nothing that a job does ends the
thread. manager.py owns the thread; work.py says what a job does.
"""

import logging
from collections.abc import Callable
from contextlib import closing
from functools import partial

from app.jobs.job import Job
from app.jobs.work import StopRequestedError, WorkerContext, write_owner_state
from app.text.status import Status

SetState = Callable[[Job, Status], None]

log = logging.getLogger(__name__)


def warm_up(context: WorkerContext) -> tuple[str, str] | None:
    """Load torch before the first job; returns the device and the reason, None if it failed."""
    try:
        return context.warm_up()
    except Exception:
        # The job that needs torch fails in the same way, and shows the reason to a person.
        log.exception("torch could not be loaded")
        return None


def run_job(job: Job, context: WorkerContext, set_state: SetState) -> Status:
    """Run a job to its end and return its final state; `set_state` is called on pause and unpause."""
    try:
        return Status.FINISHED if _run_events(job, context, set_state) else Status.STOPPED
    except StopRequestedError:
        return Status.STOPPED
    except ValueError as error:
        return _fail(job, error)
    except Exception as error:
        log.exception("the job %r failed", job.title)
        return _fail(job, error)
    finally:
        job.activity = ""
        job.snapshot_builder = job.recording = None


def _run_events(job: Job, context: WorkerContext, set_state: SetState) -> bool:
    """Run the events of a job; False when it was stopped before its end."""
    run_id = job.run_id
    with closing(job.work(job, context)) as events:
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
            if job.state in (Status.PAUSED, Status.WAITING):
                _announce(job, set_state)
    job.publish()
    return True


def _announce(job: Job, set_state: SetState) -> None:
    """Publish whether the job waits for a person, on disk too, or for something short."""
    paused = job.throttle.paused
    job.publish()
    write_owner_state(job, paused)
    state = Status.PAUSED if paused else Status.WAITING if job.throttle.on_hold else Status.RUNNING
    if job.state is not state:
        set_state(job, state)


def _fail(job: Job, error: Exception) -> Status:
    from dmcore.runs.failure import describe_failure

    job.error = describe_failure(error, job.snapshot.iteration if job.snapshot is not None else 0)
    return Status.FAILED
