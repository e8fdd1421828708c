"""How well the stars cover the cloud, in numbers: a table over what stands on the map, and curves over time.

Numbers come from `dmcore.feature_space.coverage`, measured in the features and never on the map; what each
means, its formula and its source are below the table.
"""

import html
from collections.abc import Mapping, Sequence

import streamlit as st

from app.components.live_figure import LiveFigure, show_live_figure
from app.jobs.manager import get_manager
from app.run.addresses import run_address
from app.text.escaping import plain_text
from app.text.set_labels import set_line_label
from app.views.feature_space.metric_plot import metric_figure
from app.views.feature_space.projection_history import request_history
from app.views.feature_space.projection_requests import fresh_projection, known_projections
from app.views.feature_space.projection_values import MetricRecord, RunProjection
from app.views.feature_space.reference_sets import MAX_PANELS, OTHER, reference_metrics
from app.views.feature_space.scene import Scene, start_projection
from app.views.feature_space.texts import metric_by_name, projected_per_class, worst_covered
from dmcore.config.formatting import NO_BREAK_SPACE, grouped
from dmcore.feature_space.coverage.metrics import METRICS, Metric
from dmcore.runs.folder import RunFolder

CURVE_HEIGHT = 330
SMALL_DATA = 20_000
"""Training images below which a cloud holds more than a tenth of them."""
CURVE_SECONDS = 2.0
"""Between two looks at how many moments are still to be measured."""
METRIC_BY_NAME = {one.name: one for one in METRICS}
SHARES = ("coverage", "outliers")
MEASURED = (
    "Do condensed images cover the real ones better than as many random real images do? 500 iterations, "
    "width 32, 64 real images, three seeds each, in the features of a network trained on all real images. "
    "CIFAR-10 with 1\u202f000 images per class: coverage 34 against 22 % at 10 per class and 73 against 69 % "
    "at 50, outliers 2 against 11 % at 10: these hold (Welch, p < 0.05); outliers at 50, 6 against 10 %: not "
    "resolved. Fashion-MNIST: coverage 71 against 66 % at 50 holds; coverage at 10 (20 against 22 %) and "
    "outliers (12 against 12 %, 9 against 7 %) are not resolved. The squared distance of the "
    "means is 2 to 6 times smaller, and the spread stays that of the real images (0.97 to 1.04 times): it "
    "does not shrink."
)
SIGNS = {"lower": "↓", "higher": "↑", "one": "≈ 1"}
CLOSER = {"lower": "lower is closer", "higher": "higher is closer", "one": "near 1 is like the real images"}


def show_metrics(run: RunFolder, scene: Scene, placement: RunProjection) -> None:
    """The table, which class is covered worst, and what the numbers mean."""
    methods = metrics_by_method(run, scene, placement)
    st.markdown("**How well do the stars cover the cloud?**")
    real = fresh_metrics(scene, placement)
    if (measured := placement.measured.iteration) != placement.iteration:
        st.caption(
            f"Measured at iteration {grouped(measured)}: while a run is on the stars move every few seconds "
            "and their numbers every quarter of a minute, so that looking costs the run little."
        )
    first = f"{next(iter(methods), '')}: " if len(run.sets) > 1 else ""
    for sentence in (headline(placement, real), worst_covered(run, placement)):
        if sentence:
            st.markdown(plain_text(first + sentence[0].lower() + sentence[1:] if first else sentence))
    st.html(metrics_table(methods))
    if said := spread_sentence(placement, real):
        st.markdown(plain_text(said))
    st.caption(
        "↑ higher is closer to the real images, ↓ lower is. Mean over the classes; below it the interval "
        "that resampling gives (95 %). “Fresh real images”: as many "
        "real images that are not in the cloud, mean of 5 draws: what can be reached with so few images."
    )
    if starts_in_cloud(run):
        st.caption(
            "Sets that start from real images may start on dots of the cloud, which flatters the numbers of "
            "the start where the data set is small."
        )
    for note in dict.fromkeys(told["note"] for told in next(iter(placement.measures.values()), ())):
        if note:
            st.caption(plain_text(note))
    with st.popover("What the numbers mean"):
        st.markdown(f"**What was found.** {MEASURED}")
        for one in METRICS:
            st.markdown(f"**{one.title}** ({CLOSER[one.closer]}). {one.help}")
            st.latex(one.formula)
            st.caption(f"Interval over {one.parts}. Source: {one.source}.")


def starts_in_cloud(run: RunFolder) -> bool:
    """Whether many of the images that the run's sets started from are likely in the cloud."""
    real = any(one.spec is not None and one.spec.init != "noise" for one in run.sets)
    return real and (run.description.data.train_count or 0) < SMALL_DATA


def metrics_by_method(
    run: RunFolder, scene: Scene, placement: RunProjection
) -> dict[str, Sequence[MetricRecord]]:
    """The numbers of everything that can be compared, by what a row of the table is called."""
    methods: dict[str, Sequence[MetricRecord]] = {}
    for one in run.sets[:MAX_PANELS]:
        if one.name in placement.measures:
            title = f"Condensed, {lane_title(run, one)}" if len(run.sets) > 1 else "Condensed"
            methods[title] = placement.measures[one.name]
    for each in sorted({projected_per_class(one) for one in placement.sets.values()}):
        found = fresh_projection(scene.choice, each)
        if isinstance(found, tuple):
            methods[f"Fresh real images, {grouped(each)} per class"] = found[1]
    if scene.beside == OTHER:
        methods |= reference_metrics(scene.choice, scene.stored_beside(run))
    start = start_projection(scene.choice, run)
    for one in run.sets[:MAX_PANELS]:
        if start is not None and one.name in start.measures and start.iteration != placement.iteration:
            title = f"At the start, {lane_title(run, one)}" if len(run.sets) > 1 else "At the start"
            methods[title] = start.measures[one.name]
    return methods


def metrics_table(methods: Mapping[str, Sequence[MetricRecord]]) -> str:
    """A row for each number, a column for each method; as HTML, everything in it escaped."""
    head = "".join(f"<th scope='col'>{html.escape(name)}</th>" for name in ("Metric", *methods))
    rows = []
    for one in METRICS:
        cells = [f"<td data-heading='Number'>{html.escape(one.title)} {SIGNS[one.closer]}</td>"]
        for name, measures in methods.items():
            value, interval = format_metric(one, metric_by_name(measures, one.name))
            below = f"<br><span class='interval'>{interval}</span>" if interval else ""
            cells.append(f"<td data-heading='{html.escape(name)}'>{value}{below}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f"<div class='wide'><table class='results numbers'><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def format_metric(number: Metric, told: MetricRecord | None) -> tuple[str, str]:
    """A value and its interval: ('41 %', '38 to 44'); ('–', '') where it is not defined."""
    if told is None or told["value"] is None:
        return "–", ""
    ends = [one for one in (told["low"], told["high"]) if one is not None]
    if number.name in SHARES:
        value, written = f"{100 * told['value']:.0f}{NO_BREAK_SPACE}%", [f"{100 * one:.0f}" for one in ends]
    else:
        value, written = short_number(told["value"]), [short_number(one) for one in ends]
    return value, f"{written[0]} to {written[1]}" if len(written) == 2 else ""


def short_number(number: float) -> str:
    """About two digits, with a true minus sign: 0.0086, −0.019, 1.4, 12."""
    digits = 2 if abs(number) < 10 else 3
    return f"{number:.{digits}g}".replace("-", "−")


def fresh_metrics(scene: Scene, placement: RunProjection) -> Sequence[MetricRecord]:
    """The numbers of as many fresh real images as the smallest set has; empty while they are not there."""
    each = min((projected_per_class(one) for one in placement.sets.values()), default=0)
    found = fresh_projection(scene.choice, each) if each else None
    return found[1] if isinstance(found, tuple) else ()


def headline(placement: RunProjection, real: Sequence[MetricRecord]) -> str:
    """The answer to the table's question, in a sentence: coverage now, beside that of fresh real images."""
    now = metric_by_name(next(iter(placement.measures.values()), ()), "coverage")
    theirs = metric_by_name(real, "coverage")
    if now is None or now["value"] is None:
        return ""
    said = f"{now['value']:.0%} of the real images have a condensed one among their neighbours"
    if theirs is None or theirs["value"] is None:
        return f"{said}."
    return f"{said}; as many fresh real images reach {theirs['value']:.0%}."


def spread_sentence(placement: RunProjection, real: Sequence[MetricRecord]) -> str:
    """What the method invites to ask, said whichever way it falls: means match, does the spread shrink?"""
    now = next(iter(placement.measures.values()), ())
    distance, theirs = metric_by_name(now, "mean_distance"), metric_by_name(real, "mean_distance")
    spread = metric_by_name(now, "spread")
    if distance is None or theirs is None or distance["value"] is None or theirs["value"] is None:
        return ""
    ratio = distance["value"] / theirs["value"] if theirs["value"] else float("inf")
    said = (
        "On networks they were not learned with, the squared distance of the condensed images' means from "
        f"those of the real images is {ratio:.2g} times that of as many fresh real images"
    )
    if spread is None or spread["value"] is None:
        return f"{said}."
    return f"{said}; their spread is {spread['value']:.2g} times that of the real images."


def show_metric_curve(run: RunFolder, scene: Scene, lacking: int, busy: bool) -> None:
    """One number over the iterations, for each set; dashed what fresh real images reach."""
    name = st.selectbox(
        "Metric",
        list(METRIC_BY_NAME),
        index=list(METRIC_BY_NAME).index("coverage"),
        format_func=lambda one: f"{NAMED[one].title} ({CLOSER[NAMED[one].closer]})",
        key="curve_of",
        bind="query-params",
        help="Which number is drawn over the iterations.",
    )
    asked = {**scene.as_query(), "number": name}

    def lacks() -> None:
        """Goes on wanting what lacks; redraws the page's curve as it comes."""
        left = request_history(scene.choice, run, get_manager())
        if left != lacking:
            st.rerun()
        why = "once nothing is at work" if busy else "now, one after the other"
        st.caption(f"{grouped(left)} stored moments are still to be measured: {why}.")

    show_live_figure("cover_curve", curve_of(run, scene, name, run_address(run.id, "curve", **asked)))
    st.caption(METRIC_BY_NAME[name].help)
    if lacking:
        st.fragment(run_every=CURVE_SECONDS)(lacks)()


def curve_of(run: RunFolder, scene: Scene, name: str, source: str) -> LiveFigure:
    """The figure of one number, as the page draws it and the server's address answers it."""
    known = known_projections(scene.choice, run)
    placements = [one for one in known if one.measured.iteration == one.iteration]
    curves: dict[str, tuple[list[int], list[float]]] = {}
    ceilings: dict[str, float] = {}
    for one in run.sets[:MAX_PANELS]:
        points = [
            (placement.iteration, told["value"])
            for placement in placements
            if (told := metric_by_name(placement.measures.get(one.name, ()), name)) is not None
            and told["value"] is not None
        ]
        if points:
            iterations, values = map(list, zip(*points, strict=True))
            curves[set_line_label(run, one.name)] = (iterations, values)
    counts = {projected_per_class(placed) for one in placements[-1:] for placed in one.sets.values()}
    for each in sorted(counts):
        found = fresh_projection(scene.choice, each)
        told = metric_by_name(found[1], name) if isinstance(found, tuple) else None
        if told is not None and told["value"] is not None:
            ceilings["fresh real images" if len(counts) == 1 else f"fresh real, {each}"] = told["value"]
    said = ", ".join(f"{label} {short(values[-1])}" for label, (_, values) in curves.items())
    return LiveFigure(
        metric_figure(METRIC_BY_NAME[name], curves, ceilings, CURVE_HEIGHT),
        revision=placements[-1].iteration if placements else 0,
        alt=f"{NAMED[name].title} over the iterations; now {said or 'not measured yet'}.",
        height=CURVE_HEIGHT,
        view=f"{run.id}-{name}",
        source=source,
        subject=run.id,
        mark=scene.at,
    )
