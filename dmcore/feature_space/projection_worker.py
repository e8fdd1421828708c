"""Projection worker: fits maps, and projects and measures images on them; projection_process.py runs it."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from dmcore.config import NetworkSpec
from dmcore.data.images import DataSet
from dmcore.data.load import load_dataset
from dmcore.feature_space.figure3_projection import Cloud, Stars, stars_of
from dmcore.feature_space.projection import fit_joint_tsne
from dmcore.feature_space.spaces import feature_space_factory
from dmcore.files.messages import Array, Message

MAX_CLOUDS = 3
ReportProgress = Callable[[str, float], None]


class ProjectionWorker:
    """Handler of requests, with an LRU cache of clouds."""

    def __init__(self, datasets: Mapping[tuple[str, str], DataSet] | None = None) -> None:
        """Take data sets that are in memory, by name and data root; others are read when they are needed."""
        self._clouds: OrderedDict[str, Cloud] = OrderedDict()
        self._ceilings: dict[tuple[str, int], list[dict[str, Any]]] = {}
        self._datasets = dict(datasets or {})

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
        dataset = self._dataset(choice)
        cache, spec = Path(choice["cache_root"]), NetworkSpec.model_validate(choice["spec"])
        space = feature_space_factory(choice["features"], dataset, spec, cache)
        return Cloud(dataset, space, choice["map"], spec, cache / "maps", report)

    def _dataset(self, choice: dict[str, Any]) -> DataSet:
        """The data set of a choice; read anew where its training images are not those in memory.

        Raises:
            ValueError: there is no such data set, or it has other training images.
        """
        source, digest = (choice["dataset"], choice["data_root"]), choice["digest"]
        dataset = self._datasets.get(source)
        if dataset is None or digest not in ("", dataset.train_digest):
            dataset = load_dataset(*source, class_names=tuple(choice.get("class_names", ())))
            self._datasets = {source: dataset}
        if digest not in ("", dataset.train_digest):
            raise ValueError(
                f"{choice['dataset']} has other training images now than the run was made from: "
                "bring the old ones back to see the run among them"
            )
        return dataset


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
