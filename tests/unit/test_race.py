"""Several sets in one run (a race): each is what a run with that set alone would have learned."""

import pytest
import torch

from dmcore.config import CondenseConfig, SetChange
from dmcore.data.load import load_dataset
from dmcore.execution.plan import Plan, make_plan
from dmcore.matching import condense

BASE = CondenseConfig(dataset="digits", images_per_class=1, width=8, depth=2, real_batch=8, iterations=60)
LANES = (
    SetChange(init="real"),
    SetChange(init="noise"),
    SetChange(image_lr=5.0, momentum=0.0),
    SetChange(images_per_class=10),
)


def learned(config: CondenseConfig, plan: Plan) -> dict[str, torch.Tensor]:
    step = None
    for step in condense(load_dataset("digits"), config, plan=plan):  # noqa: B007 - the last one counts
        pass
    assert step is not None
    return {synthetic.name: synthetic.pixels.clone() for synthetic in step.sets}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(BASE, (1, 8, 8), 10, "cpu")


@pytest.mark.slow
def test_each_set_equals_the_single_run_with_its_seed(plan: Plan, capsys: pytest.CaptureFixture) -> None:
    apart = plan.model_copy(update={"sets_together": False})
    race = learned(BASE.model_copy(update={"sets": LANES}), plan)
    in_turn = learned(BASE.model_copy(update={"sets": LANES}), apart)
    differences = []
    for change, name in zip(LANES, race, strict=True):
        (alone,) = learned(BASE.model_copy(update={"sets": (change,)}), apart).values()
        difference = float((race[name] - alone).abs().max())
        differences.append(f"{name} {difference:.1e}")
        assert difference < 3e-5
        assert torch.equal(in_turn[name], alone)  # one execution plan: bit for bit
    with capsys.disabled():
        print(f"\nsets against single runs after 60 iterations, largest difference: {', '.join(differences)}")
