"""Projection worker: requests and answers as messages on two streams."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dmcore.config import NetworkSpec
from dmcore.feature_space.projection_worker import ProjectionWorker, serve
from dmcore.files.messages import Array, Message, receive, send


def answers_of(worker: ProjectionWorker, *requests: Message) -> list[Message]:
    """What the worker answers to these requests, without its progress."""
    incoming, outgoing = BytesIO(), BytesIO()
    for request in requests:
        send(incoming, request)
    incoming.seek(0)
    serve(worker, incoming, outgoing)
    outgoing.seek(0)
    messages = iter(lambda: receive(outgoing), None)
    return [message for message in messages if "doing" not in message.header]


def request(cache: Path, do: str, arrays: dict[str, Array] | None = None, **fields: Any) -> Message:
    cloud = {
        "key": "a map",
        "dataset": "digits",
        "digest": fields.pop("digest", ""),
        "data_root": str(cache),
        "cache_root": str(cache),
        "features": "pixels",
        "map": "pca",
        "spec": NetworkSpec(width=8, depth=2).model_dump(mode="json"),
    }
    return Message({"do": do, "cloud": cloud, **fields}, arrays or {})


def test_sets_are_projected_onto_the_map_measured_and_mapped_jointly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dmcore.feature_space.projection_worker.lower_priority", lambda: None)
    pixels = {"a set/pixels": np.zeros((10, 2, 1, 8, 8), np.float32)}
    cloud, placed, without, fresh, images, joint = answers_of(
        ProjectionWorker(),
        request(tmp_path, "cloud"),
        request(tmp_path, "place", pixels, sets=["a set"], measure=True, iteration=3),
        request(tmp_path, "place", pixels, sets=["a set"], measure=False),
        request(tmp_path, "fresh", images_per_class=2),
        request(tmp_path, "thumbs"),
        request(tmp_path, "joint", pixels, sets=["a set"], fresh={"random": 1}),
    )
    real = len(cloud.arrays["positions"])
    assert all(message.header["answer"] for message in (cloud, placed, without, fresh, images, joint))
    assert len({message.header["map_key"] for message in (cloud, placed, fresh, images, joint)}) == 1
    assert placed.header["iteration"] == 3
    assert placed.arrays["a set/place"].shape == (20, 2)
    assert {metric["name"] for metric in placed.header["measures"]["a set"]} >= {"coverage", "outliers"}
    assert "measures" not in without.header
    assert fresh.arrays["pictures"].shape == (20, 1, 8, 8)
    assert images.arrays["pictures"].shape == (real, 1, 8, 8)
    assert joint.arrays["positions"].shape == (real, 2)
    assert {name: len(array) for name, array in joint.arrays.items() if name.endswith("/place")} == {
        "a set/place": 20,
        "random/place": 10,
    }


def test_a_request_about_other_images_is_refused_and_the_next_is_answered(tmp_path: Path) -> None:
    refusal, answer = answers_of(
        ProjectionWorker(), request(tmp_path, "cloud", digest="of others"), request(tmp_path, "cloud")
    )
    assert "digits has other training images now" in refusal.header["error"]
    assert refusal.header["kind"] == "ValueError"
    assert answer.header["answer"]
