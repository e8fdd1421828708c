"""Summary of a run's evaluations: table of accuracies, what was tested elsewhere, the protocols.

Test accuracy of networks trained on the condensed images, on as many random real ones, and on all real ones
(section 4.1). Every number says how it was obtained: mean ± std, over how many networks, by which protocol.
"""

from collections.abc import Iterable, Sequence

from dmcore.config.formatting import capitalised, counted, grouped
from dmcore.config.protocols import PAPER, PAPER_SETS
from dmcore.runs.description import RESULT_KINDS, ResultKind, StoredResult
from dmcore.runs.display.titles import set_title
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.evaluation_tasks import EvaluationProgress, representative_set, started_from_real

STARTED_FROM = "Real images they started from"
HEADINGS: dict[ResultKind, str] = {
    "condensed": "Condensed",
    "random_real": "As many random real images",
    "all_real": "All real images",
}
MOST_NAMED = 6
"""Tested iterations that a sentence names."""


def latest_results(results: Iterable[StoredResult], iteration: int) -> tuple[StoredResult, ...]:
    """Newest result of each set, kind and network; condensed ones only of this iteration."""
    newest: dict[tuple[str, str, str], StoredResult] = {}
    for result in results:
        if result.kind != "condensed" or result.iteration == iteration:
            newest[result.set, result.kind, result.network] = result
    return tuple(newest.values())


def start_results(run: RunFolder, results: Iterable[StoredResult]) -> tuple[StoredResult, ...]:
    """Newest result of the real images that each set started from, where it did, for each network."""
    real = {described.name for described in run.sets if started_from_real(described)}
    newest = {
        (result.set, result.network): result
        for result in results
        if result.kind == "condensed" and result.iteration == 0 and result.set in real
    }
    return tuple(newest.values())


def accuracy_table(
    run: RunFolder,
    results: Sequence[StoredResult],
    progress: EvaluationProgress | None = None,
    starts: Sequence[StoredResult] = (),
) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of the accuracy table: a row for every set and tested network.

    Args:
        run: the run.
        results: its results to show, one of each set, kind and network (`latest_results`).
        progress: of a running evaluation, which marks the cell that is being measured.
        starts: results of the images that the sets started from (`start_results`), a column of their own.
    """
    networks = list(dict.fromkeys(result.network for result in results)) or ["convnet"]
    began = {(result.set, result.network): result for result in starts}
    heads = ["Images", *(["Network"] if len(networks) > 1 else []), *HEADINGS.values()]
    heads += [STARTED_FROM] if began else []
    rows = []
    for described in run.sets:
        for network in networks:
            cells = [set_title(run, described)] + ([network] if len(networks) > 1 else [])
            for kind in RESULT_KINDS:
                result = _result_for(run, results, described.name, kind, network)
                cells.append(_missing_cell(described.name, kind, progress) if result is None else result.text)
            if began:
                start = began.get((described.name, network))
                cells.append("–" if start is None else start.text)
            rows.append(cells)
    return heads, rows


def random_real_text(result: StoredResult) -> str:
    """The images of a result as text: 'as many random real images, 5 draws', or one draw of them."""
    if result.draws == 1:
        return "one draw of as many random real images"
    return f"as many random real images, {counted(result.draws, 'draw')}"


def evaluated_elsewhere(run_results: Iterable[StoredResult], shown: Sequence[StoredResult]) -> str:
    """Sentence on the iterations at which images were tested; empty where those on screen were.

    Args:
        run_results: all evaluations of the run.
        shown: those on screen.
    """
    tested = sorted({result.iteration for result in run_results if result.kind == "condensed"})
    if not tested or any(result.kind == "condensed" for result in shown):
        return ""
    if len(tested) > MOST_NAMED:
        span = f"{tested[0]} to {grouped(tested[-1])}"
        return f"Condensed images were tested at {len(tested)} iterations only, {span}."
    return f"Condensed images were tested at iteration {', '.join(map(grouped, tested))} only."


def progress_text(run: RunFolder, progress: EvaluationProgress) -> str:
    """Images and network that an evaluation is at: 'all real images: network 2 of 5, epoch 30 of 200'."""
    images = HEADINGS[progress.kind].lower()
    if progress.of_start:
        images = f"the {STARTED_FROM[0].lower()}{STARTED_FROM[1:]}"
    elif progress.kind == "condensed":
        images = f"the condensed images, {set_title(run, run.set_named(progress.set))}"
    network = f"network {progress.repeat} of {progress.repeats}"
    return f"{images}: {network}, epoch {progress.epoch} of {progress.epochs}"


def protocol_sentences(run: RunFolder, results: Sequence[StoredResult], testing: bool = True) -> list[str]:
    """Sentences on how the numbers were obtained, one for each protocol and number of networks among them.

    Args:
        run: the run.
        results: its results on screen.
        testing: whether more networks may come; else an evaluation that has fewer was stopped.
    """
    tested = run.description.data.test_count
    where = "the test images" if tested is None else counted(tested, "test image")
    by_protocol: dict[tuple[int, int, int], list[str]] = {}
    for result in results:
        heading = HEADINGS[result.kind].lower()
        protocol = result.protocol
        key = (protocol.epochs, protocol.repeats, min(result.n, protocol.repeats))
        headings = by_protocol.setdefault(key, [])
        if heading not in headings:
            headings.append(heading)
    sentences = [
        f"{capitalised(', '.join(headings))}: {_networks_text(tested, repeats, testing)}, "
        f"{counted(epochs, 'epoch')} each, tested on {where}."
        for (epochs, repeats, tested), headings in by_protocol.items()
    ]
    if draws := [result.draws for result in results if result.kind == "random_real"]:
        sentences.append(
            "The random real images are one draw, the same for every row of their size."
            if min(draws) == 1
            else "Each network on random real images has a draw of its own: ± is over draws and networks."
        )
    if results:
        sentences.append(
            "Mean ± standard deviation over the networks. More networks on one set say nothing about "
            "another set. "
            f"The paper trains {PAPER.repeats} networks for {grouped(PAPER.epochs)} epochs on each of "
            f"{PAPER_SETS} sets."
        )
    return sentences


def _result_for(
    run: RunFolder, results: Sequence[StoredResult], name: str, kind: ResultKind, network: str
) -> StoredResult | None:
    """The result of one cell: real images count for every set of the same size."""
    images = representative_set(run, name, kind)
    of_network = (result for result in results if result.kind == kind and result.network == network)
    return next(
        (result for result in of_network if representative_set(run, result.set, kind) == images), None
    )


def _missing_cell(name: str, kind: ResultKind, progress: EvaluationProgress | None) -> str:
    """Text of a cell without a result: whether it is being measured."""
    if progress is None or progress.fraction >= 1 or progress.kind != kind or progress.of_start:
        return "–"
    return "–" if kind == "condensed" and progress.set != name else "measuring …"


def _networks_text(tested: int, repeats: int, testing: bool) -> str:
    """'5 fresh networks', or '2 of 5 fresh networks (stopped before the others)'."""
    if tested >= repeats:
        return counted(repeats, "fresh network")
    ended = "so far" if testing else "(stopped before the others)"
    return f"{tested} of {counted(repeats, 'fresh network')} {ended}"
