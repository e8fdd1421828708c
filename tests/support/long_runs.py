"""Runs of any length written without computing, and the requests of a tick of the Watch page."""

from pathlib import Path

import numpy as np
from starlette.testclient import TestClient

from dmcore.config import CondenseConfig, SetChange
from dmcore.data.load import load_dataset
from dmcore.execution.plan import make_plan
from dmcore.runs.creation import create_run
from dmcore.runs.events import IterationEvent, append_events
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import open_run
from dmcore.runs.snapshots import Snapshot, schedule_snapshots, write_snapshot

STARTS = [SetChange(init=init) for init in ("real", "noise", "wrong_class")]
CONFIG = CondenseConfig(
    dataset="digits", images_per_class=1, width=8, depth=1, real_batch=4, iterations=100_000, sets=STARTS
)
TICK = ("status", "images", "loss", "stops")
"""What a page with the loss beside the images asks when there is news."""
FLOOR_EVERY = 50


class LongRun:
    """A run of three starts on the digits in a folder: losses that jump, and images where runs keep them."""

    def __init__(self, root: Path) -> None:
        dataset = load_dataset("digits")
        made = create_run(root, CONFIG, dataset, make_plan(CONFIG, dataset.shape, 10, "cpu"), "Three starts")
        self.run: RunFolder = open_run(made.id, root)
        self.iteration = 0
        self._random = np.random.default_rng(0)
        self._kept = set(schedule_snapshots(CONFIG.iterations, 4 * 3 * 10 * 64))

    def go_on_to(self, iteration: int) -> None:
        """Append what a run leaves behind until it has made so many updates."""
        names = self.run.set_names
        lines = []
        for now in range(self.iteration + 1, iteration + 1):
            losses = {name: self._random.lognormal(1, 0.3, 10).astype(np.float32) for name in names}
            floor = self._random.lognormal(0, 0.3, 10).astype(np.float32) if now % FLOOR_EVERY == 1 else None
            lines.append(IterationEvent(now, now / 100, losses, floor).line())
        for now in sorted(due for due in self._kept if self.iteration < due <= iteration):
            for name in names:
                pixels, momentum = self._random.normal(size=(2, 10, 1, 1, 8, 8)).astype(np.float16)
                snapshot = Snapshot(now, pixels, momentum)
                write_snapshot(self.run.snapshot_folder(name), snapshot, self.run.description.id)
        append_events(self.run.events_file, lines)
        self.iteration = iteration


def ask(client: TestClient, run: RunFolder, name: str) -> bytes:
    """One answer of the server to a page that watches the run."""
    answer = client.get(f"/live/runs/{run.id}/{name}")
    assert answer.status_code == 200, answer.text
    return answer.content
