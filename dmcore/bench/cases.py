"""Benchmark cases by name: shape of the images and configuration of the condensation."""

from typing import Any

from dmcore.config import METHODS, CondenseConfig, FrozenModel, Method, Precision
from dmcore.config.gradient_matching import PUBLISHED_LOOPS
from dmcore.config.methods import MethodConfig


class Case(FrozenModel):
    """Benchmark case: random images of a shape, and the condensation that is timed on them."""

    name: str
    """Name on the command line and in tables."""
    shape: tuple[int, int, int]
    """Channels, height and width of the images."""
    config: MethodConfig
    """Configuration of the condensation."""
    classes: int = 10
    """Classes of the data set."""
    device: str = "auto"
    """Where to compute, as `make_plan` takes it."""
    threads: int | None = None
    """Processor cores to use; if None, all that the process may use."""
    precision: Precision = "float32"
    """Precision of our convolutions; the reference always computes in float32."""

    short: bool = False
    """Whether one iteration takes no longer than waking up a process."""

    @property
    def unit(self) -> str:
        """What is timed: an iteration, or where gradient matching trains its network a part of one."""
        return "a matching step with its training" if self.trained_images else "an iteration"

    @property
    def real_images(self) -> int:
        """Real images in one unit."""
        return self.classes * self.config.real_batch

    @property
    def synthetic_images(self) -> int:
        """Synthetic images, of all sets."""
        return self.classes * sum(spec.images_per_class for spec in self.config.all_sets())

    @property
    def trained_images(self) -> int:
        """Images that gradient matching trains its network on in one unit, each as often as it is taken."""
        if isinstance(self.config, CondenseConfig) or self.config.loops.outer == 1:
            return 0
        return self.synthetic_images * self.config.loops.inner

    @property
    def real_passes(self) -> int:
        """Forward passes of an image that the real side counts as; a gradient of the network is two more."""
        return self.real_images * (1 if isinstance(self.config, CondenseConfig) else 3)

    @property
    def other_passes(self) -> int:
        """Forward passes of an image that matching and training count as.

        The gradient of the pixels is one more; in gradient matching, through another gradient, six more.
        """
        matched = self.synthetic_images * (2 if isinstance(self.config, CondenseConfig) else 7)
        return matched + 3 * self.trained_images

    @property
    def replays(self) -> bool:
        """Whether real sides are used again."""
        return isinstance(self.config, CondenseConfig) and self.config.replay

    @property
    def fresh_every(self) -> int:
        """Iterations that share one fresh real side."""
        return self.config.replay_every if isinstance(self.config, CondenseConfig) and self.replays else 1

    @property
    def steps(self) -> int:
        """Units timed in one round."""
        return SHORT_CASE_STEPS if self.short else self.fresh_every


SHORT_CASE_STEPS = 20
"""Iterations of a short case in one round."""
ENDLESS = 10**6
"""Matching steps of an iteration that is never completed."""


def _case(
    name: str, shape: tuple[int, int, int], short: bool = False, method: Method = "dm", **changes: Any
) -> Case:
    """Case at a small learning rate: at rate 1 one ReLU flipped by rounding makes the losses diverge."""
    changes = {"iterations": 10**9, "image_lr": 0.01, **changes}
    return Case(name=name, shape=shape, config=METHODS[method](**changes), short=short)


def _gradient_case(
    name: str,
    method: Method,
    images_per_class: int,
    shape: tuple[int, int, int] = (3, 32, 32),
    **changes: Any,
) -> Case:
    """Case of gradient matching with its published loops.

    An iteration that trains its network takes minutes: a unit is the training between two matching steps and
    the second of these. The first matching step, without a training, is in the round that does not count.
    """
    outer, inner = PUBLISHED_LOOPS[images_per_class]
    loops: dict[str, Any] = {"outer_steps": ENDLESS if outer > 1 else outer, "inner_epochs": inner}
    return _case(name, shape, method=method, images_per_class=images_per_class, **loops, **changes)


CASES: dict[str, Case] = {
    case.name: case
    for case in (
        _case("digits", (1, 8, 8), short=True, width=32, real_batch=64, images_per_class=1),
        _case("grey-32", (1, 28, 28), width=32),
        _case("grey-128", (1, 28, 28)),
        _case("colour-1", (3, 32, 32), images_per_class=1),
        _case("colour-10", (3, 32, 32)),
        _case("colour-50", (3, 32, 32), images_per_class=50),
        _case("colour-10-replay", (3, 32, 32), replay=True),
        _case("batch-1", (3, 32, 32), images_per_class=1, norm="batch"),
        _case("batch-10", (3, 32, 32), norm="batch"),
        _case("batch-50", (3, 32, 32), images_per_class=50, norm="batch"),
        _case("large", (3, 64, 64), depth=4),
        _gradient_case("dc-1", "dc", 1),
        _gradient_case("dc-10", "dc", 10),
        _gradient_case("dc-50", "dc", 50),
        _gradient_case("dsa-digits", "dsa", 10, (1, 8, 8), width=32, real_batch=64),
        _gradient_case("dsa-1", "dsa", 1),
        _gradient_case("dsa-10", "dsa", 10),
        _gradient_case("dsa-50", "dsa", 50),
    )
}
"""All have ten classes; 256 real images and 10 per class, width 128, unless the name says otherwise."""

GROUPS: dict[str, tuple[str, ...]] = {
    "all": tuple(CASES),
    **{method: tuple(name for name in CASES if CASES[name].config.method == method) for method in METHODS},
}
"""Names of several cases."""
