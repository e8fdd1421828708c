"""What a table costs here, where that is known without measuring, and what a recorded one took."""

from app.jobs.manager import get_manager
from app.jobs.speeds import record_of
from app.jobs.timings import cost_sentence, data_shape, job_estimate, workers_here
from app.run.provenance import remarks_text
from app.tables.cost import table_estimate
from app.text.provenance import provenance_text
from app.views.paper.evidence import Evidence
from app.views.paper.strip import data_title
from dmcore.execution.cost import Estimate
from dmcore.experiments.results import Results
from dmcore.experiments.table import Table
from dmcore.experiments.table_cost import table_cost


def known_estimate(table: Table) -> Estimate | None:
    """Cost of a whole table at this machine's recorded speeds; None where one of them is still unknown."""
    data, manager = data_shape(table.dataset), get_manager.existing()
    if data is None or manager is None or manager.device is None:
        return None
    cost = table_cost(Results(table=table, cell_results={}), data, workers_here())
    if not record_of(manager.device[0]).covers(cost.workload):
        return None
    return job_estimate(cost.workload, 0, cost.cells).value


def recorded_text(evidence: Evidence) -> str:
    """Where, when and how long a recorded table was computed; empty where it is one's own."""
    provenance = evidence.provenance
    if provenance is None:
        return ""
    facts = provenance_text(provenance)
    what = f"{data_title(evidence.table.dataset)}: {facts[:1].lower()}{facts[1:]}."
    return f"{what} {remarks_text(provenance)}".strip()


def cost_here(table: Table) -> str:
    """Sentence on the cost of a whole table here; measures what is not known yet."""
    return cost_sentence(table_estimate(Results(table=table, cell_results={})))
