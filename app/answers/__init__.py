"""Answers that a page waits for: computed beside it in pieces, polled, cached and tried again in one service.

Which threads compute, and why:

- The job thread (`app.jobs`): one per process, whatever the device. Condensing, evaluating, tables, pools.
- A thread for each `Answers` service, started by its first question. It lets the job go first: a question
  that is `after_job` waits between two pieces while a job is computed, the others take a piece at a time.
- The projection worker is a process of lower priority, for threads of one process share its priority and
  Python's lock. The thread of its service only exchanges messages with it.

Pages never compute what takes long, and no thread but the job thread writes to a run.
"""
