"""Failure of a run as a message with a remedy (`error.json`); detection of out-of-memory errors."""

import torch

from dmcore.execution.divergence import DivergedError
from dmcore.files.atomic import StorageError
from dmcore.runs.description import RunError

_MEMORY_MESSAGES = ("can't allocate memory", "not enough memory", "out of memory")
"""Messages of torch's allocators, on the CPU in a plain RuntimeError."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception means that the memory of the device or the machine was too small."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(
        message in str(error).lower() for message in _MEMORY_MESSAGES
    )


def describe_failure(error: Exception, iteration: int) -> RunError:
    """Message, remedy and kind of an exception that ended a run after `iteration` updates."""
    sentence, _, remedy = str(error).partition(": ")
    if isinstance(error, DivergedError):
        return RunError(sentence=sentence, remedy=remedy, iteration=iteration, kind="diverged")
    if isinstance(error, StorageError):
        return RunError(sentence=sentence, remedy=remedy, iteration=iteration, kind="storage")
    if is_out_of_memory(error):
        sentence = "the memory of the device is too small for this"
        remedy = (
            "free some of it and resume, or start with a smaller batch (--real-batch, for evaluation "
            "--batch) or width (--width)"
        )
        return RunError(sentence=sentence, remedy=remedy, iteration=iteration, kind="memory")
    if isinstance(error, ValueError):
        remedy = remedy or "fix what it names, then resume"
        return RunError(sentence=sentence, remedy=remedy, iteration=iteration, kind="setting")
    return RunError(
        sentence=f"{type(error).__name__}: {error}",
        remedy="resume the run; if it happens again, report this message",
        iteration=iteration,
        kind=type(error).__name__,
    )
