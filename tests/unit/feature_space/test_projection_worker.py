"""Projection worker: requests and answers as messages on two streams."""

import os
import signal
import subprocess
import sys
from io import BufferedIOBase, BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dmcore.config import NetworkSpec
from dmcore.data.load import load_dataset
from dmcore.feature_space.projection_process import serve
from dmcore.feature_space.projection_worker import ProjectionWorker
from dmcore.files.messages import Array, Message, receive, send


def answers_of(worker: ProjectionWorker, *requests: Message) -> list[Message]:
    """What the worker answers to these requests, without its progress."""
    incoming, outgoing = BytesIO(), BytesIO()
    for request in requests:
        send(incoming, request)
    incoming.seek(0)
    serve(lambda: worker.answer, incoming, outgoing)
    outgoing.seek(0)
    messages = iter(lambda: receive(outgoing), None)
    return [message for message in messages if "doing" not in message.header]


def request(cache: Path, do: str, arrays: dict[str, Array] | None = None, **fields: Any) -> Message:
    cloud = {
        "key": "a map",
        "dataset": fields.pop("dataset", "digits"),
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
    monkeypatch.setattr("dmcore.feature_space.projection_process.lower_priority", lambda: None)
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


def test_a_folder_that_changed_is_read_again_for_a_request_about_its_new_images(tmp_path: Path) -> None:
    def write_images(count: int) -> str:
        """Write images of two classes and return the digest of the folder's training images."""
        for name in ("dark", "light"):
            (folder / name).mkdir(parents=True, exist_ok=True)
            for number in range(count):
                pixels = np.random.default_rng(number).integers(0, 256, (8, 8), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / name / f"{number}.png")
        return load_dataset(str(folder)).train_digest

    folder, worker, counts = tmp_path / "pictures", ProjectionWorker(), []
    for count in (10, 20):
        digest = write_images(count)
        asked = request(tmp_path, "cloud", dataset=str(folder), digest=digest)
        asked.header["cloud"]["key"] = digest
        (answer,) = answers_of(worker, asked)
        counts.append(answer.header["count"])
    assert counts == [16, 32]


def test_classes_are_in_the_order_of_the_run(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    for name in ("1", "2", "10"):
        (folder / name).mkdir(parents=True)
        for number in range(10):
            pixels = np.random.default_rng(number + int(name)).integers(0, 256, (8, 8), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    stored = ("1", "10", "2")
    digest = load_dataset(str(folder), class_names=stored).train_digest
    asked = request(tmp_path, "cloud", dataset=str(folder), digest=digest)
    asked.header["cloud"]["class_names"] = stored
    (answer,) = answers_of(ProjectionWorker(), asked)
    assert answer.header.get("count") == 24


def started(folder: Path, torch: str) -> "subprocess.Popen[bytes]":
    """Start the process with such a module instead of torch, and send it a request."""
    (folder / "torch.py").write_text(torch)
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "dmcore.feature_space.projection_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert isinstance(process.stdin, BufferedIOBase)
    send(process.stdin, request(folder, "cloud"))
    return process


def test_an_import_that_fails_is_answered_and_what_it_prints_is_not_among_the_answers(tmp_path: Path) -> None:
    process = started(tmp_path, "print('hello')\nraise ImportError('no such library')\n")
    out, err = process.communicate(timeout=60)
    answer = receive(BytesIO(out))
    assert answer is not None
    assert answer.header["error"].startswith("the map could not be computed (no such library): try again")
    assert b"hello" in err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
def test_ctrl_c_during_the_imports_does_not_end_it(tmp_path: Path) -> None:
    imports = "import sys, time\nprint('importing', file=sys.stderr, flush=True)\ntime.sleep(0.5)\n1 / 0\n"
    process = started(tmp_path, imports)
    assert process.stderr is not None
    assert process.stderr.readline() == b"importing\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert b"KeyboardInterrupt" not in err
    answer = receive(BytesIO(out))
    assert answer is not None
    assert "division by zero" in answer.header["error"]


def test_importing_the_process_loads_neither_torch_nor_the_worker() -> None:
    code = "import dmcore.feature_space.projection_process, sys; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"torch", "dmcore.feature_space.projection_worker"} & set(modules.split())
