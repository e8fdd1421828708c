"""Service whose questions are answered by a process: what it computes shares no Python lock with a run.

The process is a program that reads messages from its standard input and answers on its standard output: with
progress reports first, then with the answer (`answer` in the header) or a refusal (`error` and its `kind`).
"""

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Generator
from io import BufferedIOBase
from typing import cast

from app import PACKAGE
from app.answers.question import Progress
from app.answers.service import Answers
from dmcore.files.messages import Message, receive, send

PATIENCE_SECONDS = 5.0
"""Seconds to wait for the killed process."""

log = logging.getLogger(__name__)


class RefusedError(ValueError):
    """The process refused a message, for a reason with its remedy."""

    def __init__(self, reason: str, kind: str) -> None:
        super().__init__(reason)
        self.kind = kind
        """Name of the exception that was raised in the process."""


class ProcessAnswers(Answers):
    """Owner of a process and of its answers. Thread-safe; `exchange` is for the questions' `answer`.

    The process starts with the first message, and again after it has died. It answers one message at a time,
    so a question that was begun is answered before any other.
    """

    def __init__(self, name: str, program: str, job_goes_first: Callable[[], bool]) -> None:
        """Create the service.

        Args:
            name: name of the thread.
            program: module that is run as the process (`python -m`).
            job_goes_first: whether a job is computed that must not be slowed down.
        """
        super().__init__(name, job_goes_first, in_turn=True)
        self._program = program
        self._child: subprocess.Popen[bytes] | None = None

    def exchange(self, message: Message) -> Generator[Progress, None, Message]:
        """Send a message and return the answer; yields the progress that is reported meanwhile.

        Raises:
            RefusedError: the process refused it.
            ValueError: the process died; with the remedy.
        """
        try:
            child = self._running_child()
            send(cast(BufferedIOBase, child.stdin), message)
            while (answer := receive(cast(BufferedIOBase, child.stdout))) is not None:
                header = answer.header
                if header.get("answer"):
                    return answer
                if "error" in header:
                    raise RefusedError(header["error"], header["kind"])
                yield Progress(header["doing"], header["done"])
            trouble = "it ended without an answer"
        except OSError as error:
            trouble = str(error)
        if not self._ending:
            log.error("the %s worker stopped: %s", self._name, trouble)
        self._end_child()
        raise ValueError(f"the {self._name} worker stopped ({trouble}): reload the page to try again")

    def shutdown(self) -> None:
        """End the process and the thread, for good."""
        super().shutdown()
        self._end_child()

    def _interrupt(self) -> None:
        if self._child is not None:
            self._child.kill()  # its files are written atomically

    def _end_child(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait(PATIENCE_SECONDS)

    def _running_child(self) -> "subprocess.Popen[bytes]":
        with self._changed:
            if self._ending:
                raise ProcessLookupError("the app is ending")
            if self._child is None or self._child.poll() is not None:
                path = [str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
                threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # the run needs the rest
                self._child = subprocess.Popen(  # noqa: S603 - our own program
                    [sys.executable, "-P", "-m", self._program],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env={**os.environ, "PYTHONPATH": os.pathsep.join(path), **threads},
                )
            return self._child
