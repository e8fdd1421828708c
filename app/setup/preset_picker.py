"""Choosing a ready-made start: all by name, the chosen one with what it shows, needs, takes and leaves out.

Must not import torch.
"""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import streamlit as st

from app.data.facts import dataset_entry
from app.jobs.manager import get_manager
from app.jobs.run_presets import OWN_IMAGES, RUN_PRESETS, RunPreset, preset_starting_with
from app.jobs.throttle import Speed, least_seconds
from app.text.differences import differences_from_paper
from app.text.escaping import plain_text
from dmcore.config import CondenseConfig
from dmcore.config.formatting import SECONDS_IN_HOUR, duration, grouped, megabytes, sentence
from dmcore.data.catalogue import unknown_dataset

Fill = Callable[[CondenseConfig], None]
NAMED_CLASSES = 5
"""Classes of one's own images that are named."""


def show_preset_picker(form: CondenseConfig | None, dataset: str, fill: Fill) -> bool:
    """Draw the choice and the facts; whether everything that the chosen start needs is named.

    Args:
        form: the set-up that the form holds, if it is one.
        dataset: what its data set field holds.
        fill: puts a set-up into the form.
    """
    state = st.session_state
    titles = {start.title: start for start in RUN_PRESETS}
    lacks_path = state.get("own_images_instead_of") == dataset
    chosen = OWN_IMAGES if lacks_path else preset_starting_with(form) if form else None
    state["ready_made"] = chosen.title if chosen else None

    def apply() -> None:
        start = titles.get(state["ready_made"] or "")
        state.pop("own_images_instead_of", None)
        if start is OWN_IMAGES:
            state["own_images_instead_of"] = dataset
            fill(OWN_IMAGES.config.model_copy(update={"dataset": dataset}))
        elif start is not None:
            fill(start.config)

    st.pills("Ready-made starts", list(titles), key="ready_made", on_change=apply, wrap=True)
    if chosen is not None:
        st.markdown(chosen.sentence)
    if chosen is OWN_IMAGES:
        _ask_path("" if lacks_path else dataset)
    if form is not None and not lacks_path:
        st.caption("  \n".join(preset_facts(form, chosen)))
    return not lacks_path


def preset_facts(config: CondenseConfig, start: RunPreset | None = None) -> list[str]:
    """What a set-up needs, how long it takes here and what is not the paper's, a sentence each."""
    named = config.model_copy(update={"dataset": plain_text(config.dataset)})
    different = "; ".join(differences_from_paper(named))
    said = [
        _needs(config),
        _takes(
            start.configs if start and config in start.configs else (config,), start.pace if start else "full"
        ),
        f"**Differs from the paper** in: {different or 'nothing'}.",
    ]
    return [one for one in said if one]


def own_images_sentence(path: str) -> str:
    """What lies at a path, in a sentence: how many images of which classes.

    Raises:
        ValueError: nothing that can be learned from, with the remedy.
    """
    try:
        place = Path(path).expanduser()
        if not place.exists():
            raise ValueError(unknown_dataset(path))
        return _listed(place, place.stat().st_mtime_ns)
    except (OSError, RuntimeError) as refusal:
        reason = getattr(refusal, "strerror", None) or refusal
        raise ValueError(f"{path} cannot be read ({reason}): check it and its permissions") from refusal


@lru_cache(maxsize=8)
def _listed(place: Path, _changed: int) -> str:
    from dmcore.data.class_folders import label_files
    from dmcore.data.listing import open_listing

    with open_listing(place) as files:
        found = label_files(files, place.name)
    names = found.class_names
    named = ", ".join(names[:NAMED_CLASSES]) + (" …" if len(names) > NAMED_CLASSES else "")
    split = "" if found.test is None else f" and {grouped(len(found.test))} test images"
    return f"{grouped(len(found.train))} images{split} of {len(names)} classes: {named}."


def _ask_path(path: str) -> None:
    """The field for the path; what is typed goes into the data set field."""
    state = st.session_state
    state["own_path"] = path

    def take() -> None:
        if typed := state["own_path"].strip():
            state["dataset"] = typed
            state.pop("own_images_instead_of", None)

    st.text_input(
        "Folder or zip",
        key="own_path",
        placeholder="/home/you/photographs or photographs.zip",
        on_change=take,
        help="A path on the machine that runs this app. Nothing in it is changed.",
    )
    if path:
        try:
            st.caption(plain_text(own_images_sentence(path)))
        except ValueError as trouble:
            st.error(plain_text(sentence(str(trouble))))


def _needs(config: CondenseConfig) -> str:
    entry = dataset_entry(config.dataset)
    if entry is None:
        return ""
    if not entry.files:
        return "**Needs** nothing: no download, no GPU."
    here = "on this machine" if entry.on_disk else f"{megabytes(entry.download_bytes)} to download, once"
    return f"**Needs** {entry.title}: {here}."


def _takes(configs: tuple[CondenseConfig, ...], pace: Speed) -> str:
    manager = get_manager()
    times = [manager.timings.seconds(config) for config in configs]
    if None in times:
        if not any(map(manager.timings.expected, configs)):
            return ""
        when = "once nothing else is at work" if manager.busy else "now"
        return f"**Takes** … being measured {when}."
    seconds = sum(time for time in times if time is not None)
    if pace == "slow":
        each = seconds / configs[0].iterations
        seconds += sum(max(0.0, least_seconds(done) - each) for done in range(configs[0].iterations))
    for_whom = ": better on a GPU" if seconds > 2 * SECONDS_IN_HOUR else ""
    return f"**Takes** about {duration(seconds)} to learn on this machine (measured){for_whom}."
