"""Execution plan of a run on this machine: device, threads, memory format, sizes of micro-batches.

On a CPU results are bit-equal under one plan (other plans agree to float32 rounding, 1e-4), so it is stored
with the run and restored on resume, never tuned during a run. On a GPU the gradient of a rotation or scaling
is summed in any order (atomics), so there even a repetition agrees only to rounding.
"""

import math
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
from jaxtyping import Float
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from dmcore.augment import Color, Rotate
from dmcore.config import CondenseConfig, Precision
from dmcore.execution.activation_memory import ActivationBytes, activation_bytes
from dmcore.execution.allocator import retain_freed_memory
from dmcore.execution.cudnn_flags import deterministic_kernels
from dmcore.execution.fused_network import BLOCK_BYTES, VERSION, fused_features
from dmcore.execution.fused_training import trained_logits
from dmcore.execution.machine import machine_identity, usable_cores
from dmcore.execution.memory_check import free_bytes, refuse_if_too_large
from dmcore.networks import Network, resolved_norm

AnyEvent = TypeVar("AnyEvent")
CACHE_BYTES = 12 * 2**20
"""First-layer activations of a micro-batch on a CPU: what its caches hold (measured at widths 32 and 128).
Half as many for a backward pass: 12 to 16 images of the paper's network instead of 24 save a fifth of it."""
LEAST_BYTES = 2**20
"""Least first-layer activations of a group worth a worker on a CPU: below, call overhead costs more."""
BUDGET_SHARE = 0.5
"""Share of the free memory that one forward pass may take."""
HELD_BYTES = 192 * 2**20
"""Activations that a worker saves for a backward pass on a CPU: 50 images of the paper's network. More memory
would save a larger set the second forward pass of activation checkpointing, a quarter of its time."""
BLOCKS = 32
"""Least number of micro-batches of a block over the real images of an iteration: a small problem takes little
memory. 8×8 digits take a third less than in micro-batches of `BLOCK_BYTES`, and a tenth more time."""
UNLIMITED = 2**31


class Plan(BaseModel):
    """Execution plan of a run; stored with it, so that a resumed run computes the same bits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    device: str = "cpu"
    device_reason: str = "chosen by hand"
    """Why this device, and why not a GPU that is available."""
    workers: int = 1
    """Groups of classes computed in parallel on the CPU; changes no result."""
    threads: int = 1
    """Intra-operation threads on the CPU."""
    torch_version: str = str(torch.__version__)
    channels_last: bool = False
    quick: int = 0
    """Version of the fast path, which decides the rounding; 0 is the network's own computation. Of frozen
    networks it is that of `execution/fused_network.py`, of gradient matching that of `fused_training.py`."""
    block_bytes: int = BLOCK_BYTES
    """Bytes of maps in a micro-batch of a block on the fast path."""
    precision: Precision = "float32"
    """Precision of convolutions; all but float32 is faster where the hardware supports it, and less exact."""
    piece: int = UNLIMITED
    """Most images in a micro-batch of an inference pass."""
    classes_at_once: int = UNLIMITED
    """Most classes in a group; batch norm needs all of them in one."""
    least_images: int = 1
    """Least images in a group, where there are so many: fewer are not worth a worker."""
    sets_together: bool = False
    """Whether synthetic sets share a pass where they fit; batch norm needs each by itself."""
    synthetic_images: int = UNLIMITED
    """Most synthetic images in a backward pass, rounded to whole classes."""
    held_images: int = UNLIMITED
    """Most synthetic images whose activations are saved; a larger class uses activation checkpointing."""
    backward_piece: int = UNLIMITED
    """Images in a micro-batch of activation checkpointing."""

    @property
    def torch_device(self) -> torch.device:
        """`device` as a `torch.device`."""
        return torch.device(self.device)

    @property
    def machine_identity(self) -> str:
        """What decides the last bits of results under this plan; empty on a GPU, where nothing does."""
        if self.device != "cpu":
            return ""
        return machine_identity(self.workers, self.threads, self.torch_version)

    @property
    def memory_format(self) -> torch.memory_format:
        """Memory format of image batches."""
        return torch.channels_last if self.channels_last else torch.contiguous_format

    def embed(
        self, network: Network, images: Float[Tensor, "image channel height width"]
    ) -> Float[Tensor, "image feature"]:
        """Embed images by a frozen network as this plan says: fast path or precision; features in float32."""
        images = images.contiguous(memory_format=self.memory_format)
        if self.quick:
            return fused_features(network, images, self.threads, self.block_bytes)
        half = self.precision == "bfloat16"
        with torch.autocast(self.torch_device.type, torch.bfloat16, enabled=half):
            return network.embed(images).float()

    def logits(
        self, network: nn.Module, images: Float[Tensor, "image channel height width"]
    ) -> Float[Tensor, "image class"]:
        """Logits of a network in training as this plan says; those of the fast path have one derivative."""
        return trained_logits(network, images) if self.quick else network(images)

    def real_classes(self, real_batch: int) -> int:
        """Number of classes whose real images share a pass."""
        return self._classes(real_batch, self.piece)

    def sets_fit(self, images_per_class: Sequence[int]) -> bool:
        """Whether synthetic sets of these sizes share a pass."""
        return self.sets_together and sum(images_per_class) <= self.synthetic_images

    def synthetic_classes(self, images_per_class: int) -> int:
        """Number of classes whose synthetic images, so many of each, share a pass."""
        return self._classes(images_per_class, self.synthetic_images)

    def _classes(self, images_per_class: int, most: int) -> int:
        enough = max(self.classes_at_once, math.ceil(self.least_images / images_per_class))
        return max(1, min(enough, most // images_per_class))

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Context manager that sets torch's process-wide state: threads, precision, deterministic kernels.

        Restored afterwards, so that nothing else is slowed down; only the allocator's setting stays.
        """
        if self.device == "cpu":
            retain_freed_memory()
        before = torch.get_num_threads()
        if before != self.threads:
            torch.set_num_threads(self.threads)
        try:
            with deterministic_kernels(tf32=self.precision == "tf32"):
                yield
        finally:
            if before != self.threads:
                torch.set_num_threads(before)


def make_plan(
    config: CondenseConfig,
    shape: tuple[int, int, int],
    classes: int,
    device: str = "auto",
    threads: int | None = None,
    precision: Precision = "float32",
) -> Plan:
    """Make the execution plan of a run on this machine.

    Args:
        config: the run.
        shape: channels, height, width of its images.
        classes: how many classes its data set has.
        device: `auto`, or a device as torch names it (`cpu`, `cuda`, `cuda:1`, `mps`).
        threads: processor cores to use; None: all that this process may use.
        precision: precision of convolutions; `tf32` needs an NVIDIA GPU.

    Raises:
        ValueError: the device or precision does not work here, or it needs more memory than is free.
    """
    chosen, reason = choose_device(device)
    if precision == "tf32" and chosen.type != "cuda":
        raise ValueError(f"precision tf32 needs an NVIDIA GPU, not {chosen}: use float32 or bfloat16")
    free, per_image = free_bytes(chosen), activation_bytes(config.network_spec(), shape, classes)
    refuse_if_too_large(config, shape, classes, per_image, chosen)
    on_cpu = chosen.type == "cpu"
    workers = min(usable_cores(threads), classes) if on_cpu else 1
    common = {"device": str(chosen), "device_reason": reason, "channels_last": chosen.type != "mps"}
    common["precision"] = precision
    if on_cpu and precision == "float32":
        real_bytes = classes * config.real_batch * per_image.first_layer
        common |= {"quick": VERSION, "block_bytes": min(BLOCK_BYTES, real_bytes // BLOCKS)}
    if resolved_norm(config.network_spec()) == "batch":
        _refuse_large_batch(config, classes, per_image, free * BUDGET_SHARE, "quick" in common)
        return Plan(**common, threads=usable_cores(threads) if on_cpu else 1)
    spare = max(0, free * BUDGET_SHARE - ("quick" in common) * per_image.cached_filters) / workers
    fits = max(1, int(spare / per_image.peak_inference))
    fits_backward = max(1, int(spare / per_image.backward))
    if not on_cpu:
        backward = dict.fromkeys(("synthetic_images", "held_images", "backward_piece"), fits_backward)
        return Plan(**common, piece=fits, sets_together=True, **backward)
    in_cache = max(16, CACHE_BYTES // per_image.first_layer)
    return Plan(
        **common,
        workers=workers,
        piece=min(fits, in_cache),
        classes_at_once=math.ceil(classes / workers),
        least_images=max(1, LEAST_BYTES // per_image.first_layer),
        sets_together=True,
        synthetic_images=min(fits_backward, max(16, in_cache // 2)),
        held_images=min(fits_backward, max(in_cache, HELD_BYTES // per_image.backward)),
        backward_piece=min(fits_backward, max(16, CACHE_BYTES // per_image.peak_inference)),
    )


def evaluation_plan(device: str = "auto", threads: int | None = None) -> Plan:
    """Make the execution plan for training many small networks on this machine.

    Raises:
        ValueError: the requested device does not work here.
    """
    chosen, reason = choose_device(device)
    return Plan(
        device=str(chosen),
        device_reason=reason,
        workers=usable_cores(threads) if chosen.type == "cpu" else 1,
        channels_last=chosen.type in ("cpu", "cuda"),
    )


def choose_device(requested: str = "auto") -> tuple[torch.device, str]:
    """Choose the device, with the reason; `auto` takes a GPU only after a test step worked on it.

    Raises:
        ValueError: the requested device does not work here.
    """
    if requested != "auto":
        try:
            device = torch.device(requested)
        except RuntimeError as error:
            raise ValueError(f"{requested!r} is no device torch knows: use auto, cpu, cuda or mps") from error
        failure = _device_error(device)
        if failure:
            raise ValueError(f"device {requested} does not work here ({failure}): use --device cpu or auto")
        return device, "requested"
    for name, available in (("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available())):
        if available:
            failure = _device_error(torch.device(name))
            if not failure:
                return torch.device(name), f"a step on {name} worked"
            return torch.device(
                "cpu"
            ), f"{name} is available but unused: a test step on it failed ({failure})"
    return torch.device("cpu"), "there is no GPU that torch can use"


def _refuse_large_batch(
    config: CondenseConfig, classes: int, per_image: ActivationBytes, budget: float, quick: bool
) -> None:
    """Refuse batch norm where a pass needs too much memory: real images, or the largest set with gradient."""

    def real(images: int) -> int:
        return (
            per_image.fused_batch(classes * images) if quick else classes * images * per_image.peak_inference
        )

    def synthetic(images: int) -> int:
        return classes * images * per_image.backward

    largest = max(spec.images_per_class for spec in config.all_sets())
    for what, images, need, remedy in (
        ("real", config.real_batch, real, "--real-batch {} fits"),
        ("synthetic", largest, synthetic, "at most {} images per class fit"),
    ):
        if need(images) > budget:
            fits = next((fewer for fewer in range(images - 1, 0, -1) if need(fewer) <= budget), 0)
            raise ValueError(
                f"batch norm passes all {classes} classes x {images} {what} images as one batch, about "
                f"{need(images) / 1e9:.1f} GB of the {budget / 1e9:.1f} GB to spare here: "
                + (remedy.format(fits) if fits else "not even one fits, take a narrower network")
                + ", or take another norm"
            )


def _device_error(device: torch.device) -> str:
    """Error of one augmented test step on a device; empty when it works."""
    try:
        images = torch.zeros(2, 3, 8, 8, device=device, requires_grad=True)
        convolution = nn.Conv2d(3, 4, 3, padding=1, device="meta").to_empty(device=device)
        for parameter in convolution.parameters():
            nn.init.constant_(parameter, 0.1)
        features = nn.functional.group_norm(convolution(Color(0.1, 1.1, 0.9)(Rotate(5.0)(images))), 4)
        (gradient,) = torch.autograd.grad(features.square().sum(), images)
        if not bool(torch.isfinite(gradient).all()):
            return "the gradient is not finite"
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        return str(error).splitlines()[0][:200]
    return ""


def events_under_plan(plan: Plan, events: Iterator[AnyEvent]) -> Generator[AnyEvent, None, Any]:
    """Run a generator with the plan's torch settings applied while it computes, not between its events."""
    while True:
        with plan.applied():
            try:
                event = next(events)
            except StopIteration as end:
                return end.value
        yield event
