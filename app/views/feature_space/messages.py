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
from safetensors import SafetensorError

Array = npt.NDArray[Any]
_NONE = "nothing"
"""safetensors refuses a file without tensors."""


@dataclass(frozen=True)
class Message:
    """What is said, and the arrays that go with it."""

    said: Mapping[str, Any]
    arrays: Mapping[str, Array] = field(default_factory=dict)


def message_bytes(message: Message) -> int:
    """About how much of the memory it takes."""
    return sum(one.nbytes for one in message.arrays.values()) + 4 * len(json.dumps(message.said))


def pack_message(message: Message) -> bytes:
    """The message as safetensors, with the JSON value in their metadata."""
    arrays = {name: np.ascontiguousarray(one) for name, one in message.arrays.items()}
    return safetensors.numpy.save(arrays or {_NONE: np.zeros(1)}, {"said": json.dumps(message.said)})


def unpack_message(content: bytes) -> Message:
    """The message in such bytes.

    Raises:
        ValueError: these bytes are no message.
    """
    try:
        (length,) = struct.unpack("<Q", content[:8])
        said = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["said"])
        arrays = safetensors.numpy.load(content)
    except (struct.error, KeyError, TypeError, SafetensorError) as damage:
        raise ValueError(f"these {len(content)} bytes are no message ({damage})") from damage
    return Message(said, {name: one for name, one in arrays.items() if name != _NONE})


def send(stream: BinaryIO, message: Message) -> None:
    """Write one message: [u64 length][packed message]."""
    content = pack_message(message)
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
    return unpack_message(content) if len(content) == length else None
