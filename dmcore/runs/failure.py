"""Why a run stopped, as a sentence and a remedy for a person: what `error.json` holds."""

import torch

from dmcore.files.atomic import StorageError
from dmcore.runs.description import RunError


class DivergedError(ValueError):
    """A loss or an image is no longer a number."""


_MEMORY_WORDS = ("can't allocate memory", "not enough memory", "out of memory")
"""How torch's allocators say it, on the CPU in a plain RuntimeError."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that memory, the device's or the machine's, was too small."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _MEMORY_WORDS)


def describe_failure(error: Exception, iteration: int) -> RunError:
    """The sentence, the remedy and the kind of an exception that ended a run after `iteration` updates."""
    sentence, _, remedy = str(error).partition(": ")
    if isinstance(error, DivergedError):
        return RunError(sentence=sentence, remedy=remedy, iteration=iteration, kind="diverged")
    if isinstance(error, StorageError):
        return RunError(sentence=sentence, remedy=remedy, iteration=iteration, kind="storage")
    if is_out_of_memory(error):
        sentence = "the memory of the device is too small for this"
        remedy = (
            "free some of it and resume, or start with a smaller batch (--real-batch, when judging --batch) "
            "or width (--width)"
        )
        return RunError(sentence=sentence, remedy=remedy, iteration=iteration, kind="memory")
    if isinstance(error, ValueError):
        remedy = remedy or "mend what it names, then resume"
        return RunError(sentence=sentence, remedy=remedy, iteration=iteration, kind="setting")
    return RunError(
        sentence=f"{type(error).__name__}: {error}",
        remedy="resume the run; should it happen again, report this sentence",
        iteration=iteration,
        kind=type(error).__name__,
    )
