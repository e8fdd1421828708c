"""Reading of a stored evaluation (`results/*.json`): verified, and that it is of the run it lies in."""

from pathlib import Path

from dmcore.files.checked_json import DamagedFileError, read_record
from dmcore.runs.description import StoredResult

_COST = "this evaluation is left out"


def read_result(file: Path, run_id: str) -> StoredResult:
    """Read a stored evaluation of a run.

    Args:
        file: in the folder `results` of the run.
        run_id: its id (`RunDescription.id`).

    Raises:
        FileNotFoundError: there is no such file.
        DamagedFileError: it is damaged, or of another run.
    """
    result = read_record(StoredResult, file, f"{_COST}: delete the file and evaluate again")
    if result.run not in ("", run_id):
        remedy = f"{_COST}: move the file back to that run, or delete it"
        raise DamagedFileError(file, f"it is of another run, {result.run} instead of {run_id}", remedy)
    return result
