"""Benchmark cases by name: shape of the images and configuration of the condensation."""

from dmcore.config import CondenseConfig, FrozenModel, Precision


class Case(FrozenModel):
    """Benchmark case: random images of a shape, and the condensation that is timed on them."""

    name: str
    """Name on the command line and in tables."""
    shape: tuple[int, int, int]
    """Channels, height and width of the images."""
    config: CondenseConfig
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
    def real_images(self) -> int:
        """Real images in one iteration."""
        return self.classes * self.config.real_batch

    @property
    def synthetic_images(self) -> int:
        """Synthetic images, of all sets."""
        return self.classes * sum(spec.images_per_class for spec in self.config.all_sets())

    @property
    def fresh_every(self) -> int:
        """Iterations that share one fresh real side."""
        return self.config.replay_every if self.config.replay else 1

    @property
    def steps(self) -> int:
        """Iterations timed in one round."""
        return SHORT_CASE_STEPS if self.short else self.fresh_every


SHORT_CASE_STEPS = 20
"""Iterations of a short case in one round."""


def _case(name: str, shape: tuple[int, int, int], short: bool = False, **changes: object) -> Case:
    """Case at a small learning rate: at rate 1 one ReLU flipped by rounding makes the losses diverge."""
    changes = {"iterations": 10**9, "image_lr": 0.01, **changes}
    return Case(name=name, shape=shape, config=CondenseConfig(**changes), short=short)


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
    )
}
"""All have ten classes; 256 real images and 10 per class, width 128, unless the name says otherwise."""
