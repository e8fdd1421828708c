"""Moment of a run as an immutable value: what the background thread publishes, and what a run's folder gives.

The thread's comes from `SnapshotBuilder`, the folder's from `app.run.run_view`; pages display either alike.
Torch is not imported here: images and curves are NumPy arrays, which are shared and never written to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from app.text.status import Status
from dmcore.config.formatting import grouped
from dmcore.files.checked_json import DamagedFileError
from dmcore.runs.curves import Curve
from dmcore.runs.display import DisplayImages
from dmcore.runs.results.evaluation_tasks import EvaluationProgress
from dmcore.runs.results.online_evaluation_time import OnlineEvaluationTime

LearnedPixels = npt.NDArray[np.float16]


@dataclass(frozen=True)
class OnlineEvaluationStatus:
    """Cost and state of the online evaluation of a run."""

    time: OnlineEvaluationTime
    final: bool = False
    """Whether the run has ended and its last images are being tested."""
    error: str = ""
    """Reason why it has stopped; empty while it goes on."""


@dataclass(frozen=True)
class RunView:
    """State of a run at one iteration: images, losses, rates and what the last iteration did."""

    run_id: str
    status: Status
    iteration: int
    iterations: int
    images: Mapping[str, DisplayImages] = field(default_factory=dict)
    """For each set uint8 [class, image, channel, height, width]."""
    pixels: Mapping[str, LearnedPixels] = field(default_factory=dict)
    """The same as learned, normalised and unclamped: as many of each class as the feature map projects.

    Only of a run that this server's thread computes.
    """
    loss: Mapping[str, Curve] = field(default_factory=dict)
    """For each set (iterations [event], mean loss over classes [event])."""
    noise_floor: float | None = None
    """Distance between two real batches: mean over classes and over the measurements so far."""
    iterations_per_second: float | None = None
    images_per_second: float | None = None
    """Real images embedded per second."""
    seconds_left: float | None = None
    tests_follow: bool = False
    """Whether `seconds_left` includes tests after the last iteration."""
    slowdown: float = 1.0
    """Factor by which other processes of the machine slow it down."""
    outer: int = 0
    """Matching steps done in the iteration at work, of `outer_steps`; 0 between two iterations."""
    outer_steps: int = 0
    last: str = ""
    """Sentence on what the last iteration did; empty for runs of other processes."""
    evaluation: EvaluationProgress | None = None
    """Progress of the run's evaluation by this server's thread; None while there is none."""
    online_evaluation: OnlineEvaluationStatus | None = None
    """Cost and state of the online evaluation; None for runs of other processes."""
    live: bool = False
    """Whether this server's thread computes it."""
    revision: str = ""
    """Change token: changes with anything above."""
    damaged: tuple[DamagedFileError, ...] = ()
    """Of sets whose newest images cannot be read: they are not among `images`."""

    @property
    def progress(self) -> float:
        """Completed iterations, with the share of the one at work."""
        return self.iteration + (self.outer / self.outer_steps if self.outer else 0.0)

    @property
    def progress_text(self) -> str:
        """'iteration 2 of 500'; within one of gradient matching 'iteration 3 of 500, step 4 of 10'."""
        at_work = self.iteration + (self.outer > 0)
        text = f"iteration {grouped(at_work)} of {grouped(self.iterations)}"
        return text + (f", step {grouped(self.outer)} of {grouped(self.outer_steps)}" if self.outer else "")

    @property
    def word(self) -> Status:
        """Displayed status: `evaluating` instead of `running` while networks are tested at the end."""
        testing = self.evaluation is not None or (
            self.online_evaluation is not None and self.online_evaluation.final
        )
        return Status.EVALUATING if self.live and testing and self.status is Status.RUNNING else self.status
