"""What the condensed images are worth: beside as many random real images, and beside all real ones.

Every number says how it was obtained: mean ± std, over how many networks, by which protocol. Must not import
torch.
"""

from collections.abc import Iterable, Sequence

import streamlit as st

from app.components.table import html_table
from app.data.stored_results import judged_results
from app.jobs.evaluation_tasks import KINDS, Judgement, Kind, judgements
from app.jobs.live_snapshot import EvaluationProgress
from app.jobs.presets import evaluates_at_once
from app.run.classifier_panel import show_reading
from app.setup.prediction import prediction_sentence
from app.text.set_labels import lane_title
from dmcore.config import EvaluateConfig
from dmcore.config.formatting import accuracy_text, capitalised, duration, grouped
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder

TRAINING_FACTOR = 3.0
"""Training passes an image forward and backward, embedding it only forward."""
HEADINGS = ("Condensed", "As many random real images", "All real images")


def show_result_card(
    run: RunFolder, iteration: int, progress: EvaluationProgress | None, *, will_be_judged: bool = False
) -> None:
    """The table of accuracies, with the protocol in a sentence; a progress bar while networks are trained."""
    results = latest_results((*judged_results(run), *(progress.results if progress else ())), iteration)
    guess, elsewhere = prediction_sentence(run, results), judged_elsewhere(run, results)
    if not results and progress is None:
        if guess:
            st.markdown(guess)
        if elsewhere:
            st.caption(f"**How good are they?** {elsewhere}")
        elif will_be_judged:
            st.caption(
                "**How good are they?** At the end networks are trained on these images alone, tested on "
                "real images nobody trained on, and compared with as many random real images."
            )
        return
    with st.container(border=True, key="result_card"):
        st.markdown("**How good are they?** Test accuracy of networks trained on these images alone")
        if progress is not None and progress.fraction < 1:
            left = "" if progress.seconds_left is None else f", {duration(progress.seconds_left)} left"
            st.progress(
                progress.fraction,
                text=(
                    f"All of the testing: {progress.fraction:.0%}{left}. "
                    f"Now on {training_set(run, progress)}: "
                    f"network {progress.repeat} of {progress.repeats}, "
                    f"epoch {progress.epoch} of {progress.epochs}"
                ),
            )
        if guess:
            st.markdown(f"**{guess}**")
        st.html(table(run, results, progress))
        if elsewhere:
            st.caption(elsewhere)
        for sentence in protocol_sentences(run, results):
            st.caption(sentence)
    if any(one.kind == "condensed" for one in results) and (progress is None or progress.fraction >= 1):
        show_reading(run, iteration, at_once=run.config is not None and evaluates_at_once(run.config))


def judged_elsewhere(run: RunFolder, results: Sequence[StoredResult]) -> str:
    """At which iterations condensed images were tested; empty where those on screen were."""
    tested = sorted({one.iteration for one in judged_results(run) if one.kind == "condensed"})
    if not tested or any(one.kind == "condensed" for one in results):
        return ""
    return f"Condensed images were tested at iteration {', '.join(map(grouped, tested))} only."


def training_set(run: RunFolder, progress: EvaluationProgress) -> str:
    """What networks are being trained on, in words."""
    if progress.kind != "condensed":
        return HEADINGS[KINDS.index(progress.kind)].lower()
    one = next(one for one in run.sets if one.name == progress.set)
    return f"the condensed images, {lane_title(run, one)}"


def latest_results(results: Iterable[StoredResult], iteration: int) -> tuple[StoredResult, ...]:
    """For each set, kind and network the newest result; condensed ones only of this iteration."""
    newest: dict[tuple[str, str, str], StoredResult] = {}
    for one in results:
        if one.kind != "condensed" or one.iteration == iteration:
            newest[one.set, one.kind, one.network] = one
    return tuple(newest.values())


def table(run: RunFolder, results: Sequence[StoredResult], progress: EvaluationProgress | None = None) -> str:
    """A row for every set and tested network, as HTML; names are escaped. `progress` marks its own cell."""
    networks = list(dict.fromkeys(one.network for one in results)) or ["convnet"]
    heads = ["Images", *(["Network"] if len(networks) > 1 else []), *HEADINGS]
    rows = []
    for one in run.sets:
        for network in networks:
            cells = [lane_title(run, one)] + ([network] if len(networks) > 1 else [])
            for kind in KINDS:
                found = result_for(run, results, one.name, kind, network)
                cells.append(
                    missing(one.name, kind, progress)
                    if found is None
                    else accuracy_text(found.mean, found.std, found.n)
                )
            rows.append(cells)
    return html_table(heads, rows)


def missing(name: str, kind: str, progress: EvaluationProgress | None) -> str:
    """What stands in a cell without a number: whether it is being measured."""
    if progress is None or progress.fraction >= 1 or progress.kind != kind:
        return "–"
    return "–" if kind == "condensed" and progress.set != name else "measuring …"


def result_for(
    run: RunFolder, results: Sequence[StoredResult], name: str, kind: str, network: str
) -> StoredResult | None:
    """The result that stands in one cell: real images serve every set of the same size."""
    sizes = {one.name: one.images_per_class for one in run.sets}
    for one in results:
        fits = (
            one.set == name
            if kind == "condensed"
            else kind == "all_real" or sizes.get(one.set) == sizes.get(name)
        )
        if one.kind == kind and one.network == network and fits:
            return one
    return None


def protocol_sentences(run: RunFolder, results: Sequence[StoredResult]) -> list[str]:
    """How the numbers were obtained, once for each protocol among them."""
    tested = run.description.data.test_count
    where = "the test images" if tested is None else f"{grouped(tested)} test images"
    said: dict[tuple[int, int], list[str]] = {}
    for one in results:
        heading = HEADINGS[KINDS.index(one.kind)].lower()
        headings = said.setdefault((one.protocol.epochs, one.protocol.repeats), [])
        if heading not in headings:
            headings.append(heading)
    sentences = [
        f"{capitalised(', '.join(headings))}: {repeats} fresh networks, {epochs} "
        f"epochs each, tested on {where}."
        for (epochs, repeats), headings in said.items()
    ]
    if any(one.kind == "random_real" for one in results):
        sentences.append("The random real images are one draw, the same for every row of their size.")
    if results:
        sentences.append(
            "Mean ± standard deviation over n networks trained on one set: they are repeats, not independent "
            "sets. The paper trains 20 networks for 1\u202f000 epochs on each of 5 sets."
        )
    return sentences


def judging_seconds(asked: Iterable[Judgement], images_per_second: float) -> float:
    """About how long trainings take on this machine, from the rate at which it embedded real images."""
    return TRAINING_FACTOR * sum(one.cost for one in asked) / max(images_per_second, 1e-9)


def judge_offer(run: RunFolder, config: EvaluateConfig, kinds: Sequence[Kind]) -> str:
    """What a button that starts judging says: with the time it takes, where that is known."""
    result = run.result()
    asked = judgements(run, config, kinds)
    networks = sum(one.networks for one in asked)
    about = ""
    if result is not None and result.images_per_second > 0:
        about = f", about {duration(judging_seconds(asked, result.images_per_second))}"
    return f"Judge: train {networks} networks{about}"
