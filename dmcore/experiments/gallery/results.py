"""Search for the evaluations of a run that were made by the protocols of its entry."""

from pathlib import Path

from dmcore.config import EvaluateConfig
from dmcore.experiments.gallery.entries import GalleryRun
from dmcore.runs.description import ResultKind, StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.stored_result import read_result


def find_result(
    run: RunFolder,
    set_name: str,
    kind: ResultKind,
    protocol: EvaluateConfig,
    at: int | None = None,
) -> StoredResult | None:
    """Evaluation of the images of a set by a protocol, with all its networks; None without one.

    Images are those of iteration `at`; left open, the final ones.

    Operations of augmentation are not compared: a stored protocol names those that were left open.
    """
    last = run.config.iterations if run.config is not None and kind == "condensed" else 0
    iteration = last if at is None else at
    chosen = protocol.model_dump(exclude={"augment"})
    for result in run.results():
        place = result.set, result.kind, result.iteration
        is_same = result.protocol.model_dump(exclude={"augment"}) == chosen
        if place == (set_name, kind, iteration) and is_same and result.n == protocol.repeats:
            return result
    return None


def protocol_results(entry: GalleryRun, run: RunFolder) -> list[Path]:
    """Files of the evaluations that an entry asks for, one for each; others are left out.

    Raises:
        DamagedFileError: a file is damaged.
    """
    files = {file: read_result(file, run.description.id) for file in run.result_files()}
    kept = []
    for name in run.set_names:
        for evaluation in entry.evaluations:
            wanted = find_result(run, name, *evaluation)
            kept += [file for file, result in files.items() if result == wanted][:1]
    return kept
