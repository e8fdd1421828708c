"""Cost of a table before it is run, and a table that fits a given time."""

from collections.abc import Mapping
from functools import partial

import streamlit as st

from app.answers.question import Look
from app.components.query_params import set_bound_widget
from app.data.folders import cache_root, runs_root
from app.jobs.timings import (
    TIMES,
    cost_sentence,
    data_shape,
    job_estimate,
    job_speeds,
    measured_speeds,
    workers_here,
)
from app.tables.state import TableState
from app.text.escaping import plain_text
from dmcore.config.formatting import sentence
from dmcore.embedding.pool_request import PoolRequest
from dmcore.execution.cost import DataShape, Estimate, pool_workload
from dmcore.experiments.presets import DataFacts
from dmcore.experiments.results import Results, read_results, stored_results, with_shared_cells
from dmcore.experiments.table import Table
from dmcore.experiments.table_config import TableConfig
from dmcore.experiments.table_cost import table_cost, table_within
from dmcore.runs.runs_root import list_runs


def table_estimate(results: Results) -> Look[Estimate]:
    """Look at the cost of what is left of a table; not known where its data set was never read."""
    data = _data_of(results.table.dataset)
    if data is None:
        return Look()
    cost = table_cost(results, data, workers_here())
    return job_estimate(cost.workload, cost.present, cost.cells)


def show_table_cost(state: TableState) -> None:
    """What running a table costs, beside its button; nothing while it runs, or when nothing is left."""
    if state.running_elsewhere or (state.job is not None and state.job.pending):
        return
    if text := cost_sentence(table_estimate(state.results)):
        st.caption(text)


def show_pool_cost(request: PoolRequest, networks: int) -> None:
    """What training the networks costs that a pool lacks; `networks`: those that it has."""
    data = _data_of(request.dataset)
    if data is None:
        return
    workload = pool_workload(request.config, request.networks - networks, data, workers_here())
    if text := cost_sentence(job_estimate(workload, networks, request.networks, "network")):
        st.caption(text)


def settle_time_choice(key: str) -> None:
    """Choose the sizes for a time that was given before the speed was known; before they are drawn."""
    if (settle := st.session_state.get(f"{key}_waiting")) is not None:
        settle()


def show_time_choice(key: str, config: TableConfig, facts: DataFacts, widgets: Mapping[str, str]) -> None:
    """Draw the choice of a time that the table is to fit into; its sizes are put into their widgets.

    Args:
        key: of the widget.
        config: the table, its sizes as they are chosen now.
        facts: its data set.
        widgets: keys of the widgets of the sizes that may be chosen, by the field of the configuration.
    """
    state, data = st.session_state, _data_of(facts.name)
    if data is None:
        return
    open_fields = {name: type(config).model_fields[name].default for name in widgets}
    whole = config.model_copy(update=open_fields)
    workload = table_cost(_empty(whole.table(facts, cache_root())), data, workers_here()).workload
    look = job_speeds(workload)
    label, fitted, why = state.get(f"{key}_chosen", ("", None, ""))
    is_fitted = fitted == (whole, _sizes(config, facts, widgets))  # also of this table, not only as large
    state[key] = (label or None) if is_fitted else None
    if not is_fitted:
        state.pop(f"{key}_waiting", None)

    def choose(time: str) -> None:
        now, fitted = job_speeds(workload), (whole, _sizes(config, facts, widgets))
        if now.pending:
            why = f"Sizes for {time} are chosen as soon as the speed of this machine is measured."
            state[f"{key}_chosen"], state[f"{key}_waiting"] = (time, fitted, why), partial(choose, time)
            return
        state.pop(f"{key}_waiting", None)
        try:
            speeds = measured_speeds(now)
        except ValueError as refusal:
            state[f"{key}_chosen"] = ("", fitted, sentence(str(refusal)))
            return
        others = stored_results(runs_root(), whole.name)

        def seconds_of(table: Table) -> float:
            results = with_shared_cells(read_results(runs_root(), table), others)
            return speeds.estimate(table_cost(results, data, workers_here()).workload).seconds

        chosen, why = table_within(whole, facts, TIMES[time], seconds_of, cache_root(), fields=tuple(widgets))
        sizes = _sizes(chosen, facts, widgets)
        state[f"{key}_chosen"] = (time, (whole, sizes), why)
        for name, value in sizes.items():
            values = list(value) if isinstance(value, tuple) else [value]
            shown = values if isinstance(value, tuple) else value
            set_bound_widget(widgets[name], shown, [str(each) for each in values])

    def apply() -> None:
        if (time := state[key]) is not None:
            choose(time)

    st.segmented_control(
        "I have",
        list(TIMES),
        key=key,
        on_change=apply,
        disabled=look.failure is not None,
        help="Chooses how many networks and sets, and how long they are trained, for this time here.",
    )
    if is_fitted:
        st.caption(plain_text(why))


def _sizes(config: TableConfig, facts: DataFacts, names: Mapping[str, str]) -> dict[str, object]:
    filled = config.resolved(facts, cache_root())
    return {name: getattr(filled, name) for name in names}


def _empty(table: Table) -> Results:
    return Results(table=table, cell_results={})


def _data_of(dataset: str) -> DataShape | None:
    """What the cost depends on of a data set: from the catalogue, else from the newest run that has it."""
    known = data_shape(dataset)
    if known is not None:
        return known
    described = (run.description.data for run in list_runs(runs_root()))
    return next((data.data_shape for data in described if data.name == dataset and data.train_count), None)
