"""Process of lower priority in which the projection worker answers requests.

A process and not a thread: threads of one process share its priority and Python's lock, and a run must keep
both. It reads messages from its standard input and answers on its standard output until the input ends.
Run as a program (`python -m dmcore.feature_space.projection_process`). The worker is imported for the first
request, for that takes seconds: then Ctrl-C is ignored, standard output is away from the answers, and an
import that fails is answered.
"""

import logging
import os
import signal
from collections.abc import Callable
from functools import cache
from io import BufferedIOBase

import psutil

from dmcore.files.messages import Message, receive, send

NICE = 5
"""A quarter of a core that a run keeps busy; at 19, the lowest, even a projection takes seconds during a run.

The first cloud is as urgent as the run: somebody waits for it, most of its time goes into imports, and it is
cached. At this priority it would take four times as long.
"""
REMEDY = "try again in a moment; if it stays so, start the app again"
log = logging.getLogger(__name__)
AnswerRequest = Callable[[Message, Callable[[str, float], None]], Message]


def serve(
    create_worker: Callable[[], AnswerRequest], requests: BufferedIOBase, answers: BufferedIOBase
) -> None:
    """Answer requests until their stream ends.

    Args:
        create_worker: returns what answers a request, which may report its progress; called for each request.
        requests: stream of requests.
        answers: stream of answers.
    """

    def report(doing: str, done: float) -> None:
        send(answers, Message({"doing": doing, "done": done}))

    high_priority = True
    while (request := receive(requests)) is not None:
        if high_priority and request.header["do"] != "cloud":
            lower_priority()
            high_priority = False
        try:
            answer = create_worker()(request, report)
            send(answers, Message({**answer.header, "answer": True}, answer.arrays))
        except ValueError as refusal:
            send(answers, Message({"error": str(refusal), "kind": type(refusal).__name__}))
        except BrokenPipeError:  # the server has gone in the middle of an answer
            return
        except Exception as trouble:
            log.exception("%s could not be answered", request.header["do"])
            what = str(trouble).splitlines()[0] if str(trouble) else type(trouble).__name__
            reason = f"the map could not be computed ({what}): {REMEDY}"
            send(answers, Message({"error": reason, "kind": type(trouble).__name__}))


def lower_priority() -> None:
    """Lower the priority of this process below that of a run, for good."""
    process = psutil.Process()
    if hasattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS"):  # Windows has classes
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    elif process.nice() < NICE:  # else the server was started with less
        process.nice(NICE)


@cache
def projection_worker() -> AnswerRequest:
    """The worker, on one thread.

    Raises:
        ImportError: torch or what maps are fitted with is missing.
    """
    import numpy as np
    import torch

    from dmcore.feature_space.projection_worker import ProjectionWorker

    torch.set_num_threads(1)
    np.seterr(all="ignore")
    return ProjectionWorker().answer


def main() -> None:
    """Serve requests from standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends this process
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed must not get between the answers
    serve(projection_worker, os.fdopen(0, "rb"), answers)


if __name__ == "__main__":
    main()
