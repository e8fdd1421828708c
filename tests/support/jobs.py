"""Starting jobs of the app, and waiting for them."""

from typing import Any

from app.jobs.job import Job
from app.jobs.manager import JobManager
from app.jobs.work import CondenseWork, ResumeWork
from dmcore.config import CondenseConfig, EvaluateConfig
from dmcore.runs.runs_root import open_run
from support.waiting import until


def start(
    manager: JobManager,
    config: CondenseConfig,
    title: str = "",
    evaluate: EvaluateConfig | None = None,
    *,
    started_by: str = "",
    **options: Any,
) -> Job:
    """Condense a new run."""
    work = CondenseWork(title=title, config=config, evaluate=evaluate, started_by=started_by)
    return manager.submit(work, **options)


def resume(manager: JobManager, run_id: str, iterations: int | None = None, **options: Any) -> Job:
    """Resume a run, to its own number of iterations or to another one."""
    run = open_run(run_id, manager.runs_root)
    return manager.submit(ResumeWork(run=run, iterations=iterations), **options)


def ended(job: Job, seconds: float = 120) -> str:
    """The state in which a job ended, whichever."""
    until(lambda: job.state in ("finished", "stopped", "failed"), "the job ends", seconds)
    return job.state
