"""The placing process: maps, places and measures for the pages, at a lower priority.

A process and not a thread: threads of one process share its priority and Python's lock, and the run must keep
both. It reads messages from its standard input and answers on its standard output until the input ends.
Run as a program (`python -m`) by projection_client.py; must not know Streamlit.
"""

import hashlib
import logging
import os
import signal
import sys
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import psutil

from app.views.feature_space.messages import Array, Message, receive, send
from app.views.feature_space.projection_values import FRESH_PANEL
from dmcore.config import NetworkSpec

MAX_CLOUDS = 3
NICE = 5
"""A quarter of a core that a run keeps busy; at 19, the lowest, even a placement takes seconds beside a run.

The first cloud is as urgent as the run: somebody waits for it, most of it is what is imported, and it is
kept. At this priority it would take four times as long.
"""
REMEDY = "try again in a moment; if it stays so, start the app again"
log = logging.getLogger(__name__)
ReportProgress = Callable[[str, float], None]


class ProjectionWorker:
    """Answers requests; keeps the clouds asked for last."""

    def __init__(self) -> None:
        self._clouds: OrderedDict[str, Any] = OrderedDict()
        self._ceilings: dict[tuple[str, int], list[dict[str, Any]]] = {}
        self._datasets: dict[tuple[str, str], Any] = {}

    def answer(self, asked: Message, say: ReportProgress) -> Message:
        """The answer to one request; `say` reports progress.

        Raises:
            ValueError: what was asked for cannot be had, with the remedy.
        """
        return {
            "cloud": self._cloud,
            "place": self._place,
            "fresh": self._fresh,
            "thumbs": self._thumbs,
            "joint": self._joint,
        }[asked.said["do"]](asked, say)

    def _cloud(self, asked: Message, say: ReportProgress) -> Message:
        cloud = self._made(asked.said["cloud"], say)
        return Message(
            {
                "sentence": cloud.space.sentence,
                "note": cloud.map.note,
                "count": len(cloud.real),
                "map_key": _map_key(cloud),
            },
            {"positions": cloud.map.positions, "label": cloud.label},
        )

    def _place(self, asked: Message, say: ReportProgress) -> Message:
        """Sets of images -> where they stand and, if asked, how well they cover; `pixels` normalised."""
        from dmcore.feature_space.figure3_projection import stars_of

        cloud = self._made(asked.said["cloud"], say)
        say("placing and measuring", 0.0)
        began = time.perf_counter()
        shown = {name: stars_of(asked.arrays[f"{name}/pixels"]) for name in asked.said["sets"]}
        places: dict[str, Array] = {}
        for name, stars in shown.items():
            places[f"{name}/place"] = cloud.place(stars, asked.arrays.get(f"{name}/start"))
            places[f"{name}/label"], places[f"{name}/image"] = stars.label, stars.image
        placed = time.perf_counter()
        said = {"map_key": _map_key(cloud), "seconds": placed - began}
        if asked.said["measure"]:
            said["measures"] = {
                name: [asdict(one) for one in cloud.measure(stars)] for name, stars in shown.items()
            }
            said["measuring"] = time.perf_counter() - placed
        return Message(said, places)

    def _fresh(self, asked: Message, say: ReportProgress) -> Message:
        """As many real images that are not in the cloud: placed, with pictures, and their numbers."""
        cloud = self._made(asked.said["cloud"], say)
        each = asked.said["images_per_class"]
        stars = cloud.fresh(each)
        key = (asked.said["cloud"]["key"], each)
        if key not in self._ceilings:
            say("measuring fresh real images", 0.0)
            self._ceilings[key] = [asdict(one) for one in cloud.ceiling(each)]
        pictures = cloud.real.statistics.denormalise(stars.images).numpy()
        return Message(
            {"measures": self._ceilings[key], "map_key": _map_key(cloud)},
            {
                "place": cloud.place(stars),
                "label": stars.label,
                "image": stars.image,
                "pictures": pictures,
            },
        )

    def _joint(self, asked: Message, say: ReportProgress) -> Message:
        """The paper's figure 3: one t-SNE of the cloud and of everything that is shown with it."""
        from dmcore.feature_space.figure3_projection import stars_of
        from dmcore.feature_space.projection import fit_joint_tsne

        cloud = self._made(asked.said["cloud"], say)
        shown = {name: stars_of(asked.arrays[f"{name}/pixels"]) for name in asked.said["sets"]}
        if each := asked.said["fresh"]:
            shown[FRESH_PANEL] = cloud.fresh(each)
        features = [cloud.space.embed(one.images) for one in shown.values()]
        fitting = partial(say, "fitting one t-SNE of real and synthetic images")
        fitting(0.0)
        joint = fit_joint_tsne(cloud.features, np.concatenate(features), on_progress=fitting)
        arrays: dict[str, Array] = {"positions": joint.real}
        ends = np.cumsum([len(one) for one in features])[:-1]
        for (name, one), place in zip(shown.items(), np.split(joint.stars, ends), strict=True):
            arrays |= {f"{name}/place": place, f"{name}/label": one.label, f"{name}/image": one.image}
        return Message({"note": joint.note, "map_key": _map_key(cloud)}, arrays)

    def _thumbs(self, asked: Message, say: ReportProgress) -> Message:
        """The real images of the cloud as they are stored."""
        cloud = self._made(asked.said["cloud"], say)
        return Message({}, {"pictures": cloud.real.images[cloud.positions].numpy()})

    def _made(self, asked: dict[str, Any], say: ReportProgress) -> Any:
        """The cloud, from memory if it was one of the last."""
        key = asked["key"]
        if key not in self._clouds:
            self._clouds[key] = self._make(asked, say)
        self._clouds.move_to_end(key)
        while len(self._clouds) > MAX_CLOUDS:
            self._clouds.popitem(last=False)
        return self._clouds[key]

    def _make(self, asked: dict[str, Any], say: ReportProgress) -> Any:
        say("opening the real images", 0.0)
        from dmcore.data.load import load_dataset
        from dmcore.feature_space.figure3_projection import Cloud
        from dmcore.feature_space.spaces import feature_space_factory
        from dmcore.runs.creation import digest

        where = (asked["dataset"], asked["data_root"])
        if where not in self._datasets:
            self._datasets = {where: load_dataset(*where)}
        dataset = self._datasets[where]
        if asked["digest"] and digest(dataset) != asked["digest"]:
            self._datasets = {}
            raise ValueError(
                f"{asked['dataset']} has other training images now than the run was made from: "
                "bring the old ones back to see the run among them"
            )
        cache, spec = Path(asked["cache_root"]), NetworkSpec.model_validate(asked["spec"])
        space = feature_space_factory(asked["features"], dataset, spec, cache)
        return Cloud(dataset, space, asked["map"], spec, cache / "maps", say)


def _map_key(cloud: Any) -> str:
    return hashlib.sha256(np.ascontiguousarray(cloud.map.positions).data).hexdigest()[:16]


def serve(ours: ProjectionWorker, asked: BinaryIO, answers: BinaryIO) -> None:
    """Answer until nobody asks."""
    from dmcore.training.whole_set import UntrainedError

    def say(doing: str, done: float) -> None:
        send(answers, Message({"doing": doing, "done": done}))

    ahead = True
    while (message := receive(asked)) is not None:
        if ahead and message.said["do"] != "cloud":
            ahead = lower_priority()
        try:
            answer = ours.answer(message, say)
            send(answers, Message({**answer.said, "answer": True}, answer.arrays))
        except UntrainedError as untrained:
            send(answers, Message({"error": str(untrained), "untrained": True}))
        except ValueError as refusal:
            send(answers, Message({"error": str(refusal)}))
        except BrokenPipeError:  # the server has gone in the middle of an answer
            return
        except Exception as trouble:
            log.exception("%s could not be answered", message.said["do"])
            what = str(trouble).splitlines()[0] if str(trouble) else type(trouble).__name__
            send(answers, Message({"error": f"the map could not be made ({what}): {REMEDY}"}))


def lower_priority() -> bool:
    """Let the run go first from now on; False: this process is ahead of nothing any more."""
    process = psutil.Process()
    if hasattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS"):  # Windows has classes
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    elif process.nice() < NICE:  # else the server was started with less
        process.nice(NICE)
    return False


def main() -> None:
    """Serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends this process
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed must not get between the answers
    import torch

    torch.set_num_threads(1)
    np.seterr(all="ignore")
    serve(ProjectionWorker(), sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
