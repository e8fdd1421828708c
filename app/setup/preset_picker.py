"""Preset picker: all presets by name; of the chosen one what it shows, needs, takes and leaves out."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app.data.folders import dataset_entry
from app.jobs.run_presets import OWN_IMAGES, RUN_PRESETS, RunPreset, preset_starting_with
from app.setup.cost import takes_sentence
from app.setup.folder_chooser import show_folder_chooser
from app.setup.own_folder import allow_reading, recent_paths, show_reading_permission
from app.setup.own_images import OwnImages, look_at_own_images
from app.setup.own_setup import change_label, fitting_setup, fitting_start, has_enough, outlook
from app.setup.testing import requested_test
from app.setup.time_choice import show_time_choice
from app.setup.upload_field import forget_refusal, show_upload
from app.text.escaping import plain_text
from dmcore.config import CondenseConfig, MethodConfig
from dmcore.config.differences import differences_from_paper
from dmcore.config.formatting import counted, grouped, megabytes, sentence
from dmcore.config.models import DEFAULT_DATASET
from dmcore.config.protocols import PAPER, PAPER_SETS
from dmcore.data.catalogue import CATALOGUE, canonical_name, is_there
from dmcore.data.class_folders import describe_folder
from dmcore.runs.results.few_tests import luck_sentences

EXAMPLE = "~/Pictures/photographs"
"""Path as a person types it."""
HOW_TO_NAME = f"Type the whole path, such as {EXAMPLE}, or choose a folder from the list."
_PATH_MISSING_FOR = "form_path_missing_for"
"""Key of the session state: the form's data set while a path is asked for instead."""
_GIVEN = "form_given_for_dataset"
"""Key of the session state: the set-up given for a data set, and the preset that it was given for."""

Fill = Callable[[MethodConfig], None]


def ask_for_own_images(dataset: str = DEFAULT_DATASET) -> MethodConfig:
    """Choose one's own images: the set-up to fill the form with, of the folder or zip that was used last.

    Where none was, the form then asks for one.

    Args:
        dataset: value of the form's data set field until there is one.
    """
    if paths := recent_paths():
        return fitting_setup(OWN_IMAGES.config, paths[0])
    st.session_state[_PATH_MISSING_FOR] = dataset
    return OWN_IMAGES.config.model_copy(update={"dataset": dataset})


def forget_own_images() -> bool:
    """Ask for no folder or zip any more, and return whether one was asked for.

    For callbacks that fill the form with another set-up.
    """
    return st.session_state.pop(_PATH_MISSING_FOR, None) is not None


def take_dataset(name: str, before: MethodConfig | None, fill: Fill) -> None:
    """Take a data set that was chosen or typed; for callbacks.

    Args:
        name: of the data set, or the path.
        before: the set-up that the form held; None where it never held one.
        fill: puts a set-up into the form.
    """
    allow_reading(name)
    if before is not None and (config := _setup_for(name, before)) != _of_dataset(before, name):
        fill(config)


def _setup_for(name: str, form: MethodConfig) -> MethodConfig:
    """The set-up of the form for another data set.

    A preset's sizes that nobody has changed give way to those for one's own images, which are known of
    distribution matching, where there is something at the path; with a known data set they come back.
    """
    given, preset = st.session_state.pop(_GIVEN, (None, None))
    if form != given:
        known = form.method == "dm" and form.dataset in CATALOGUE and preset_starting_with(form)
        preset = form if known else None
    if preset is None:
        return _of_dataset(form, name) if name in CATALOGUE else fitting_setup(form, name)
    named = name in CATALOGUE or not is_there(name)
    config = _of_dataset(preset, name) if named else fitting_setup(OWN_IMAGES.config, name)
    st.session_state[_GIVEN] = config, preset
    return config


def _of_dataset(config: MethodConfig, name: str) -> MethodConfig:
    return config.model_copy(update={"dataset": name})


def show_preset_picker(form: MethodConfig | None, dataset: str, fill: Fill) -> bool:
    """Draw the presets and the facts of the chosen one; return whether everything that it needs is given.

    Args:
        form: the set-up that the form holds, or held before it became invalid; None where it never held one.
        dataset: value of the form's data set field.
        fill: puts a set-up into the form.
    """
    state = st.session_state
    presets = {preset.title: preset for preset in RUN_PRESETS}
    path_missing = state.get(_PATH_MISSING_FOR) == dataset
    if path_missing or dataset not in CATALOGUE:
        chosen: RunPreset | None = OWN_IMAGES
    else:
        chosen = preset_starting_with(form) if form else None
    state["form_preset"] = chosen.title if chosen else None

    def apply() -> None:
        preset = presets.get(state["form_preset"] or "")
        forget_own_images()
        if preset is OWN_IMAGES:
            fill(ask_for_own_images(dataset))
        elif preset is not None:
            fill(preset.config)

    st.pills("Presets", list(presets), key="form_preset", on_change=apply, wrap=True)
    if chosen is not None:
        st.markdown(chosen.sentence)
    complete = not path_missing
    if chosen is OWN_IMAGES:
        complete = _show_path_field("" if path_missing else dataset, form, fill) and complete
    if form is not None and complete:
        *facts, different = preset_facts(form, chosen)
        if facts:
            st.caption("  \n".join(facts))
        with st.expander("How it differs from the paper", key="form_differences"):
            st.caption(different)
        show_time_choice(form, fill)
    return complete


def preset_facts(config: MethodConfig, preset: RunPreset | None = None) -> list[str]:
    """Facts of a set-up, a sentence each: what it needs, time here, differences from the paper."""
    own = config.dataset not in CATALOGUE
    name = f"“{Path(config.dataset).name}”" if own else config.dataset
    named = config.model_copy(update={"dataset": plain_text(name)})
    different = "; ".join((*differences_from_paper(named), *_batch_difference(config), *_test_differences()))
    configs = preset.configs if preset and config in preset.configs else (config,)
    facts = [
        _needs(config),
        takes_sentence(configs, preset.speed if preset else "full").replace("Takes", "**Takes**", 1),
        _replay(config),
        f"**Differs from the paper** in: {different or 'nothing'}.",
    ]
    return [fact for fact in facts if fact]


def _replay(config: MethodConfig) -> str:
    """That most iterations use a network again, and where to change it; empty where none does."""
    if not isinstance(config, CondenseConfig) or not config.replay:
        return ""
    return (
        f"**Replays**: one in {grouped(config.replay_every)} iterations has a new network and new real "
        f"images, the others reuse one of the last {grouped(config.replay_keep)}. That saves time; "
        "the switch is in More settings."
    )


def _batch_difference(config: MethodConfig) -> tuple[str, ...]:
    """That a class has fewer real images than an iteration asks for; nothing where it has enough."""
    if config.dataset in CATALOGUE:
        count = CATALOGUE[config.dataset].smallest_class
    else:
        own = look_at_own_images(config.dataset).value
        count = min(own.train_counts) if own is not None else config.real_batch
    if count >= config.real_batch:
        return ()
    return (f"{count} real images of the smallest class instead of {config.real_batch} of each",)


def _test_differences() -> tuple[str, ...]:
    """How the test at the end differs from the paper's, in a few words; nothing where it is switched off."""
    test = requested_test()
    if test is None:
        return ()
    return (
        f"test by {counted(test.repeats, 'network')} of {counted(test.epochs, 'epoch')} on one set "
        f"instead of {PAPER.repeats} of {grouped(PAPER.epochs)} on each of {PAPER_SETS} sets",
    )


def _show_path_field(path: str, form: MethodConfig | None, fill: Fill) -> bool:
    """Draw the field for the path, and what lies there; False where that cannot be learned from.

    What is typed goes into the form, with as many images per class as suit the folder. A path that came with
    a link is judged by the run itself.
    """
    state = st.session_state
    state["form_path"] = path

    def take(chosen: str) -> None:
        path = canonical_name(chosen)
        allow_reading(path)
        forget_refusal()
        fill(_setup_for(path, form or OWN_IMAGES.config))
        forget_own_images()

    def take_typed() -> None:
        if typed := state["form_path"].strip().strip("'\""):
            take(typed)

    if path:
        with st.expander("Upload other images", key="form_upload_more"):
            show_upload(take)
    else:
        show_upload(take)
    st.text_input(
        "Folder or zip",
        key="form_path",
        placeholder=EXAMPLE,
        on_change=take_typed,
        help="The whole path, on the machine that runs this app; ~ is your home folder. Nothing in it is "
        "changed.",
    )
    show_folder_chooser(take)
    if path and show_reading_permission(path):
        try:
            st.caption(plain_text(describe_folder(path)))
        except ValueError as error:
            st.error(plain_text(_refusal(path, error)))
            return False
        look = look_at_own_images(path)
        if look.failure is not None:
            st.error(plain_text(sentence(look.failure.sentence)))
            return False
        if look.pending:
            st.caption("Reading the images …")
        if look.value is not None:
            return form is None or _show_outlook(form, look.value, fill)
    return True


def _refusal(path: str, error: ValueError) -> str:
    """Why a path cannot be read, and how to give another where there is nothing at it."""
    try:
        found = Path(path).expanduser().exists()
    except RuntimeError:  # the home folder of nobody
        found = False
    except OSError:  # a name too long, or not permitted: the error says so
        found = True
    return sentence(str(error)) if found else f"There is nothing at {path}. {HOW_TO_NAME}"


def _show_outlook(form: MethodConfig, own: OwnImages, fill: Fill) -> bool:
    """Draw what the learned images will look like; False where a class has too few to start from."""
    smallest = own.smallest_class
    possible, better = has_enough(form, smallest), fitting_start(form, smallest)
    if possible:
        st.markdown(outlook(form, smallest))
    else:
        most = max(spec.images_per_class for spec in form.all_sets())
        st.error(
            f"The smallest class has {counted(smallest, 'image')} to learn from, fewer than the {most} per "
            f"class that are to be learned: take {better.images_per_class} per class."
        )
    if better != form:
        st.button(change_label(form, better), key="form_fitting_setup", on_click=fill, args=(better,))
    if warning := luck_sentences(len(own.class_names), sum(own.test_counts)):
        st.warning(warning)
    return possible


def _needs(config: MethodConfig) -> str:
    entry = dataset_entry(config.dataset)
    if entry is None:
        return ""
    if not entry.files:
        return "**Needs** nothing: no download, no GPU."
    here = "on this machine" if entry.on_disk else f"{megabytes(entry.download_bytes)} to download, once"
    return f"**Needs** {entry.title}: {here}."
