"""Answers that a page waits for: computed beside it in pieces, polled, cached and tried again in one service.

Which threads compute, and why:

- The job thread (`app.jobs.manager`): one per process, whatever the device. Condensing, evaluating, tables,
  pools; no other thread writes to a run.
- A thread for each `Answers` service, started by its first question. It lets the job go first: a question
  that is `after_job` waits between two pieces while a job is computed, the others take a piece at a time.
  For one that `holds_job`, which must be short, the job stands still between two steps instead.
- The projection worker (`ProcessAnswers`) is a process of lower priority that computes on the CPU only, for
  threads of one process share its priority and Python's lock. The thread of its service only exchanges
  messages with it.

So a device is shared by the job thread and, for what cannot wait, a piece of one answer. Not here: encoding
what is known for the browser (`app.server.answer_cache`), for which requests wait and nobody polls.
"""
