"""Networks trained on a run's condensed images alone and kept in memory to be asked; one thread trains them.

It is not the thread that condenses: a reader takes seconds, is wanted at once, writes nothing to the disk and
must never be why a run cannot start. So it has its own thread, which waits between two epochs while a run is
computed. Pages only ask and look; every tab sees the same. Torch is imported by the thread.
"""

import logging
import queue
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from app.components.drawing import Framing, framing_of
from app.data.images import dataset_of
from app.jobs.manager import run_is_computed
from app.jobs.presets import SMALL_PROTOCOL
from app.jobs.singleton import Singleton, end_with_process
from app.run.sample_test import Exam, examine
from dmcore.config import EvaluateConfig
from dmcore.config.formatting import sentence
from dmcore.runs.folder import RunFolder

if TYPE_CHECKING:
    from dmcore.runs.results.classifier import Reader

PROTOCOL = SMALL_PROTOCOL.model_copy(update={"repeats": 1})
KEPT = 8
"""Readers that stay in memory, those looked at last."""
LOOK_SECONDS = 0.2
"""Between two looks whether the run that is waited for has ended."""

log = logging.getLogger(__name__)


class Images(NamedTuple):
    """What a reader is trained on: the images of one set of a run at one iteration."""

    run: Path
    set: str
    iteration: int


@dataclass(frozen=True)
class Training:
    """A reader that is wanted but not there yet."""

    epoch: int = 0
    """Epochs done; the published loop makes one more than it is asked for, then the network is tested."""
    epochs: int = PROTOCOL.epochs
    waiting: bool = False
    """Whether it lets a run that is computed go first."""


@dataclass(frozen=True)
class Failed:
    """Why there is no reader, and what to do about it."""

    sentence: str


@dataclass(frozen=True)
class Trained:
    """A reader with what it has read so far."""

    reader: "Reader"
    exam: Exam
    epochs: int
    framing: Framing | None
    """How real images lie in their frame; None where images are not grey and nothing can be drawn."""


State = Training | Failed | Trained


class Readers:
    """Owns the thread and the readers. Every method may be called from any thread."""

    def __init__(
        self, in_the_way: Callable[[], bool] = lambda: False, protocol: EvaluateConfig = PROTOCOL
    ) -> None:
        """Make a place for readers; its thread starts with the first that is asked for.

        Args:
            in_the_way: whether something is computed that must not be slowed down.
            protocol: how readers are trained.
        """
        self._in_the_way, self._protocol = in_the_way, protocol
        self._states: OrderedDict[Images, State] = OrderedDict()
        self._asked: queue.SimpleQueue[Images | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def look(self, images: Images) -> State | None:
        """How far the reader of these images is; None when nobody asked for it."""
        with self._lock:
            if images in self._states:
                self._states.move_to_end(images)
            return self._states.get(images)

    def ask(self, images: Images) -> None:
        """Let a reader be trained, unless it is there or on its way."""
        with self._lock:
            if self._ending.is_set() or isinstance(self._states.get(images), Training | Trained):
                return
            self._states[images] = Training(epochs=self._protocol.epochs)
            self._asked.put(images)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="read", daemon=True)
                end_with_process(self.shutdown)
                self._thread.start()

    def shutdown(self) -> None:
        """Leave the training at hand after its epoch, and wait until the thread has ended. For good."""
        with self._lock:
            self._ending.set()
            self._asked.put(None)
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        """The thread: one reader after the other until the end."""
        while (images := self._asked.get()) is not None and not self._ending.is_set():
            state: State | None
            try:
                state = self._trained(images)
            except Exception as error:
                if not isinstance(error, ValueError | OSError):
                    log.exception("no reader could be trained for %s", images)
                state = Failed(_explained(error))
            if state is not None:
                self._publish(images, state)

    def _trained(self, images: Images) -> Trained | None:
        """The reader; None when the process ends meanwhile."""
        if not self._may_go_on(images, state := Training(epochs=self._protocol.epochs)):
            return None
        from dmcore.runs.results.classifier import train_reader
        from dmcore.training.evaluate import EpochDone

        run = RunFolder(images.run)
        dataset = dataset_of(run)
        steps = train_reader(run, images.set, dataset, self._protocol, images.iteration)
        while self._may_go_on(images, state):
            try:
                event = next(steps)
            except StopIteration as end:
                reader: Reader = end.value
                grey = dataset.shape[0] == 1
                framing = framing_of(dataset.train.images.numpy()) if grey else None
                return Trained(reader, examine(reader, dataset), self._protocol.epochs, framing)
            if isinstance(event, EpochDone):
                state = replace(state, epoch=state.epoch + 1)
            self._publish(images, state)
        return None

    def _may_go_on(self, images: Images, state: Training) -> bool:
        """Wait while a run is computed; False when the process ends."""
        if self._in_the_way():
            self._publish(images, replace(state, waiting=True))
            while self._in_the_way() and not self._ending.wait(LOOK_SECONDS):
                pass
        return not self._ending.is_set()

    def _publish(self, images: Images, state: State) -> None:
        with self._lock:
            self._states[images] = state
            there = [one for one, known in self._states.items() if not isinstance(known, Training)]
            for old in there[: max(0, len(there) - KEPT)]:
                del self._states[old]


get_readers = Singleton(lambda: Readers(run_is_computed))
"""The readers of this process; they let its job thread go first."""


def _explained(error: Exception) -> str:
    from dmcore.runs.failure import describe_failure

    if isinstance(error, ValueError):
        return sentence(str(error))
    if isinstance(error, FileNotFoundError):
        return "The run's images are no longer there: choose another run."
    failure = describe_failure(error, 0)
    return f"{sentence(failure.sentence)} {sentence(failure.remedy)}"
