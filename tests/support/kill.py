"""Process that imports torch once and forks a recording of a run for every line it is sent, to be killed."""

import json
import os
import subprocess
import sys

from dmcore.runs.folder import RunFolder

SERVER = """
import json, os, signal, sys, warnings
from pathlib import Path
import torch
from dmcore.data.load import load_dataset
from dmcore.runs.folder import RunFolder
from dmcore.runs import recorder
from dmcore.training.minibatch import Minibatches
warnings.simplefilter("ignore")
torch.set_num_threads(1)  # a pool of threads does not live on in a forked process
recorder.CHECKPOINT_SECONDS, recorder.CHECKPOINT_SHARE, recorder.FLUSH_SECONDS = 0.0, 1e6, 0.01
digits = load_dataset("digits")
durable, calls = {name: getattr(os, name) for name in ("fsync", "replace")}, 0
train_epoch, epochs = Minibatches.train_epoch, 0

def counted(name, last):
    def call(*arguments):
        global calls
        calls += 1
        if calls == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return durable[name](*arguments)
    return call

def dying(last):
    def train(*arguments):
        global epochs
        epochs += 1
        for loss in train_epoch(*arguments):  # the network is trained further before it yields
            if epochs == last:
                os.kill(os.getpid(), signal.SIGKILL)
            yield loss
    return train

for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork()
    if child == 0:
        for name in durable:
            setattr(os, name, counted(name, asked["die_at_call"]))
        Minibatches.train_epoch = dying(asked["die_at_epoch"])
        try:
            for step in recorder.record(RunFolder(Path(asked["run"])), digits):
                pass
            outcome = "done"
        except ValueError as error:
            outcome = str(error)
        print(json.dumps({"outcome": outcome}), flush=True)
        os._exit(0)
    print(json.dumps({"pid": child}), flush=True)
    if not asked["together"]:
        os.waitpid(child, 0)
        print(json.dumps({"ended": child}), flush=True)
"""


class RecordingServer:
    """The process that forks recordings."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    def ask(
        self,
        run: RunFolder,
        die_at_call: int | None = None,
        together: bool = False,
        die_at_epoch: int | None = None,
    ) -> int:
        """Begin a recording; returns its process number.

        It kills itself at a durable write, or in the training of a network, where a number is given.
        """
        question = {"run": str(run.path), "die_at_call": die_at_call, "together": together}
        question["die_at_epoch"] = die_at_epoch
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = self.read()
        while "pid" not in answer:
            answer = self.read()
        return int(answer["pid"])

    def read(self) -> dict[str, object]:
        """The next line it prints."""
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def outcome(self) -> str | None:
        """How the recording ended: `done`, a sentence, or None when it was killed."""
        answer, outcome = self.read(), None
        while "ended" not in answer:
            outcome = str(answer["outcome"])
            answer = self.read()
        return outcome

    def close(self) -> None:
        """End it."""
        try:
            self._process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
