"""Result card of a run: test accuracy of condensed images, of as many random real ones, and of all real ones.

Every number says how it was obtained: mean ± std, over how many networks, by which protocol.
"""

from collections.abc import Iterable, Sequence

import streamlit as st

from app.components.html_table import html_table
from app.data.stored_results import evaluation_results
from app.jobs.evaluation_tasks import TRAINED_ON
from app.jobs.run_presets import evaluates_at_once
from app.jobs.run_view import EvaluationProgress
from app.run.classifier_panel import show_classifier
from app.setup.prediction import prediction_sentence
from app.text.set_labels import set_title
from dmcore.config.formatting import accuracy_text, capitalised, grouped
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder

HEADINGS = ("Condensed", "As many random real images", "All real images")


def show_result_card(
    run: RunFolder, iteration: int, progress: EvaluationProgress | None, *, will_be_evaluated: bool = False
) -> None:
    """Draw the table of accuracies with its protocol; a progress bar while networks are trained."""
    results = latest_results(evaluation_results(run), iteration)
    testing = progress is not None and progress.fraction < 1
    prediction = prediction_sentence(run, results, pending=testing or will_be_evaluated)
    elsewhere = evaluated_elsewhere(run, results)
    if not results and progress is None:
        if prediction:
            st.markdown(prediction)
        if elsewhere:
            st.caption(f"**How good are they?** {elsewhere}")
        elif will_be_evaluated:
            st.caption(
                "**How good are they?** At the end networks are trained on these images alone, tested on "
                "real images nobody trained on, and compared with as many random real images."
            )
        return
    with st.container(border=True, key="result_card"):
        st.markdown("**How good are they?** Test accuracy of networks trained on these images alone")
        if progress is not None and testing:
            st.progress(
                progress.epoch / progress.epochs,
                text=f"Now on {training_set(run, progress)}: {training_text(progress)}",
            )
        if prediction:
            st.markdown(f"**{prediction}**")
        st.html(table(run, results, progress))
        if elsewhere:
            st.caption(elsewhere)
        for sentence in protocol_sentences(run, results, testing):
            st.caption(sentence)
    evaluated = any(result.kind == "condensed" for result in results)
    if evaluated and (progress is None or progress.fraction >= 1):
        show_classifier(run, iteration, at_once=run.config is not None and evaluates_at_once(run.config))


def evaluated_elsewhere(run: RunFolder, results: Sequence[StoredResult]) -> str:
    """Sentence on the iterations at which images were tested; empty where those on screen were."""
    tested = sorted({result.iteration for result in evaluation_results(run) if result.kind == "condensed"})
    if not tested or any(result.kind == "condensed" for result in results):
        return ""
    return f"Condensed images were tested at iteration {', '.join(map(grouped, tested))} only."


def training_text(progress: EvaluationProgress) -> str:
    """Network and epoch that an evaluation is at: 'network 2 of 5, epoch 30 of 200'."""
    return f"network {progress.repeat} of {progress.repeats}, epoch {progress.epoch} of {progress.epochs}"


def training_set(run: RunFolder, progress: EvaluationProgress) -> str:
    """Description of the images that networks are being trained on."""
    if progress.kind != "condensed":
        return HEADINGS[TRAINED_ON.index(progress.kind)].lower()
    described = next(described for described in run.sets if described.name == progress.set)
    return f"the condensed images, {set_title(run, described)}"


def latest_results(results: Iterable[StoredResult], iteration: int) -> tuple[StoredResult, ...]:
    """Newest result of each set, kind and network; condensed ones only of this iteration."""
    newest: dict[tuple[str, str, str], StoredResult] = {}
    for result in results:
        if result.kind != "condensed" or result.iteration == iteration:
            newest[result.set, result.kind, result.network] = result
    return tuple(newest.values())


def table(run: RunFolder, results: Sequence[StoredResult], progress: EvaluationProgress | None = None) -> str:
    """Accuracy table as HTML: a row for every set and tested network; names are escaped.

    `progress` marks the cell that is being measured.
    """
    networks = list(dict.fromkeys(result.network for result in results)) or ["convnet"]
    heads = ["Images", *(["Network"] if len(networks) > 1 else []), *HEADINGS]
    rows = []
    for described in run.sets:
        for network in networks:
            cells = [set_title(run, described)] + ([network] if len(networks) > 1 else [])
            for kind in TRAINED_ON:
                result = result_for(run, results, described.name, kind, network)
                cells.append(
                    missing_cell(described.name, kind, progress)
                    if result is None
                    else accuracy_text(result.mean, result.std, result.n)
                )
            rows.append(cells)
    return html_table(heads, rows)


def missing_cell(name: str, kind: str, progress: EvaluationProgress | None) -> str:
    """Text of a cell without a result: whether it is being measured."""
    if progress is None or progress.fraction >= 1 or progress.kind != kind:
        return "–"
    return "–" if kind == "condensed" and progress.set != name else "measuring …"


def result_for(
    run: RunFolder, results: Sequence[StoredResult], name: str, kind: str, network: str
) -> StoredResult | None:
    """The result of one cell: real images count for every set of the same size."""
    sizes = {spec.name: spec.images_per_class for spec in run.sets}
    for result in results:
        fits = (
            result.set == name
            if kind == "condensed"
            else kind == "all_real" or sizes.get(result.set) == sizes.get(name)
        )
        if result.kind == kind and result.network == network and fits:
            return result
    return None


def protocol_sentences(run: RunFolder, results: Sequence[StoredResult], testing: bool = True) -> list[str]:
    """Sentences on how the numbers were obtained, one for each protocol and number of networks among them.

    Args:
        run: the run.
        results: its results on screen.
        testing: whether more networks may come; else an evaluation that has fewer was stopped.
    """
    tested = run.description.data.test_count
    where = "the test images" if tested is None else f"{grouped(tested)} test images"
    by_protocol: dict[tuple[int, int, int], list[str]] = {}
    for result in results:
        heading = HEADINGS[TRAINED_ON.index(result.kind)].lower()
        protocol = result.protocol
        key = (protocol.epochs, protocol.repeats, min(result.n, protocol.repeats))
        headings = by_protocol.setdefault(key, [])
        if heading not in headings:
            headings.append(heading)
    sentences = [
        f"{capitalised(', '.join(headings))}: {_networks_text(tested, repeats, testing)}, {epochs} "
        f"epochs each, tested on {where}."
        for (epochs, repeats, tested), headings in by_protocol.items()
    ]
    if any(result.kind == "random_real" for result in results):
        sentences.append("The random real images are one draw, the same for every row of their size.")
    if results:
        sentences.append(
            "Mean ± standard deviation over n networks trained on one set: they are repeats, not independent "
            "sets. The paper trains 20 networks for 1\u202f000 epochs on each of 5 sets."
        )
    return sentences


def _networks_text(tested: int, repeats: int, testing: bool) -> str:
    """'5 fresh networks', or '2 of 5 fresh networks (stopped before the others)'."""
    if tested >= repeats:
        return f"{repeats} fresh networks"
    return f"{tested} of {repeats} fresh networks {'so far' if testing else '(stopped before the others)'}"
