"""LRU cache of classifiers trained on a run's synthetic set alone, with a training thread of its own.

It is not the thread that condenses: a classifier takes seconds, is needed at once, writes nothing to the disk
and must never be the reason why a run cannot start. Its thread waits between two epochs while a run is
computed. Pages only request and read states; every tab sees the same. Torch is imported by the thread.
"""

import logging
import queue
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from app.components.drawing import Framing, measure_framing
from app.data.dataset_cache import dataset_of
from app.jobs.manager import is_computing
from app.jobs.run_presets import SMALL_PROTOCOL
from app.jobs.singleton import Singleton, stop_at_exit
from app.run.sample_test import SampleTest, run_sample_test
from dmcore.config import EvaluateConfig
from dmcore.config.formatting import sentence
from dmcore.runs.folder import RunFolder

if TYPE_CHECKING:
    from dmcore.runs.results.classifier import TrainedClassifier

PROTOCOL = SMALL_PROTOCOL.model_copy(update={"repeats": 1})
CACHE_SIZE = 8
"""Classifiers in memory, the least recently used is dropped first."""
POLL_SECONDS = 0.2
"""Interval of checking whether the run that is waited for has ended."""

log = logging.getLogger(__name__)


class ClassifierKey(NamedTuple):
    """Training images of a classifier: one set of a run at one iteration."""

    run: Path
    set: str
    iteration: int


@dataclass(frozen=True)
class ClassifierTraining:
    """State of a classifier that is requested but not trained yet."""

    epoch: int = 0
    """Epochs done; the published loop makes one more than requested, then the network is tested."""
    epochs: int = PROTOCOL.epochs
    waiting: bool = False
    """Whether it waits for a run that is being computed."""


@dataclass(frozen=True)
class ClassifierFailed:
    """State of a classifier that could not be trained: the reason and the remedy."""

    sentence: str


@dataclass(frozen=True)
class ClassifierReady:
    """Trained classifier with its sample test."""

    classifier: "TrainedClassifier"
    sample_test: SampleTest
    epochs: int
    framing: Framing | None
    """Size and position of the subject of real images; None for colour images, which cannot be drawn."""


ClassifierState = ClassifierTraining | ClassifierFailed | ClassifierReady


class ClassifierCache:
    """LRU cache of classifiers, with the thread that trains them.

    Every method may be called from any thread.
    """

    def __init__(
        self, is_busy: Callable[[], bool] = lambda: False, protocol: EvaluateConfig = PROTOCOL
    ) -> None:
        """Make an empty cache; its thread starts with the first request.

        Args:
            is_busy: whether something is computed that must not be slowed down.
            protocol: the training of a classifier.
        """
        self._is_busy, self._protocol = is_busy, protocol
        self._states: OrderedDict[ClassifierKey, ClassifierState] = OrderedDict()
        self._requests: queue.SimpleQueue[ClassifierKey | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def get(self, key: ClassifierKey) -> ClassifierState | None:
        """State of a classifier, which becomes the most recently used; None when it was not requested."""
        with self._lock:
            if key in self._states:
                self._states.move_to_end(key)
            return self._states.get(key)

    def request(self, key: ClassifierKey) -> None:
        """Queue the training of a classifier, unless it is trained or pending."""
        with self._lock:
            if self._ending.is_set() or isinstance(
                self._states.get(key), ClassifierTraining | ClassifierReady
            ):
                return
            self._states[key] = ClassifierTraining(epochs=self._protocol.epochs)
            self._requests.put(key)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="read", daemon=True)
                stop_at_exit(self.shutdown)
                self._thread.start()

    def shutdown(self) -> None:
        """Stop the current training after its epoch, and wait until the thread has ended. For good."""
        with self._lock:
            self._ending.set()
            self._requests.put(None)
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        """The loop of the training thread: one classifier after the other until the end."""
        while (key := self._requests.get()) is not None and not self._ending.is_set():
            state: ClassifierState | None
            try:
                state = self._train(key)
            except Exception as error:
                if not isinstance(error, ValueError | OSError):
                    log.exception("no classifier could be trained for %s", key)
                state = ClassifierFailed(_error_sentence(error))
            if state is not None:
                self._publish(key, state)

    def _train(self, key: ClassifierKey) -> ClassifierReady | None:
        """Train a classifier; None when the process ends meanwhile."""
        if not self._may_go_on(key, state := ClassifierTraining(epochs=self._protocol.epochs)):
            return None
        from dmcore.runs.results.classifier import train_classifier
        from dmcore.training.evaluate import EpochDone

        run = RunFolder(key.run)
        dataset = dataset_of(run)
        steps = train_classifier(run, key.set, dataset, self._protocol, key.iteration)
        while self._may_go_on(key, state):
            try:
                event = next(steps)
            except StopIteration as end:
                classifier: TrainedClassifier = end.value
                grey = dataset.shape[0] == 1
                framing = measure_framing(dataset.train.images.numpy()) if grey else None
                sample_test = run_sample_test(classifier, dataset)
                return ClassifierReady(classifier, sample_test, self._protocol.epochs, framing)
            if isinstance(event, EpochDone):
                state = replace(state, epoch=state.epoch + 1)
            self._publish(key, state)
        return None

    def _may_go_on(self, key: ClassifierKey, state: ClassifierTraining) -> bool:
        """Wait while a run is computed; False when the process ends."""
        if self._is_busy():
            self._publish(key, replace(state, waiting=True))
            while self._is_busy() and not self._ending.wait(POLL_SECONDS):
                pass
        return not self._ending.is_set()

    def _publish(self, key: ClassifierKey, state: ClassifierState) -> None:
        with self._lock:
            self._states[key] = state
            ended = [key for key, state in self._states.items() if not isinstance(state, ClassifierTraining)]
            for oldest in ended[: max(0, len(ended) - CACHE_SIZE)]:
                del self._states[oldest]


get_classifier_cache = Singleton(lambda: ClassifierCache(is_computing))
"""The classifier cache of this process; it trains only while the background thread computes no job."""


def _error_sentence(error: Exception) -> str:
    from dmcore.runs.failure import describe_failure

    if isinstance(error, ValueError):
        return sentence(str(error))
    if isinstance(error, FileNotFoundError):
        return "The run's images are no longer there: choose another run."
    failure = describe_failure(error, 0)
    return f"{sentence(failure.sentence)} {sentence(failure.remedy)}"
