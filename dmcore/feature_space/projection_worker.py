"""Projection worker: a process of lower priority that fits maps, and projects and measures images on them.

A process and not a thread: threads of one process share its priority and Python's lock, and a run must keep
both. It reads messages from its standard input and answers on its standard output until the input ends.
Run as a program (`python -m dmcore.feature_space.projection_worker`).
"""

import hashlib
import logging
import os
import signal
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from io import BufferedIOBase
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import torch

from dmcore.config import NetworkSpec
from dmcore.data.images import DataSet
from dmcore.data.load import load_dataset
from dmcore.feature_space.figure3_projection import Cloud, Stars, stars_of
from dmcore.feature_space.projection import fit_joint_tsne
from dmcore.feature_space.spaces import feature_space_factory
from dmcore.files.messages import Array, Message, receive, send

MAX_CLOUDS = 3
NICE = 5
"""A quarter of a core that a run keeps busy; at 19, the lowest, even a projection takes seconds during a run.

The first cloud is as urgent as the run: somebody waits for it, most of its time goes into imports, and it is
cached. At this priority it would take four times as long.
"""
REMEDY = "try again in a moment; if it stays so, start the app again"
log = logging.getLogger(__name__)
ReportProgress = Callable[[str, float], None]


class ProjectionWorker:
    """Handler of requests, with an LRU cache of clouds."""

    def __init__(self) -> None:
        self._clouds: OrderedDict[str, Cloud] = OrderedDict()
        self._ceilings: dict[tuple[str, int], list[dict[str, Any]]] = {}
        self._datasets: dict[tuple[str, str], DataSet] = {}

    def answer(self, request: Message, report: ReportProgress) -> Message:
        """Answer a request.

        Raises:
            ValueError: it cannot be answered; with the remedy.
        """
        cloud = self._cached_cloud(request.header["cloud"], report)
        answer = {
            "cloud": _describe,
            "place": _project,
            "fresh": self._fresh,
            "thumbs": _thumbs,
            "joint": _fit_joint,
        }[request.header["do"]](cloud, request, report)
        map_key = hashlib.sha256(np.ascontiguousarray(cloud.map.positions).data).hexdigest()[:16]
        return Message({**answer.header, "map_key": map_key}, answer.arrays)

    def _fresh(self, cloud: Cloud, request: Message, report: ReportProgress) -> Message:
        """Random real images that are not in the cloud: coordinates, the images and their metrics."""
        each = request.header["images_per_class"]
        stars = cloud.fresh(each)
        key = (request.header["cloud"]["key"], each)
        if key not in self._ceilings:
            report("measuring fresh real images", 0.0)
            self._ceilings[key] = [asdict(metric) for metric in cloud.ceiling(each)]
        images = cloud.real.statistics.denormalise(stars.images).numpy()
        arrays = {"place": cloud.project(stars), "label": stars.label, "image": stars.image}
        return Message({"measures": self._ceilings[key]}, {**arrays, "pictures": images})

    def _cached_cloud(self, choice: dict[str, Any], report: ReportProgress) -> Cloud:
        """The cloud of a choice, from the LRU cache or created."""
        key = choice["key"]
        if key not in self._clouds:
            self._clouds[key] = self._create_cloud(choice, report)
        self._clouds.move_to_end(key)
        while len(self._clouds) > MAX_CLOUDS:
            self._clouds.popitem(last=False)
        return self._clouds[key]

    def _create_cloud(self, choice: dict[str, Any], report: ReportProgress) -> Cloud:
        report("opening the real images", 0.0)
        source = (choice["dataset"], choice["data_root"])
        if source not in self._datasets:
            self._datasets = {source: load_dataset(*source)}
        dataset = self._datasets[source]
        if choice["digest"] and dataset.train_digest != choice["digest"]:
            self._datasets = {}
            raise ValueError(
                f"{choice['dataset']} has other training images now than the run was made from: "
                "bring the old ones back to see the run among them"
            )
        cache, spec = Path(choice["cache_root"]), NetworkSpec.model_validate(choice["spec"])
        space = feature_space_factory(choice["features"], dataset, spec, cache)
        return Cloud(dataset, space, choice["map"], spec, cache / "maps", report)


def _describe(cloud: Cloud, request: Message, report: ReportProgress) -> Message:
    return Message(
        {"sentence": cloud.space.sentence, "note": cloud.map.note, "count": len(cloud.real)},
        {"positions": cloud.map.positions, "label": cloud.label},
    )


def _project(cloud: Cloud, request: Message, report: ReportProgress) -> Message:
    """Project sets of images and, if requested, measure their coverage."""
    report("projecting and measuring", 0.0)
    started_at = time.perf_counter()
    sets = _stars(request)
    arrays: dict[str, Array] = {}
    for name, stars in sets.items():
        arrays |= _placed(name, stars, cloud.project(stars, request.arrays.get(f"{name}/start")))
    projected_at = time.perf_counter()
    header = {"seconds": projected_at - started_at, "iteration": request.header.get("iteration")}
    if request.header["measure"]:
        header["measures"] = {
            name: [asdict(metric) for metric in cloud.measure(stars)] for name, stars in sets.items()
        }
        header["measuring"] = time.perf_counter() - projected_at
    return Message(header, arrays)


def _fit_joint(cloud: Cloud, request: Message, report: ReportProgress) -> Message:
    """Joint t-SNE of the cloud and of everything that is shown with it: the paper's figure 3."""
    sets = _stars(request)
    for name, images_per_class in request.header["fresh"].items():
        sets[name] = cloud.fresh(images_per_class)
    features = [cloud.space.embed(stars.images) for stars in sets.values()]
    on_progress = partial(report, "fitting one t-SNE of real and synthetic images")
    on_progress(0.0)
    joint = fit_joint_tsne(cloud.features, np.concatenate(features), on_progress=on_progress)
    arrays: dict[str, Array] = {"positions": joint.real}
    ends = np.cumsum([len(block) for block in features])[:-1]
    for (name, stars), positions in zip(sets.items(), np.split(joint.stars, ends), strict=True):
        arrays |= _placed(name, stars, positions)
    return Message({"note": joint.note}, arrays)


def _thumbs(cloud: Cloud, request: Message, report: ReportProgress) -> Message:
    """Thumbnails: the real images of the cloud as they are stored."""
    return Message({}, {"pictures": cloud.real.images[cloud.positions].numpy()})


def _stars(request: Message) -> dict[str, Stars]:
    """Images of the sets in a request, whose pixels are normalised, by the sets' names."""
    return {name: stars_of(request.arrays[f"{name}/pixels"]) for name in request.header["sets"]}


def _placed(name: str, stars: Stars, positions: Array) -> dict[str, Array]:
    """Arrays of a projected set in an answer."""
    return {f"{name}/place": positions, f"{name}/label": stars.label, f"{name}/image": stars.image}


def serve(worker: ProjectionWorker, requests: BufferedIOBase, answers: BufferedIOBase) -> None:
    """Answer requests until their stream ends."""

    def report(doing: str, done: float) -> None:
        send(answers, Message({"doing": doing, "done": done}))

    high_priority = True
    while (request := receive(requests)) is not None:
        if high_priority and request.header["do"] != "cloud":
            lower_priority()
            high_priority = False
        try:
            answer = worker.answer(request, report)
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


def main() -> None:
    """Serve requests from standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends this process
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed must not get between the answers
    torch.set_num_threads(1)
    np.seterr(all="ignore")
    serve(ProjectionWorker(), os.fdopen(0, "rb"), answers)


if __name__ == "__main__":
    main()
