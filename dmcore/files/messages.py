"""Binary messages between a process and its worker: a JSON header and named arrays.

Serialised as safetensors and not as pickle: what comes through a pipe is data, never code.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BufferedIOBase
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors.numpy
from safetensors import SafetensorError

Array = npt.NDArray[Any]
_NONE = "nothing"
"""safetensors refuses a file without tensors."""


@dataclass(frozen=True)
class Message:
    """A JSON header with named arrays."""

    header: Mapping[str, Any]
    arrays: Mapping[str, Array] = field(default_factory=dict)


def pack_message(message: Message) -> bytes:
    """Serialise a message as safetensors, with the header in the metadata."""
    arrays = {name: np.ascontiguousarray(array) for name, array in message.arrays.items()}
    return safetensors.numpy.save(arrays or {_NONE: np.zeros(1)}, {"said": json.dumps(message.header)})


def unpack_message(content: bytes) -> Message:
    """Deserialise a message.

    Raises:
        ValueError: these bytes are no message.
    """
    try:
        (length,) = struct.unpack("<Q", content[:8])
        header = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["said"])
        arrays = safetensors.numpy.load(content)
    except (struct.error, KeyError, TypeError, SafetensorError) as damage:
        raise ValueError(f"these {len(content)} bytes are no message ({damage})") from damage
    return Message(header, {name: array for name, array in arrays.items() if name != _NONE})


def send(stream: BufferedIOBase, message: Message) -> None:
    """Write a message to a stream: [u64 length][packed message]."""
    content = pack_message(message)
    stream.write(struct.pack("<Q", len(content)))
    stream.write(content)
    stream.flush()


def receive(stream: BufferedIOBase) -> Message | None:
    """Read a message from a stream; None where the other side has ended."""
    prefix = stream.read(8)
    if len(prefix) < 8:
        return None
    (length,) = struct.unpack("<Q", prefix)
    content = stream.read(length)
    return unpack_message(content) if len(content) == length else None
