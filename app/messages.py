"""Messages between this server and its placing process: a JSON value and named arrays, in one run of bytes.

safetensors and not pickle: what comes through a pipe is data. Must not know what is said.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import safetensors.numpy

Array = npt.NDArray[Any]
_NONE = "nothing"
"""safetensors refuses a file without tensors."""


@dataclass(frozen=True)
class Message:
    """What is said, and the arrays that go with it."""

    said: Mapping[str, Any]
    arrays: Mapping[str, Array] = field(default_factory=dict)


def send(stream: BinaryIO, message: Message) -> None:
    """Write one message: [u64 length][safetensors with the JSON value in its metadata]."""
    arrays = {name: np.ascontiguousarray(one) for name, one in message.arrays.items()}
    content = safetensors.numpy.save(arrays or {_NONE: np.zeros(1)}, {"said": json.dumps(message.said)})
    stream.write(struct.pack("<Q", len(content)))
    stream.write(content)
    stream.flush()


def receive(stream: BinaryIO) -> Message | None:
    """Read one message; None where the other side has ended."""
    head = stream.read(8)
    if len(head) < 8:
        return None
    (length,) = struct.unpack("<Q", head)
    content = stream.read(length)
    if len(content) < length:
        return None
    (metadata_length,) = struct.unpack("<Q", content[:8])
    metadata = json.loads(content[8 : 8 + metadata_length])["__metadata__"]
    arrays = {name: one for name, one in safetensors.numpy.load(content).items() if name != _NONE}
    return Message(json.loads(metadata["said"]), arrays)
