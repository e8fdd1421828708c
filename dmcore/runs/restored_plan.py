"""Execution plan of a run that is continued: the stored one, or one for this machine with a note."""

from collections.abc import Mapping
from typing import Any

import torch
from pydantic import ValidationError

from dmcore.condensation import make_plan
from dmcore.config import PRECISIONS, CondenseConfig, MethodConfig
from dmcore.data.images import DataSet
from dmcore.execution import fused_network, fused_training
from dmcore.execution.plan import Plan, choose_device
from dmcore.runs.folder import RunFolder

_WITHOUT_EFFECT = ("device_reason", "workers")
"""Fields of a plan that change no result of distribution matching."""
_PIECES_BY_WORKERS = ("device_reason",)
"""The same of gradient matching, whose networks are trained in pieces, one for each worker."""
_OTHER_COMPUTATION = "networks are computed another way now"


def restore_plan(run: RunFolder, dataset: DataSet, requested: Plan | None) -> tuple[Plan, list[str]]:
    """Stored execution plan where this machine can honour it, else another plan and a note of the changes."""
    assert run.config is not None
    reason, before = "requested", run.description.plan or {}
    of_dm = isinstance(run.config, CondenseConfig)
    version = fused_network.VERSION if of_dm else fused_training.VERSION
    try:
        stored = Plan.model_validate(run.description.plan)
        before = stored.model_dump(mode="json")  # what an older version did not write has its old default
        if requested is None:
            reason = _refusal(stored, version)
    except ValidationError:
        if requested is None:
            reason = "the stored one is of another version"
    if requested is not None:
        chosen = requested
    elif reason == _OTHER_COMPUTATION:  # all other fields stay as chosen
        chosen = stored.model_copy(update={"quick": version})
    elif reason:
        chosen = _similar_plan(before, run.config, dataset)
    else:
        chosen = stored
    without_effect = _WITHOUT_EFFECT if of_dm else _PIECES_BY_WORKERS
    after = chosen.model_dump(mode="json")
    changes = [
        f"{name.replace('_', ' ')} {after[name]} instead of {before.get(name, 'unknown')}"
        for name in after
        if name not in without_effect and after[name] != before.get(name)
    ]
    if not changes:
        return chosen, []
    return chosen, [
        f"the execution plan changed ({reason}): {', '.join(changes)}; "
        "from here on equal to an unbroken run only within rounding"
    ]


def _similar_plan(before: Mapping[str, Any], config: MethodConfig, dataset: DataSet) -> Plan:
    """Plan for this machine, with the earlier precision where it can honour it."""
    shape, classes = dataset.shape, len(dataset.class_names)
    precision = before.get("precision")
    if precision in PRECISIONS:
        try:
            return make_plan(config, shape, classes, precision=precision)
        except ValueError:  # a precision of another device: the note names the change
            pass
    return make_plan(config, shape, classes)


def _refusal(plan: Plan, version: int) -> str:
    """Reason why this machine cannot honour a plan, with this version of the fast path; empty when it can."""
    if plan.torch_version != str(torch.__version__):
        return f"this is torch {torch.__version__}"
    try:
        choose_device(plan.device)
    except ValueError as refusal:
        return str(refusal).partition(":")[0]
    return "" if plan.quick in (0, version) else _OTHER_COMPUTATION
