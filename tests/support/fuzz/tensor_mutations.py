"""Mutations of the tensors of a snapshot or a checkpoint; the rest of the file is written as it was."""

from collections.abc import Callable

import numpy as np
import safetensors.numpy
from safetensors import safe_open

from support.fuzz.file_mutations import Damage, Mutation
from support.fuzz.text_mutations import HUGE


def _in_tensors(change: Callable[[Damage, dict[str, np.ndarray], dict[str, str]], str | None]) -> Mutation:
    """Mutation of the tensors of a safetensors file, or of its metadata; the rest is written as it was."""

    def mutate(damage: Damage) -> str | None:
        with safe_open(damage.file, framework="numpy") as opened:
            metadata = dict(opened.metadata() or {})
            tensors = {key: opened.get_tensor(key) for key in opened.keys()}  # noqa: SIM118
        done = change(damage, tensors, metadata)
        contiguous = {key: np.ascontiguousarray(tensor) for key, tensor in tensors.items()}
        damage.file.write_bytes(safetensors.numpy.save(contiguous, metadata=metadata))
        return done

    mutate.__name__ = change.__name__
    return mutate


def change_a_number(damage: Damage, tensors: dict[str, np.ndarray], _metadata: dict[str, str]) -> str:
    key = damage.random.choice(sorted(tensors))
    value = damage.random.choice((np.nan, np.inf, -np.inf, 0.125, 1e4))
    tensors[key] = tensors[key].copy()
    tensors[key].flat[damage.random.randrange(max(1, tensors[key].size))] = value
    return f"{value} in {key}"


def another_shape(damage: Damage, tensors: dict[str, np.ndarray], _metadata: dict[str, str]) -> str:
    key = damage.random.choice(sorted(tensors))
    old = tensors[key]
    changes = (old[:-1], old[None], old.reshape(-1), old.swapaxes(0, -1), old[:0], np.concatenate([old, old]))
    tensors[key] = damage.random.choice(changes)
    return f"{key} of shape {tensors[key].shape} instead of {old.shape}"


def another_type(damage: Damage, tensors: dict[str, np.ndarray], _metadata: dict[str, str]) -> str:
    key = damage.random.choice(sorted(tensors))
    kind = damage.random.choice((np.float64, np.int8, np.uint8, np.bool_))
    with np.errstate(invalid="ignore"):
        tensors[key] = tensors[key].astype(kind)
    return f"{key} as {kind.__name__}"


def drop_a_tensor(damage: Damage, tensors: dict[str, np.ndarray], _metadata: dict[str, str]) -> str:
    key = damage.random.choice(sorted(tensors))
    del tensors[key]
    return f"{key} dropped"


def add_a_tensor(_damage: Damage, tensors: dict[str, np.ndarray], _metadata: dict[str, str]) -> str:
    tensors["unknown"] = np.zeros(3, np.float32)
    return "an unknown tensor"


def exchange_tensors(damage: Damage, tensors: dict[str, np.ndarray], _metadata: dict[str, str]) -> str | None:
    if len(tensors) < 2:
        return None
    a, b = damage.random.sample(sorted(tensors), 2)
    tensors[a], tensors[b] = tensors[b], tensors[a]
    return f"{a} and {b} exchanged"


def another_iteration(
    damage: Damage, _tensors: dict[str, np.ndarray], metadata: dict[str, str]
) -> str | None:
    if "iteration" not in metadata:
        return None
    metadata["iteration"] = damage.random.choice(("1", "-5", "text", HUGE, "", "NaN", "999"))
    return f"iteration {metadata['iteration'][:20]!r} in the metadata"


TENSOR_MUTATIONS = tuple(
    map(
        _in_tensors,
        (
            *(change_a_number, change_a_number, another_shape, another_shape, another_type),
            *(drop_a_tensor, add_a_tensor, exchange_tensors, another_iteration),
        ),
    )
)
